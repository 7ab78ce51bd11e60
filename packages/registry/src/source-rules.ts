import { assuranceProblem, type Sourced } from '@songma/domain';
import type { Problem } from './registry.ts';

/** Why it cannot be said like this how sure something is; empty when it can, or nothing is said. */
export function sourceProblems(source: Sourced | undefined, path = 'source'): Problem[] {
  const problem = source === undefined ? undefined : assuranceProblem(source);
  return problem === undefined ? [] : [{ path: `${path}.assurance`, problem }];
}
