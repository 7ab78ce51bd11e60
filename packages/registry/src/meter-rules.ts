import { isDeepStrictEqual } from 'node:util';
import { isDerived, longestIntervalMs, type Meter } from '@songma/domain';
import { derivedProblems } from './derived-rules.ts';
import { lifeProblems } from './life-rules.ts';
import type { Problem } from './registry.ts';
import type { RegisteredFacts } from './registry-view.ts';

/** Quantities that are told apart by what carries them. */
const CARRIED: readonly Meter['quantity'][] = ['fuel', 'heat', 'electricity', 'refrigerant'];

/** Why a meter cannot be taken, beside what it refers to not being there; `former` stood under its id before. */
export function meterProblems(
  meter: Meter,
  former: Meter | undefined,
  registered: RegisteredFacts,
): Problem[] {
  const problems: Problem[] = [];
  const source = meter.source === undefined ? undefined : registered.get('source', meter.source)?.body;
  if (source !== undefined && source.site !== meter.site) {
    problems.push({
      path: 'source',
      problem: `source "${source.id}" is at site "${source.site}": name a source of site "${meter.site}"`,
    });
  }
  if (meter.kind !== 'counter') {
    for (const path of ['registerWidth', 'ratePerHourMax', 'direction', 'resets', 'swaps'] as const) {
      if (meter[path] === undefined) continue;
      problems.push({
        path,
        problem: `only a counter has a register: leave it out for kind "${meter.kind}"`,
      });
    }
  }
  for (const [i, { at }] of (meter.swaps ?? []).entries()) {
    if (i > 0 && at <= meter.swaps![i - 1]!.at) {
      problems.push({ path: `swaps.${i}.at`, problem: 'lies not after the swap before it' });
    }
  }
  if (meter.kind === 'counter' && meter.belowDetection !== undefined) {
    const problem = 'a register is never below detection: leave it out for kind "counter"';
    problems.push({ path: 'belowDetection', problem });
  }
  if (meter.resets !== undefined && meter.direction !== undefined && meter.direction !== 'up') {
    const problem = `a register that runs "${meter.direction}" does not begin at zero: leave it out`;
    problems.push({ path: 'resets', problem });
  }
  const { interval, intervalMs } = meter;
  if (interval !== undefined && longestIntervalMs(interval) !== intervalMs) {
    const problem = `must be ${longestIntervalMs(interval)}, the longest that ${interval} lasts, or interval be left out`;
    problems.push({ path: 'intervalMs', problem });
  }
  const { min, max } = meter.validRange ?? {};
  if (min !== undefined && max !== undefined && min >= max) {
    problems.push({
      path: 'validRange',
      problem: `min ${min} is not below max ${max}: every value lies outside`,
    });
  }
  return [
    ...problems,
    ...parentProblems(meter, registered),
    ...lifeProblems(meter, former, registered),
    ...subjectProblems(meter),
    ...changedStatements(meter, former),
    ...derivedProblems(meter, former, registered),
  ];
}

/** Fields of a meter with readings that may be stated afterwards, and then stand for good. */
const STATED_FOR_GOOD = ['gasState', 'referenceOxygen'] as const satisfies readonly (keyof Meter)[];

function changedStatements(meter: Meter, former: Meter | undefined): Problem[] {
  // What is derived is computed again.
  if (former === undefined || isDerived(meter)) return [];
  return STATED_FOR_GOOD.filter(
    (field) => former[field] !== undefined && !isDeepStrictEqual(meter[field], former[field]),
  ).map((path) => ({
    path,
    problem: `cannot change from ${JSON.stringify(former[path])}; stored readings mean it: register a new meter`,
    vi: `không thể đổi từ ${JSON.stringify(former[path])}; các số đọc đã lưu theo đó: hãy đăng ký công tơ mới`,
  }));
}

/** Why the meter cannot be a part of the one that it names; what is no part of itself needs no bound of its own. */
function parentProblems(meter: Meter, registered: RegisteredFacts): Problem[] {
  for (let above = meter.parent; above !== undefined;) {
    if (above === meter.id) {
      const problem = `meter "${meter.id}" would be a part of itself: name the meter that measures the whole`;
      return [{ path: 'parent', problem }];
    }
    const parent = registered.get('meter', above)?.body;
    if (parent !== undefined && parent.site !== meter.site) {
      const problem = `meter "${parent.id}" is at site "${parent.site}": name a meter of site "${meter.site}"`;
      return [{ path: 'parent', problem }];
    }
    above = parent?.parent;
  }
  return [];
}

/** What a meter is about beside its quantity. */
function subjectProblems({ quantity, carrier, substance, calorific }: Meter): Problem[] {
  const problems: Problem[] = [];
  if (carrier !== undefined && !CARRIED.includes(quantity)) {
    const problem = `only ${CARRIED.join(', ')} have a carrier: leave it out for quantity "${quantity}"`;
    problems.push({ path: 'carrier', problem });
  }
  if (calorific !== undefined && quantity !== 'fuel') {
    problems.push({ path: 'calorific', problem: 'only fuel has a calorific value: leave it out' });
  }
  if (carrier === undefined && quantity === 'refrigerant') {
    problems.push({ path: 'carrier', problem: 'a refrigerant must be named, such as r-134a' });
  }
  if ((substance === undefined) === (quantity === 'pollutant')) {
    problems.push({
      path: 'substance',
      problem:
        substance === undefined
          ? 'a pollutant must be named, such as NOx'
          : `only a pollutant has a substance: leave it out for quantity "${quantity}"`,
    });
  }
  return problems;
}
