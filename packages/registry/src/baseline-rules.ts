import { productionDriver, type Baseline } from '@songma/domain';
import type { Problem } from './registry.ts';
import type { RegisteredFacts } from './registry-view.ts';

/** Between the years of the first and the last date: a plant of longer ago is another plant, and is costly to read. */
const SPAN_YEARS_MAX = 5;

/** Why the baseline cannot be fitted, beside what it refers to not being there. */
export function baselineProblems(baseline: Baseline, registered: RegisteredFacts): Problem[] {
  return [
    ...spanProblems(baseline),
    ...modelProblems(baseline),
    ...boundaryProblems(baseline, registered),
    ...baseline.adjustments.flatMap(({ from, to }, i) =>
      from < to
        ? []
        : [{ path: `adjustments.${i}.to`, problem: `lies not after from: it is the first day without` }],
    ),
  ];
}

function spanProblems({ period, from, to }: Baseline): Problem[] {
  if (from >= to) return [{ path: 'to', problem: 'lies not after from: it is the first day without' }];
  if (Number(to.slice(0, 4)) - Number(from.slice(0, 4)) > SPAN_YEARS_MAX) {
    return [
      { path: 'to', problem: `a baseline spans at most ${SPAN_YEARS_MAX} years: choose a shorter one` },
    ];
  }
  if (period !== 'P1M') return [];
  return Object.entries({ from, to })
    .filter(([, date]) => !date.endsWith('-01'))
    .map(([path]) => ({ path, problem: 'is no first of a month: monthly periods are whole months' }));
}

function modelProblems({ model, drivers, resource, norm }: Baseline): Problem[] {
  const problems: Problem[] = [];
  if (model === 'regression' && drivers.length === 0) {
    const problem = `a regression needs drivers: "${productionDriver}", or ids of meters`;
    problems.push({ path: 'drivers', problem });
  }
  if (model === 'ratio' && drivers.length > 0) {
    problems.push({
      path: 'drivers',
      problem: 'a ratio is to production: leave them out, or choose regression',
    });
  }
  for (const [i, driver] of drivers.entries()) {
    if (drivers.indexOf(driver) < i) problems.push({ path: `drivers.${i}`, problem: `repeats "${driver}"` });
  }
  if (norm !== undefined && resource !== 'energy') {
    problems.push({ path: 'norm', problem: 'a norm is about all energy: choose resource "energy"' });
  }
  return problems;
}

/** The site and the meters must lie within the enterprise, and the meters within the site when one is named. */
function boundaryProblems(baseline: Baseline, registered: RegisteredFacts): Problem[] {
  const { enterprise, site, meters, drivers } = baseline;
  const isWithin = (id: string) =>
    (site === undefined || id === site) && registered.get('site', id)?.body.enterprise === enterprise;
  const problems: Problem[] = [];
  if (site !== undefined && registered.get('site', site) !== undefined && !isWithin(site)) {
    problems.push({ path: 'site', problem: `is no site of enterprise "${enterprise}"` });
  }
  for (const [field, ids] of Object.entries({ meters, drivers })) {
    for (const [i, id] of ids.entries()) {
      const meter = registered.get('meter', id)?.body;
      if (meter === undefined || isWithin(meter.site)) continue;
      const scope = site === undefined ? `enterprise "${enterprise}"` : `site "${site}"`;
      problems.push({
        path: `${field}.${i}`,
        problem: `meter "${id}" is at site "${meter.site}": name one of ${scope}`,
      });
    }
  }
  return problems;
}
