export { alertIdOf, reconcileAlerts, type LimitScope } from './alert-steps.ts';
export { AlertBook, type AlertState } from './alert-book.ts';
export { availabilityOf, type Availability, type AvailabilityHour } from './availability.ts';
export { conditionsOf, surroundingsOf, type Condition, type Surroundings } from './conditions.ts';
export { isValidHour, validityOf, type HourFacts } from './hour-validity.ts';
export { boundsOf, factorExempt, factorsApply, type Bounds } from './limit-value.ts';
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
