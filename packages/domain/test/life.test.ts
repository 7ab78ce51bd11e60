import { describe, expect, it } from 'vitest';
import {
  deriveMeter,
  flag,
  lifeMsIn,
  markOutsideLife,
  mergeRollups,
  meterSchema,
  rollupHours,
  rollupSpans,
  roundTo15Digits,
  saysSomething,
  toldByReadings,
  windowsBetween,
  type DerivedMeter,
  type Meter,
} from '../src/index.ts';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;
const zone = 'Asia/Ho_Chi_Minh';
/** Midnight of 2026-03-02 in Ha Noi. */
const midnight = Date.parse('2026-03-01T17:00:00Z');
const at = (minute: number) => midnight + minute * minuteMs;

function meter(fields: Partial<Meter> & Pick<Meter, 'kind'>): Meter {
  return meterSchema.parse({
    ...{ id: 'm', site: 's', name: 'M', quantity: 'electricity', unit: 'kWh', intervalMs: 15 * minuteMs },
    ...fields,
  });
}

/** A reading each quarter of an hour of a day, as the store gives it: with what lies outside of the life marked. */
function quarters(of: Meter, valueAt: (i: number) => number) {
  return markOutsideLife(of, {
    times: Float64Array.from({ length: 97 }, (_, i) => at(15 * i)),
    values: Float64Array.from({ length: 97 }, (_, i) => valueAt(i)),
    flags: new Uint8Array(97),
  });
}

const hours = windowsBetween('PT1H', midnight, midnight + dayMs, zone);
const [day] = windowsBetween('P1D', midnight, midnight + 1, zone);
const dayOf = (of: Meter, valueAt: (i: number) => number) =>
  mergeRollups('P1D', day!, rollupHours(of, zone, quarters(of, valueAt), hours), undefined, of);

describe('a meter that is taken out at 10:17', () => {
  it('has an amount until then: the interval that had begun belongs to it as a whole', () => {
    const old = meter({ kind: 'interval', to: at(617) });
    // 42 quarters have begun by 10:17, at 0:00 and so on to 10:15.
    expect(dayOf(old, () => 1)).toMatchObject({ count: 42, sum: 42, coverage: 1, coveredMs: 617 * minuteMs });
    expect(lifeMsIn(old, day!)).toBe(617 * minuteMs);
  });

  it('holds its level no longer than that', () => {
    const old = meter({ kind: 'level', quantity: 'flow', unit: 'm3/h', to: at(617) });
    expect(dayOf(old, () => 5)).toMatchObject({ count: 42, mean: 5, coverage: 1, coveredMs: 617 * minuteMs });
  });

  it('says nothing in the hours after it, in which nothing is expected', () => {
    const old = meter({ kind: 'interval', to: at(617) });
    const drafts = rollupHours(
      old,
      zone,
      quarters(old, () => 1),
      hours,
    );
    expect(drafts[10]).toMatchObject({ count: 2, expected: roundTo15Digits(17 / 15), coverage: 1 });
    expect(drafts[11]).toMatchObject({ count: 0, expected: 0, coveredMs: 0, coverage: 0, sum: null });
    expect(saysSomething(drafts[11])).toBe(false);
  });
});

describe('a counter', () => {
  const old = meter({ kind: 'counter', to: at(600) });
  const next = meter({ kind: 'counter', from: at(600) });

  it('that is replaced at 10:00 and the one that follows it add up to the day', () => {
    const [before, after] = [dayOf(old, (i) => 1000 + 2 * i), dayOf(next, (i) => 2 * i)];
    // The register that was read when the old one was taken out closes its last step, and is counted in no window.
    expect(before).toMatchObject({ count: 40, expected: 40, sum: 80, coverage: 1 });
    expect(after).toMatchObject({ count: 56, expected: 56, sum: 112, coverage: 1 });
  });

  it('is not judged by what its register shows outside of its life', () => {
    expect(dayOf(old, (i) => (i > 40 ? 0 : 1000 + 2 * i))).toMatchObject({ sum: 80, irregular: 0 });
  });
});

it('a derived meter tells nothing outside of its own life, and expects nothing there', () => {
  const input = meter({ kind: 'interval' });
  const of = meter({
    ...{ id: 'd', kind: 'interval', formula: 'a', inputs: { a: 'm' }, quantity: 'other' },
    ...{ from: at(7), to: at(67) },
  }) as DerivedMeter;
  const told = toldByReadings(
    input,
    zone,
    quarters(input, () => 15),
  );
  const derived = deriveMeter(of, new Map([['m', told]]));
  const drafts = rollupSpans(of, derived.readings, derived.spans, hours);
  expect(drafts.slice(0, 3)).toMatchObject([
    { sum: 53, coverage: 1, coveredMs: 53 * minuteMs },
    { sum: 7, coverage: 1, coveredMs: 7 * minuteMs },
    { sum: null, expected: 0, coverage: 0 },
  ]);
});

it('a longer window is expected as far as the life reaches, also where parts of it are missing', () => {
  const of = meter({ kind: 'interval', from: midnight + dayMs });
  const month = windowsBetween('P1M', midnight, midnight + 1, zone)[0]!;
  const later = windowsBetween('P1D', midnight + 2 * dayMs, midnight + 2 * dayMs + 1, zone)[0]!;
  const one = { ...dayOf(meter({ kind: 'interval' }), () => 1), start: later.start, end: later.end };
  const daysLeft = (month.end - midnight) / dayMs - 1;
  expect(mergeRollups('P1M', month, [one], undefined, of)).toMatchObject({
    expected: daysLeft * 96,
    coverage: 1 / daysLeft,
  });
});

it('readings outside of a life are marked and nothing else about them changes', () => {
  const of = meter({ kind: 'level', from: at(15), to: at(30) });
  const readings = {
    times: Float64Array.of(at(0), at(15), at(30)),
    values: Float64Array.of(1, 2, 3),
    flags: Uint8Array.of(0, flag.outOfRange, flag.fault),
  };
  expect(markOutsideLife(of, readings)).toEqual({
    ...readings,
    flags: Uint8Array.of(flag.outsideLife, flag.outOfRange, flag.fault | flag.outsideLife),
  });
  expect(markOutsideLife(meter({ kind: 'level' }), readings)).toBe(readings);
});
