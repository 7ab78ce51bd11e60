import { isDerived, type EntityOf } from '@songma/domain';
import type { Problem } from './registry.ts';
import type { RegisteredFacts } from './registry-view.ts';

/** Why a limit cannot be taken, as far as that follows from itself; empty when it can. */
export function limitProblems(limit: EntityOf<'limit'>): Problem[] {
  const { value, range, factors, validFrom, validTo } = limit;
  const problems: Problem[] = [];
  if ((value === undefined) === (range === undefined)) {
    const problem = 'give an upper "value", or a "range" that has bounds of its own: one of the two';
    problems.push({ path: range === undefined ? 'value' : 'range', problem });
  }
  if (range !== undefined) {
    const { min, max } = range;
    if (min === undefined && max === undefined) {
      problems.push({ path: 'range', problem: 'has no bound: give "min", "max" or both' });
    }
    if (min !== undefined && max !== undefined && min >= max) {
      problems.push({
        path: 'range',
        problem: `min ${min} is not below max ${max}: every mean would break it`,
      });
    }
    if (Object.keys(factors).length > 0) {
      problems.push({ path: 'factors', problem: 'no factors apply to a range: leave them out' });
    }
  }
  if (validTo !== undefined && validTo <= validFrom) {
    problems.push({
      path: 'validTo',
      problem: 'lies not after validFrom: the limit would never be in force',
    });
  }
  return problems;
}

/** Why it cannot be told like this whether a source operates; empty when it can. */
export function operatingProblems(source: EntityOf<'source'>, registered: RegisteredFacts): Problem[] {
  if (source.operating === undefined) return [];
  const { meter: id, above, below } = source.operating;
  const problems: Problem[] = [];
  if ((above === undefined) === (below === undefined)) {
    const problem = 'say beyond which value it operates: "above" or "below", one of the two';
    problems.push({ path: 'operating', problem });
  }
  const meter = registered.get('meter', id)?.body;
  if (meter === undefined) return problems;
  if (meter.site !== source.site) {
    const problem = `meter "${id}" is at site "${meter.site}": name one of site "${source.site}"`;
    problems.push({ path: 'operating.meter', problem });
  }
  if (meter.kind === 'counter') {
    const problem = `meter "${id}" is a counter, which has no state: name a level or an interval meter`;
    problems.push({ path: 'operating.meter', problem });
  }
  if (isDerived(meter) && meter.kind === 'interval') {
    const problem = `meter "${id}" is a derived amount, which has no greatest value: name a level`;
    problems.push({ path: 'operating.meter', problem });
  }
  return problems;
}
