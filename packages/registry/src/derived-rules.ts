import { compileFormula, inputsOf, isDerived, takesOver, withParts, type Meter } from '@songma/domain';
import type { Problem } from './registry.ts';
import type { RegisteredFacts } from './registry-view.ts';

/** What says how readings are to be taken: a derived meter has none. */
const OF_READINGS = [
  'holdMaxMs',
  'validRange',
  'belowDetection',
  'symbol',
  'interval',
] as const satisfies readonly (keyof Meter)[];

/** Why a meter cannot be derived from its inputs, or cannot be derived at all; empty for others. */
export function derivedProblems(
  meter: Meter,
  former: Meter | undefined,
  registered: RegisteredFacts,
): Problem[] {
  if (former !== undefined && isDerived(former) !== isDerived(meter)) {
    const problem = isDerived(former)
      ? 'a derived meter stays derived: register a new meter for readings'
      : 'a meter with readings cannot become derived: register a new meter';
    return [{ path: 'formula', problem }];
  }
  if (!isDerived(meter)) {
    if (meter.inputs === undefined) return doubleCounting(meter, registered);
    return [{ path: 'inputs', problem: 'only a formula has inputs: tell the formula, or leave them out' }];
  }
  const problems: Problem[] = [];
  if (inputsOf(meter).length === 0) {
    problems.push({
      path: 'inputs',
      problem: 'a formula needs the meters that it names: {"name": "meter id"}',
    });
  }
  if (meter.kind === 'counter') {
    const problem = 'a formula gives no register: choose "interval" for an amount, or "level"';
    problems.push({ path: 'kind', problem });
  }
  for (const path of OF_READINGS) {
    if (meter[path] === undefined) continue;
    problems.push({ path, problem: 'is about readings, and a derived meter has none: leave it out' });
  }
  if (meter.multiplier !== 1) {
    problems.push({ path: 'multiplier', problem: 'is about readings: multiply in the formula' });
  }
  const cycles = cycleProblems(meter, registered);
  if (cycles.length > 0) return [...problems, ...cycles];
  return [...problems, ...siteProblems(meter, registered), ...doubleCounting(meter, registered)];
}

/**
 * Why the formula cannot be computed: its words, or the units of its meters. What is not registered is told elsewhere.
 */
export function formulaProblems(meter: Meter, registered: Pick<RegisteredFacts, 'get'>): Problem[] {
  if (!isDerived(meter) || meter.inputs === undefined || meter.kind === 'counter') return [];
  const inputs = Object.entries(meter.inputs).map(
    ([name, id]) => [name, registered.get('meter', id)?.body] as const,
  );
  if (inputs.some(([, input]) => input === undefined)) return [];
  const formula = compileFormula(meter.formula, Object.fromEntries(inputs) as Record<string, Meter>, meter);
  return 'problem' in formula
    ? [{ path: 'formula', problem: `at character ${formula.at}: ${formula.problem}` }]
    : [];
}

/**
 * Why a meter cannot be read in place of the one that it follows by the formulas over that one; empty where no formula
 * is.
 */
export function successionProblems(
  meter: Meter,
  registered: Pick<RegisteredFacts, 'get' | 'metersOfSite'>,
): Problem[] {
  const former = meter.follows === undefined ? undefined : registered.get('meter', meter.follows)?.body;
  if (former === undefined || takesOver(former, meter)) return [];
  const over = registered.metersOfSite(meter.site).filter((other) => inputsOf(other).includes(former.id));
  if (over.length === 0) return [];
  const named = over.map(({ id }) => `"${id}"`).join(', ');
  const { kind, unit, countsAs = 'total' } = former;
  return [
    {
      path: 'follows',
      problem:
        `${named} is made of meter "${former.id}", and this one cannot be read in its place: let it be a ${kind} in a ` +
        `unit that converts to "${unit}" and count as "${countsAs}"`,
      vi:
        `${named} được tính từ công tơ "${former.id}", còn công tơ này không thay được: hãy chọn loại "${kind}", đơn vị ` +
        `quy đổi được sang "${unit}" và tính là "${countsAs}"`,
    },
  ];
}

function siteProblems({ site, inputs = {} }: Meter, registered: RegisteredFacts): Problem[] {
  return Object.entries(inputs).flatMap(([name, id]) => {
    const input = registered.get('meter', id)?.body;
    if (input === undefined || input.site === site) return [];
    return [
      {
        path: `inputs.${name}`,
        problem: `meter "${id}" is at site "${input.site}": a formula is over meters of its own site, "${site}"`,
      },
    ];
  });
}

function cycleProblems({ id, inputs = {} }: Meter, registered: RegisteredFacts): Problem[] {
  return Object.entries(inputs).flatMap(([name, input]) => {
    const way = wayTo(id, input, registered);
    if (way === undefined) return [];
    const shown = [id, ...way].map((one) => `"${one}"`).join(' → ');
    return [{ path: `inputs.${name}`, problem: `the meter would be made of itself: ${shown}` }];
  });
}

/** The ids from one meter over what it is made of to another; undefined when it is not made of that. */
function wayTo(
  wanted: string,
  from: string,
  registered: RegisteredFacts,
  seen = new Set<string>(),
): string[] | undefined {
  if (from === wanted) return [from];
  if (seen.has(from)) return undefined;
  seen.add(from);
  const meter = registered.get('meter', from)?.body;
  if (meter === undefined) return undefined;
  for (const input of inputsOf(meter)) {
    const way = wayTo(wanted, input, registered, seen);
    if (way !== undefined) return [from, ...way];
  }
  return undefined;
}

/**
 * Indicators add up what counts as a total, so an amount must not stand in them twice: by itself, and in a derived
 * amount of the same quantity.
 */
function doubleCounting(meter: Meter, registered: RegisteredFacts): Problem[] {
  if (!isTotal(meter)) return [];
  const within = isDerived(meter) ? [...partsOf(meter, registered)] : [];
  const around = registered
    .metersOfSite(meter.site)
    .filter((other) => other.id !== meter.id && isDerived(other) && partsOf(other, registered).has(meter.id));
  const parts = within.flatMap((id) => registered.get('meter', id)?.body ?? []);
  const twice = [...parts, ...around].filter(
    (other) => isTotal(other) && other.quantity === meter.quantity && other.carrier === meter.carrier,
  );
  if (twice.length === 0) return [];
  const named = twice.map(({ id }) => `"${id}"`).join(', ');
  return [
    {
      path: 'countsAs',
      problem: `the same ${meter.quantity} counts in ${named} already: let the one or the other count as "part"`,
    },
  ];
}

function isTotal({ kind, countsAs }: Meter): boolean {
  return kind !== 'level' && countsAs !== 'part';
}

/** Everything that a derived meter is made of, directly or not. */
function partsOf(meter: Meter, registered: RegisteredFacts): Set<string> {
  return withParts((id) => registered.get('meter', id)?.body, inputsOf(meter));
}
