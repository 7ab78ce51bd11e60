import type { Factor } from '@songma/domain';

/**
 * Factors that are delivered together, from one document. A pack whose numbers change gets the next version: what is
 * registered of an older one is then replaced, and what stands on it is computed anew.
 */
export interface FactorPack {
  readonly id: string;
  /** From 1. */
  readonly version: number;
  readonly factors: readonly Factor[];
}

/** The pack with its id and version on every factor. */
export function packOf(id: string, version: number, factors: readonly Omit<Factor, 'pack'>[]): FactorPack {
  return { id, version, factors: factors.map((factor) => ({ ...factor, pack: { id, version } })) };
}
