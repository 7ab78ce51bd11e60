export { criterionNames, spanDaysMin, type Criterion, type CriterionName } from './baselines/acceptance.ts';
export { findChangePoint, type ChangePoint } from './baselines/change-point.ts';
export {
  baselineMeters,
  baselinePeriod,
  baselineUnit,
  metersToMatch,
  type BaselineMeters,
  type CountedMeter,
  type FuelEnergy,
  type MatchedPeriod,
} from './baselines/inputs.ts';
export {
  matchPeriod,
  matchWholePeriod,
  type MeterWindow,
  type MeterWindowOf,
  type PeriodInput,
  type PeriodRollup,
} from './baselines/period-flows.ts';
export {
  baselineWithheld,
  fitBaseline,
  type BaselineTerms,
  type BaselineWithheld,
  type FittedBaseline,
  type InputRange,
  type RatioFit,
} from './baselines/model.ts';
export { leftOutReasons, type BaselinePeriod, type LeftOut, type Measured } from './baselines/periods.ts';
export {
  baseLoad,
  fitRegression,
  type Coefficient,
  type NoFit,
  type RegressionFit,
} from './baselines/regression.ts';
export {
  computeSavings,
  periodFlags,
  type Adjustment,
  type PeriodFlag,
  type SavingPeriod,
  type Savings,
  type SavingTotals,
} from './baselines/savings.ts';
export { secNorms } from './baselines/sec-norm-pack.ts';
export {
  judgeSec,
  secNorm,
  secVerdicts,
  type NormBound,
  type SecJudgement,
  type SecNorm,
} from './baselines/sec-norms.ts';
export { judgeYears, type SecYear } from './baselines/sec-years.ts';
export { judgeTargets, targetBands, type TargetBand, type TargetJudgement } from './baselines/targets.ts';
export {
  computeIndicator,
  gwpSetDefault,
  indicatorIdOf,
  matchedWindow,
  type IndicatorDraft,
  type IndicatorScope,
  type MatchedWindow,
  type ScopedMeter,
  type StatedAllocation,
} from './compute.ts';
export {
  definitionsFor,
  indicatorDefinitions,
  inputRole,
  isInput,
  pollutantIntensity,
  type IndicatorDefinition,
  type SumDefinition,
  type TermDefinition,
  type Valuation,
} from './definitions.ts';
export {
  areAlwaysThere,
  flowsOf,
  matchFlows,
  matchWholeFlows,
  sharedMs,
  type Flow,
  type InputLife,
} from './flows.ts';
export {
  matchingStep,
  matchWhole,
  matchWindow,
  mergeMatched,
  type Matched,
  type MatchedRollup,
  type MatchedPart,
  type MatchingStep,
} from './matching.ts';
export { productionUnit } from './production-units.ts';
export { mayRestate, publishIndicator, restating, withdrawnIndicator } from './publish.ts';
export { FactorBook, type VersionedFactor } from './factor-book.ts';
export { factorEffect, type FactorEffect } from './factor-effect.ts';
export { factorPacks } from './packs/factor-packs.ts';
export type { FactorPack } from './packs/pack.ts';
export {
  judgeDeclared,
  judgeSaving,
  savingNotAsked,
  targetStates,
  type EnterpriseFacts,
  type ProgrammeJudgement,
  type SavingFact,
  type TargetState,
} from './programme/judge.ts';
export {
  programmeReasons,
  reasonText,
  type ProgrammeReason,
  type ProgrammeReasonCode,
} from './programme/reasons.ts';
export { chooseBaseline, savingFact } from './programme/saving-fact.ts';
export { shareOf, type TargetShare } from './programme/shares.ts';
export {
  isCounted,
  targetSetOn,
  targetSets,
  type CountedTarget,
  type ProgrammeTarget,
  type SavingTarget,
  type TargetSet,
  type UncountedTarget,
} from './programme/target-sets.ts';
export { isInSector, sectorClass } from './sectors.ts';
export { productsOf } from './sides.ts';
export { Valuer } from './valuation.ts';
export {
  membersMin,
  ownPlace,
  rankGroup,
  unrankedFor,
  unitOfMost,
  unrankedReasons,
  type BetterIs,
  type OwnPlace,
  type Quartile,
  type Ranking,
  type UnrankedReason,
} from './programme/ranking.ts';
export {
  assessmentSteps,
  taskFeeds,
  type AssessmentStep,
  type AssessmentTask,
  type TaskFeed,
} from './programme/assessment-tasks.ts';
