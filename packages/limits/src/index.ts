export {
  reconcileAlerts,
  type AlertRevision,
  type Judged,
  type LimitScope,
  type Revising,
} from './alert-reconciliation.ts';
export { conditionContent, isStanding, staleAfterWindows } from './alert-content.ts';
export { availabilityOf, type Availability, type AvailabilityHour } from './availability.ts';
export { conditionsOf, surroundingsOf, type Condition, type Surroundings } from './conditions.ts';
export { isValidHour, validityOf, type HourFacts } from './hour-validity.ts';
export {
  boundsOf,
  factorExempt,
  factorsApply,
  judgedLimitOnMeter,
  limitOnMeter,
  type Bounds,
  type GasRefusal,
  type LimitedMeter,
  type UnitRefusal,
} from './limit-value.ts';
export { limitNorms, type LimitNorm } from './norms.ts';
export { operationOf, type Operation } from './operation.ts';
export { severityBands, severityOf } from './severity.ts';
export {
  judge,
  judgeHours,
  validMeanOf,
  type LimitedHour,
  type UnjudgedReason,
  type Verdict,
} from './verdict.ts';
