import { expect, it } from 'vitest';
import { buildWorld, valueOf } from '../support/world.ts';
import { dayMs, stepMs, stepsPerDay, type Filled } from './filled-years.ts';
import { judgeOf, type Shown } from './shown-indicators.ts';

const world = buildWorld({
  ...{ seed: 2, enterprises: 1, sitesPerEnterprise: 2, metersPerSite: 3, stepMs },
  from: Date.UTC(2025, 9, 31, 17),
});
const site = world.sites[0]!;

/** A day's intensity, added up by hand: meter 0 is of electricity, 1 of production, 2 of water. */
function byHand(
  sites: readonly number[],
  day: number,
  more: { electricity: number; production: number },
): number {
  let [electricity, production] = [0, 0];
  for (const index of sites) {
    for (let step = day * stepsPerDay; step < (day + 1) * stepsPerDay; step++) {
      electricity += valueOf(world.spec, index, 0, 'electricity', step);
      production += valueOf(world.spec, index, 1, 'production', step);
    }
  }
  return (electricity + more.electricity) / (production + more.production);
}

it('the judge of corrections takes what was corrected, and refuses what stood before, nothing, and anything else', () => {
  const filled: Filled = {
    world,
    steps: 10 * stepsPerDay,
    corrected: new Map([
      [0, new Set([3])],
      [1, new Set()],
    ]),
  };
  const isRight = judgeOf(filled, site);
  const shown = (day: number, value: number | null, of?: string): Shown => ({
    name: 'electricity-intensity',
    ...(of === undefined ? {} : { site: of }),
    start: new Date(world.spec.from + day * dayMs).toISOString(),
    end: new Date(world.spec.from + (day + 1) * dayMs).toISOString(),
    value,
  });
  const corrected = { electricity: 5 * stepsPerDay, production: 0.1 * stepsPerDay };
  const none = { electricity: 0, production: 0 };
  expect(isRight(shown(3, byHand([0, 1], 3, corrected)))).toBe(true);
  expect(isRight(shown(3, byHand([0], 3, corrected), site.id))).toBe(true);
  expect(isRight(shown(4, byHand([0, 1], 4, none)))).toBe(true);

  expect(isRight(shown(3, byHand([0, 1], 3, none)))).toBe(false);
  expect(isRight(shown(3, byHand([0], 3, corrected)))).toBe(false);
  expect(isRight(shown(3, null))).toBe(false);
  expect(isRight(shown(4, byHand([0, 1], 4, none) * (1 + 1e-8)))).toBe(false);
});

it('the judge of corrections knows what a counter of water counted', () => {
  const filled: Filled = {
    world,
    steps: 10 * stepsPerDay,
    corrected: new Map([
      [0, new Set()],
      [1, new Set()],
    ]),
  };
  const reading = (day: number) => valueOf(world.spec, 0, 2, 'water', day * stepsPerDay);
  let production = 0;
  for (let step = 0; step < stepsPerDay; step++) production += valueOf(world.spec, 0, 1, 'production', step);
  const shown = {
    ...{ name: 'water-intensity', site: site.id },
    start: new Date(world.spec.from).toISOString(),
    end: new Date(world.spec.from + dayMs).toISOString(),
  };
  const value = (reading(1) - reading(0)) / production;
  expect(judgeOf(filled, site)({ ...shown, value })).toBe(true);
  expect(judgeOf(filled, site)({ ...shown, value: value + 1e-6 })).toBe(false);
});
