import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  createStampReader,
  feedPhase,
  meterSchema,
  meterSlots,
  OwedScan,
  owedReachMs,
  owedUntil,
  printedStamp,
  SlotGrid,
  windowAt,
  type Meter,
  type OwedRange,
  type OwedSpan,
} from '../src/index.ts';

const minuteMs = 60_000;
const quarterMs = 15 * minuteMs;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;
const at = (text: string): number => Date.parse(text);

function meterOf(changes: Readonly<Record<string, unknown>> = {}): Meter {
  return meterSchema.parse({
    id: 'mill-power',
    site: 'mill',
    name: 'Điện',
    quantity: 'electricity',
    kind: 'interval',
    unit: 'kWh',
    intervalMs: quarterMs,
    ...changes,
  });
}

const berlin = (changes: Readonly<Record<string, unknown>> = {}) =>
  meterOf({ time: { zone: 'Europe/Berlin' }, ...changes });

function owedOf(meter: Meter, times: readonly number[], range: OwedRange, pieces = 1): OwedSpan[] {
  const scan = new OwedScan(meter, meterSlots(meter, times), range);
  const spans: OwedSpan[] = [];
  const size = Math.max(1, Math.ceil(times.length / pieces));
  for (let i = 0; i < times.length; i += size) spans.push(...scan.take(times.slice(i, i + size)));
  return [...spans, ...scan.end()];
}

/** Starts of slots in a range, one after the other. */
function slotsOf(grid: SlotGrid, from: number, to: number): number[] {
  const starts: number[] = [];
  for (let n = grid.firstFrom(from); grid.start(n) < to; n++) starts.push(grid.start(n));
  return starts;
}

describe('the slots of a meter', () => {
  it.each([
    ['Europe/Berlin', '2018-03-25T12:00:00Z', quarterMs, 92],
    ['Europe/Berlin', '2018-10-28T12:00:00Z', quarterMs, 100],
    ['Europe/Berlin', '2018-10-28T12:00:00Z', hourMs, 25],
    ['Europe/Berlin', '2018-03-25T12:00:00Z', 8 * hourMs, 3],
    ['Europe/Berlin', '2018-10-28T12:00:00Z', 8 * hourMs, 3],
    ['Europe/Berlin', '2018-10-28T12:00:00Z', dayMs, 1],
    ['Asia/Ho_Chi_Minh', '2026-11-20T12:00:00Z', 5 * minuteMs, 288],
    ['Asia/Kathmandu', '2026-11-20T12:00:00Z', hourMs, 24],
  ])('in %s of the day around %s, every %d ms, are %d', (zone, instant, intervalMs, count) => {
    const day = windowAt('P1D', at(instant), zone);
    const starts = slotsOf(new SlotGrid(zone, intervalMs), day.start, day.end);
    expect(starts.length).toBe(count);
    expect(starts[0]).toBe(day.start);
  });

  it('are numbered so that each instant has one slot, whatever the interval, zone and phase', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('Asia/Ho_Chi_Minh', 'Europe/Berlin', 'America/St_Johns', 'America/Sao_Paulo'),
        fc.constantFrom(minuteMs, 7 * minuteMs, quarterMs, hourMs, 8 * hourMs, dayMs, 7 * dayMs),
        fc.integer({ min: at('1990-01-01T00:00:00Z'), max: at('2037-12-31T00:00:00Z') }),
        fc.double({ min: -0.5, max: 0.5, noNaN: true }),
        (zone, intervalMs, time, phase) => {
          const grid = new SlotGrid(zone, intervalMs, Math.round(phase * intervalMs));
          const n = grid.firstFrom(time);
          expect(grid.start(n)).toBeGreaterThanOrEqual(time);
          expect(grid.start(n - 1)).toBeLessThan(time);
          expect(grid.nearest(grid.start(n))).toBe(n);
          const near = grid.start(grid.nearest(time));
          expect(Math.abs(near - time)).toBeLessThanOrEqual(
            Math.min(grid.start(n) - time, time - grid.start(n - 1)),
          );
        },
      ),
    );
  });

  it.each<[string, number, number[], number]>([
    ['on the quarter', quarterMs, [0, 1, 2, 3].map((i) => i * quarterMs), 0],
    ['seven past', quarterMs, [0, 1, 2, 3].map((i) => i * quarterMs + 7 * minuteMs), 7 * minuteMs],
    ['two minutes before', quarterMs, [1, 2, 3].map((i) => i * quarterMs - 2 * minuteMs), -2 * minuteMs],
    ['wavering around the quarter', quarterMs, [300, quarterMs - 4200, 2 * quarterMs + 3100], 0],
    ['daily at six', dayMs, [0, 1, 2].map((i) => i * dayMs - hourMs), 6 * hourMs],
    ['without a reading', quarterMs, [], 0],
  ])('of a feed that reads %s begin when it does', (_how, intervalMs, offsets, phase) => {
    const from = at('2026-11-20T00:00:00Z');
    const times = offsets.map((offset) => from + offset);
    expect(feedPhase('Asia/Ho_Chi_Minh', intervalMs, times)).toBe(phase);
  });
});

describe('what is owed', () => {
  const from = at('2026-11-20T00:00:00+07:00');
  const quarters = (...indices: number[]) => indices.map((i) => from + i * quarterMs);
  const brief = (spans: readonly OwedSpan[]) =>
    spans.map((span) => [(span.from - from) / quarterMs, (span.to - from) / quarterMs, span.missing]);

  it('is each slot without a reading, joined into spans', () => {
    const times = quarters(0, 1, 4, 5, 7);
    expect(owedOf(meterOf(), times, { from, to: from + 10 * quarterMs })).toEqual([
      {
        from: from + 2 * quarterMs,
        to: from + 4 * quarterMs,
        last: from + 3 * quarterMs,
        missing: 2,
        expected: 2,
      },
      {
        from: from + 6 * quarterMs,
        to: from + 7 * quarterMs,
        last: from + 6 * quarterMs,
        missing: 1,
        expected: 1,
      },
      {
        from: from + 8 * quarterMs,
        to: from + 10 * quarterMs,
        last: from + 9 * quarterMs,
        missing: 2,
        expected: 2,
      },
    ]);
  });

  it('runs on over as many held slots as spans are joined over, which are then expected and not missing', () => {
    const range = { from, to: from + 10 * quarterMs };
    const times = quarters(0, 1, 4, 5, 7);
    const joined = owedOf(meterOf(), times, { ...range, joinSlots: 1 });
    expect(joined.map(({ missing, expected }) => [missing, expected])).toEqual([
      [2, 2],
      [3, 4],
    ]);
    const [whole] = owedOf(meterOf(), times, { ...range, joinSlots: 2 });
    expect(whole).toMatchObject({ missing: 5, expected: 8, to: from + 10 * quarterMs });
  });

  it('of a level begins where its hold is over', () => {
    const level = meterOf({ kind: 'level', unit: 'mg/Nm3', quantity: 'concentration' });
    const range = { from, to: from + 8 * quarterMs };
    expect(brief(owedOf(level, quarters(0, 6), range))).toEqual([[2, 6, 4]]);
    const held = { ...level, holdMaxMs: 3 * quarterMs };
    expect(brief(owedOf(held, quarters(0, 6), range))).toEqual([[3, 6, 3]]);
    expect(brief(owedOf(held, quarters(-2, 6), range))).toEqual([[1, 6, 5]]);
  });

  it('of a counter is each reading in a gap, whose amount is known all the same', () => {
    const counter = meterOf({ kind: 'counter' });
    expect(brief(owedOf(counter, quarters(0, 4), { from, to: from + 5 * quarterMs }))).toEqual([[1, 4, 3]]);
  });

  it('is nothing where a device reads early by a little and late by a little', () => {
    const times = Array.from({ length: 96 }, (_, i) => from + i * quarterMs + (i % 2 === 0 ? -4000 : 5000));
    expect(owedOf(meterOf({ kind: 'counter' }), times, { from, to: from + dayMs })).toEqual([]);
  });

  it('is told by the minute at which the feed reads', () => {
    const times = quarters(0, 1, 2, 5).map((time) => time + 7 * minuteMs);
    const [span] = owedOf(meterOf(), times, { from, to: from + 6 * quarterMs });
    expect(span).toMatchObject({ from: from + 3 * quarterMs + 7 * minuteMs, missing: 2 });
  });

  it.each([
    ['2018-03-25', '2018-03-24T23:00:00Z', '2018-03-25T22:00:00Z', 92],
    ['2018-10-28', '2018-10-27T22:00:00Z', '2018-10-28T23:00:00Z', 100],
  ])('over the whole of %s in Berlin is as many quarters as that day has', (_day, begins, ends, count) => {
    expect(owedOf(berlin(), [], { from: at(begins), to: at(ends) })).toEqual([
      { from: at(begins), to: at(ends), last: at(ends) - quarterMs, missing: count, expected: count },
    ]);
  });

  it('of a daily meter is its dates, over days of 23 and 25 hours', () => {
    const daily = berlin({ intervalMs: dayMs });
    const times = ['2018-03-23T23:00:00Z', '2018-03-26T22:00:00Z'].map(at);
    const range = { from: at('2018-03-23T23:00:00Z'), to: at('2018-03-28T22:00:00Z') };
    expect(
      owedOf(daily, times, range).map(({ missing, ...span }) => [iso(span.from), iso(span.to), missing]),
    ).toEqual([
      ['2018-03-24T23:00:00.000Z', '2018-03-26T22:00:00.000Z', 2],
      ['2018-03-27T22:00:00.000Z', '2018-03-28T22:00:00.000Z', 1],
    ]);
  });

  it('over a century is one span and no more work than over a day', () => {
    const range = { from: at('1980-01-01T00:00:00Z'), to: at('2080-01-01T00:00:00Z') };
    const [span, ...more] = owedOf(meterOf({ intervalMs: 1000 }), [], range);
    expect(more).toEqual([]);
    expect(span).toMatchObject({ missing: (range.to - range.from) / 1000, ...range });
  });

  it('is not yet what may still come', () => {
    const now = at('2026-11-20T12:00:00+07:00');
    const lastOwed = (meter: Meter) => (owedUntil(meter, now) - 1 - now) / quarterMs;
    expect(lastOwed(meterOf())).toBe(-2);
    expect(lastOwed(meterOf({ kind: 'counter' }))).toBe(-1);
    expect(lastOwed(meterOf({ kind: 'level' }))).toBe(-1);
    expect(lastOwed(meterOf({ kind: 'level', time: { stamp: 'closes' } }))).toBe(-2);
  });

  const days = ['2018-03-25T00:00:00Z', '2018-10-28T00:00:00Z', '2026-11-20T00:00:00Z'].map(at);
  it('and what is held are together what is expected, and never the same slot', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('Asia/Ho_Chi_Minh', 'Europe/Berlin', 'America/St_Johns'),
        fc.constantFrom('interval', 'level', 'counter'),
        fc.constantFrom(5 * minuteMs, quarterMs, hourMs, 8 * hourMs, dayMs),
        fc.constantFrom(...days),
        fc.array(fc.boolean(), { minLength: 1, maxLength: 60 }),
        fc.integer({ min: 0, max: 30 }),
        fc.integer({ min: 1, max: 4 }),
        (zone, kind, intervalMs, begin, present, skip, pieces) => {
          const meter = meterOf({ kind, intervalMs, time: { zone } });
          const grid = new SlotGrid(zone, intervalMs);
          const first = grid.firstFrom(begin);
          const starts = present.map((_one, i) => grid.start(first + i));
          const times = starts.filter((_start, i) => present[i]);
          const range = {
            from: starts[Math.min(skip, starts.length - 1)]!,
            to: grid.start(first + present.length),
          };
          const owed = owedOf(meter, times, range, pieces).flatMap((span) =>
            slotsOf(grid, span.from, span.to),
          );
          const isHeld = (start: number) =>
            times.some((time) =>
              kind === 'level' ? time <= start && start < time + 2 * intervalMs : time === start,
            );
          const expected = slotsOf(grid, range.from, range.to);
          expect(owed).toEqual(expected.filter((start) => !isHeld(start)));
        },
      ),
    );
  });

  it('does not depend on readings beyond its reach', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('interval', 'level', 'counter'),
        fc.uniqueArray(fc.integer({ min: -40, max: 60 }), { maxLength: 40 }),
        (kind, indices) => {
          const meter = meterOf({ kind });
          const range = { from, to: from + 24 * quarterMs };
          const times = quarters(...indices.toSorted((a, b) => a - b));
          const reach = owedReachMs(meter);
          const near = times.filter((time) => time >= range.from - reach && time < range.to + reach);
          expect(owedOf(meter, near, range)).toEqual(owedOf(meter, times, range));
        },
      ),
    );
  });
});

describe('the stamp that a logger printed', () => {
  const steel = { zone: 'Asia/Seoul', stamp: 'closes', midnight: 'ends-day' } as const;

  it.each([
    ['2017-12-31T15:00:00Z', '2018-01-01T00:15:00'],
    ['2018-01-01T14:45:00Z', '2018-01-01T00:00:00'],
    ['2018-01-01T14:30:00Z', '2018-01-01T23:45:00'],
  ])('of the steel works for %s is %s', (time, stamp) => {
    expect(printedStamp(steel, quarterMs, 'interval', at(time))).toBe(stamp);
  });

  it('is read back as the stored time, but for the second of an hour that occurs twice', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('Asia/Ho_Chi_Minh', 'Europe/Berlin', 'America/St_Johns'),
        fc.constantFrom('opens', 'closes'),
        fc.constantFrom('begins-day', 'ends-day'),
        fc.constantFrom(quarterMs, hourMs, dayMs),
        fc.constantFrom('interval', 'level', 'counter'),
        fc.integer({ min: at('2015-01-01T00:00:00Z'), max: at('2030-01-01T00:00:00Z') }),
        (zone, stamp, midnight, intervalMs, kind, instant) => {
          const convention = { zone, stamp, midnight } as const;
          const grid = new SlotGrid(zone, intervalMs);
          const time = grid.start(grid.firstFrom(instant));
          const read = createStampReader(convention, intervalMs, kind);
          const again = read(printedStamp(convention, intervalMs, kind, time));
          expect(typeof again === 'object' ? Object.values(again) : [again]).toContain(time);
        },
      ),
    );
  });
});

function iso(time: number): string {
  return new Date(time).toISOString();
}
