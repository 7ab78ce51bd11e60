export {
  baseLoad,
  fitRegression,
  type Coefficient,
  type NoFit,
  type RegressionFit,
} from './baselines/regression.ts';
export {
  computeIndicator,
  indicatorIdOf,
  publishIndicator,
  type IndicatorDraft,
  type IndicatorScope,
  type ScopedMeter,
} from './compute.ts';
export {
  indicatorDefinitions,
  inputRole,
  type IndicatorDefinition,
  type MeterSelection,
} from './definitions.ts';
