import { describe, expect, it } from 'vitest';
import { feedStatistics, flag, meterSchema, quantile, type Meter } from '../src/index.ts';

const quarterMs = 900_000;
const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
const zone = 'Asia/Ho_Chi_Minh';
const now = Date.parse('2026-11-23T12:00:00+07:00');
const from = now - 30 * dayMs;

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

/** Rows: time, milliseconds after it at which it became known, revision, flags. */
function statisticsOf(meter: Meter, rows: readonly (readonly number[])[]) {
  const readings = {
    times: Float64Array.from(rows, ([time]) => time!),
    values: Float64Array.from(rows, () => 1),
    flags: Uint8Array.from(rows, ([, , , flags = 0]) => flags),
    knownUs: Float64Array.from(rows, ([time, after]) => (time! + after!) * 1000),
    revisions: Uint16Array.from(rows, ([, , revision = 0]) => revision),
  };
  return feedStatistics(meter, zone, readings, { from, now });
}

/** A row for each quarter of the thirty days that could have come, known so long after its start. */
function quarters(after: number): number[][] {
  return Array.from({ length: 30 * 96 - 1 }, (_, i) => [from + i * quarterMs, after]);
}

describe('the statistics of a feed', () => {
  it('of one that sends each quarter as it ends are whole and prompt', () => {
    const rows = [[from - quarterMs, quarterMs], ...quarters(quarterMs + 20_000)];
    expect(statisticsOf(meterOf(), rows)).toEqual({
      lastTime: now - 2 * quarterMs,
      lastArrival: now - quarterMs + 20_000,
      silentIntervals: 1,
      coverageDay: 1,
      coverage: 1,
      arrivals: {
        count: 2879,
        corrected: 0,
        early: 0,
        lateByInterval: 0,
        lateByHour: 0,
        lateByDay: 0,
        medianMs: 20_000,
        p95Ms: 20_000,
      },
    });
  });

  it('tell how many are late by how much: those by exactly an hour are not late by more', () => {
    const late = [0, 1, quarterMs, quarterMs + 1, hourMs, hourMs + 1, dayMs, dayMs + 1, 2 * dayMs, -1];
    const { arrivals } = statisticsOf(
      meterOf(),
      late.map((ms, i) => [from + i * quarterMs, quarterMs + ms]),
    );
    expect(arrivals).toMatchObject({
      count: 10,
      early: 0.1,
      lateByInterval: 0.6,
      lateByHour: 0.4,
      lateByDay: 0.2,
    });
    expect([arrivals.medianMs, arrivals.p95Ms]).toEqual([quarterMs + 1, 2 * dayMs]);
  });

  it.each([
    [meterOf(), quarterMs],
    [meterOf({ kind: 'counter' }), 0],
    [meterOf({ kind: 'level', unit: 'mg/Nm3' }), 0],
    [meterOf({ kind: 'level', unit: 'mg/Nm3', time: { stamp: 'closes' } }), quarterMs],
  ])('reckon lateness from when what was read is over', (meter, describesMs) => {
    const { arrivals } = statisticsOf(meter, [[from, describesMs + 7000]]);
    expect(arrivals.medianMs).toBe(7000);
  });

  it('leave a corrected reading out of the lateness: it does not tell when it first came', () => {
    const { arrivals, lastArrival } = statisticsOf(meterOf(), [
      [from, quarterMs],
      [from + quarterMs, 5 * dayMs, 1],
    ]);
    expect(arrivals).toMatchObject({ count: 1, corrected: 1, lateByDay: 0 });
    expect(lastArrival).toBe(from + quarterMs + 5 * dayMs);
  });

  it('tell the coverage of the last day apart from that of the month, and count only what is valid', () => {
    const rows = quarters(quarterMs).map(([time, after]) => [
      time!,
      after!,
      0,
      time! < now - dayMs / 2 ? 0 : flag.fault,
    ]);
    const { coverageDay, coverage } = statisticsOf(meterOf(), rows);
    // The day ends a quarter before now: 12 hours less one quarter of it are at fault.
    expect(coverageDay).toBeCloseTo(49 / 96, 12);
    // Nothing is there for the quarter before the span, which stands in for the one that is not due yet.
    expect(coverage).toBeCloseTo((2880 - 48) / 2880, 12);
  });

  it('of a silent feed say so, and what came before the span is not of it', () => {
    expect(statisticsOf(meterOf({ kind: 'counter' }), [[from - 1, 0]])).toMatchObject({
      lastTime: null,
      lastArrival: null,
      silentIntervals: null,
      arrivals: { count: 0, medianMs: null, p95Ms: null },
    });
    expect(statisticsOf(meterOf({ kind: 'counter' }), [[now - 4.5 * quarterMs, 0]]).silentIntervals).toBe(4);
    expect(statisticsOf(meterOf(), [[now + hourMs, 0]]).silentIntervals).toBe(0);
  });
});

describe('a quantile', () => {
  it.each([
    [[], 0.5, undefined],
    [[7], 0.95, 7],
    [[1, 2, 3, 4], 0.5, 2],
    [[1, 2, 3, 4, 5], 0.5, 3],
    [[1, 2, 3, 4, 5], 0, 1],
    [[1, 2, 3, 4, 5], 1, 5],
  ])('of %j at %d is %s', (values, share, expected) => {
    expect(quantile(values, share)).toBe(expected);
  });
});
