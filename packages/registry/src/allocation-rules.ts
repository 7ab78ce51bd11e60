import type { Allocation } from '@songma/domain';
import type { Problem } from './registry.ts';

/** Why an allocation cannot be taken, as far as that follows from itself; empty when it can, or none is stated. */
export function allocationProblems(allocation: Allocation | undefined): Problem[] {
  if (allocation === undefined) return [];
  const { rule, weights } = allocation;
  const path = 'allocation.weights';
  if (rule !== 'equivalent') {
    if (weights === undefined) return [];
    return [{ path, problem: `only equivalent products have weights: leave them out for rule "${rule}"` }];
  }
  if (weights === undefined) return [{ path, problem: 'equivalent products need a weight for each product' }];
  return weights.flatMap(({ product }, i) =>
    weights.findIndex((other) => other.product === product) < i
      ? [{ path: `${path}.${i}.product`, problem: `repeats "${product}"` }]
      : [],
  );
}
