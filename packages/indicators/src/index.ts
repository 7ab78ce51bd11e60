export {
  computeIndicator,
  gwpSetDefault,
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
  type SumDefinition,
  type TermDefinition,
  type Valuation,
} from './definitions.ts';
export { FactorBook, type VersionedFactor } from './factor-book.ts';
export { factorEffect, type FactorEffect } from './factor-effect.ts';
export { factorPacks } from './packs/factor-packs.ts';
export type { FactorPack } from './packs/pack.ts';
