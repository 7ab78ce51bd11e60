export { confidences, counterVerdicts, type Confidence, type CounterVerdict } from './counter-verdicts.ts';
export { irregularReadings, judgeCounter, type CounterJudgement } from './counters.ts';
export { counterGapMaxMs, counterHoldBackMs, nearReadingsMax } from './counter-reach.ts';
export * from './alert.ts';
export * from './alert-steps.ts';
export * from './allocation.ts';
export * from './api-key.ts';
export * from './credential.ts';
export * from './assurance.ts';
export * from './baseline.ts';
export * from './case-kinds.ts';
export * from './case-steps.ts';
export * from './derived-inputs.ts';
export * from './derived.ts';
export * from './desk-entities.ts';
export * from './entities.ts';
export * from './factor.ts';
export * from './feed-shift.ts';
export * from './feed-statistics.ts';
export * from './feed-trace.ts';
export {
  NumberTexts,
  decimalMarks,
  type DecimalMark,
  type NumberConvention,
  type NumberProblem,
  type NumberTextsOptions,
} from './number-texts.ts';
export * from './notice-steps.ts';
export * from './owed.ts';
export * from './participation.ts';
export * from './places.ts';
export * from './publications.ts';
export * from './quarantine.ts';
export { dateSchema, idSchema, timeMsEnd, timeMsMin } from './fields.ts';
export * from './qualified-readings.ts';
export { compileFormula, type CompiledFormula, type FormulaInput, type FormulaProblem } from './formula.ts';
export { gasBasisOf, moistureVi, type GasBasis, type GasConflict } from './gas-basis.ts';
export {
  gasMeasureOf,
  gasStateSchema,
  gasStateText,
  isSameState,
  referenceOxygenSchema,
  volumeRatio,
  type GasMeasure,
  type GasState,
} from './gas-state.ts';
export * from './intervals.ts';
export * from './life.ts';
export * from './limit.ts';
export { codeOfLimit, parameterCodeOf, parameterCodes, type ParameterCode } from './parameters.ts';
export * from './measuring-range.ts';
export * from './meter-readings.ts';
export * from './readings.ts';
export * from './refusals.ts';
export { registerDoubts, type RegisterDoubts } from './register-doubts.ts';
export * from './rollup-record.ts';
export * from './roles.ts';
export * from './rollup.ts';
export { rulesHistory, rulesVersion, type RulesChange } from './rules.ts';
export * from './shards.ts';
export * from './slots.ts';
export * from './source-mapper.ts';
export * from './source-mapping.ts';
export * from './spans.ts';
export { stampPattern, stampTokens, type StampPattern } from './stamp-patterns.ts';
export * from './stamps.ts';
export {
  conversionBetween,
  expectedOf,
  noSuccession,
  successionOf,
  successorsOf,
  takesOver,
  type Succession,
} from './succession.ts';
export * from './sums.ts';
export { toldByReadings, type Told } from './told.ts';
export * from './time-zone.ts';
export * from './topics.ts';
export { isUnit, unitConversion, type UnitConversion, type UnitProblem } from './units.ts';
export * from './value-words.ts';
export * from './voided-readings.ts';
export * from './windows.ts';
