import { flag, rollupHours, windowsBetween, type MeterReadings } from '@songma/domain';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readSlice } from '../src/series/slices.ts';
import { openApi, type ApiWorld } from './api-world.ts';

let world: ApiWorld;
beforeAll(async () => {
  world = await openApi();
  const { meter } = world.registry.meter('mill-power')!;
  const body = { ...meter, id: 'mill-register', kind: 'counter' };
  const command = { kind: 'meter', entity: body.id, expectedVersion: 0, body, by: 'test' } as const;
  await world.registry.submit(command);
});
afterAll(() => world.close());

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
const spanDays = 20;
/** Each run has days of its own, far enough from those of the others that no counter reaches over. */
let nextStart = Date.parse('2020-01-01T00:00:00+07:00');

/**
 * A register that was silent for days before and after it showed 0: its slice stands on what is older than three days.
 */
const silences: [number, number, number, number | undefined][] = [
  [1, 21, 0, undefined],
  [3, 17, 0, undefined],
  [348, 29, 0, 0],
  [537, 2, 0, undefined],
  [848, 42, 0, undefined],
  [1054, 30, 0, 1e6],
];

/**
 * Few readings, so that silences are long, or some more, and many of them mute. Quarter hours since the start, rise,
 * flags, and what is shown instead of the register.
 */
const historyArbitrary = fc.uniqueArray(
  fc.tuple(
    fc.integer({ min: 0, max: spanDays * 96 - 1 }),
    fc.integer({ min: 0, max: 50 }),
    fc.constantFrom(0, 0, flag.calibrating, flag.fault),
    fc.constantFrom(undefined, undefined, undefined, undefined, undefined, 0, 1e6),
  ),
  { minLength: 1, maxLength: 150, size: 'max', selector: ([quarter]) => quarter },
);

describe('the readings of a slice', () => {
  it.each(['mill-register', 'mill-power', 'kiln-pm'])(
    'give the windows of %s that its whole history gives, whatever is mute or missing around',
    async (id) => {
      const { meter, site } = world.registry.meter(id)!;
      await fc.assert(
        fc.asyncProperty(
          historyArbitrary,
          fc.integer({ min: 0, max: spanDays - 1 }),
          fc.integer({ min: 1, max: 3 }),
          async (history, firstDay, days) => {
            const start = nextStart;
            nextStart += 60 * dayMs;
            const readings = readingsOf(start, history);
            await world.store(
              id,
              Array.from(readings.times, (time, i) => [time, readings.values[i]!, readings.flags[i]!]),
            );
            const slice = { from: start + firstDay * dayMs, to: start + (firstDay + days) * dayMs };
            const windows = windowsBetween('PT1H', slice.from, slice.to, site.timeZone);
            const held = await readSlice(world.seriesStore, world.registry.meter(id)!, slice, undefined);
            expect(rollupHours(meter, site.timeZone, held, windows)).toEqual(
              rollupHours(meter, site.timeZone, readings, windows),
            );
          },
        ),
        { numRuns: 60, examples: [[silences, 4, 2]] },
      );
    },
  );
});

function readingsOf(
  start: number,
  history: readonly (readonly [number, number, number, number | undefined])[],
): MeterReadings {
  const ordered = history.toSorted(([a], [b]) => a - b);
  let register = 1_000;
  return {
    times: Float64Array.from(ordered, ([quarter]) => start + (quarter * hourMs) / 4),
    values: Float64Array.from(ordered, ([, rise, , instead]) => instead ?? (register += rise)),
    flags: Uint8Array.from(ordered, ([, , flags]) => flags),
  };
}
