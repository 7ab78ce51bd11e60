import { describe, expect, it } from 'vitest';
import {
  correlation,
  diagnoseShift,
  feedTrace,
  meterSchema,
  type ArrivedReadings,
  type FeedTrace,
  type Meter,
  type ShiftDiagnosis,
} from '../src/index.ts';

const minuteMs = 60_000;
const quarterMs = 15 * minuteMs;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;
const zone = 'Asia/Ho_Chi_Minh';
const from = Date.parse('2026-10-24T00:00:00+07:00');
const to = from + 30 * dayMs;

function meterOf(id: string, changes: Readonly<Record<string, unknown>> = {}): Meter {
  return meterSchema.parse({
    id,
    site: 'mill',
    name: id,
    quantity: 'electricity',
    kind: 'interval',
    unit: 'kWh',
    intervalMs: quarterMs,
    ...changes,
  });
}

/** A number of [0, 1) that is always the same for the same place. */
function noise(seed: number, i: number): number {
  const x = Math.sin(seed * 12.9898 + i * 78.233) * 43_758.5453;
  return x - Math.floor(x);
}

/** Two shifts a day with a break at noon; most of a mill's meters follow it, each with its own noise. */
function millAt(time: number): number {
  const hour = ((time + 7 * hourMs) % dayMs) / hourMs;
  return hour >= 6 && hour < 11 ? 100 : hour >= 13 && hour < 18 ? 80 : 15;
}

interface Made {
  readonly seed?: number;
  /** Stored minus true time, by the true time. */
  readonly shiftAt?: (time: number) => number;
  readonly valueAt?: (time: number) => number;
  /** When a reading of that true end is sent. */
  readonly sentAt?: (end: number) => number;
  readonly meter?: Meter;
}

/** A feed that reads every quarter hour in truth and is stored as its logger's mistake has it. */
function made({
  seed = 1,
  shiftAt,
  valueAt = millAt,
  sentAt = (end) => end,
  meter = meterOf(`m${seed}`),
}: Made = {}) {
  const rows = Array.from({ length: 30 * 96 }, (_, i) => {
    const time = from + i * quarterMs;
    const known = sentAt(time + quarterMs) + 5000 + 20_000 * noise(seed, i);
    return { time: time + (shiftAt?.(time) ?? 0), value: valueAt(time) + 10 * noise(seed + 0.5, i), known };
  }).toSorted((a, b) => a.time - b.time);
  const readings: ArrivedReadings = {
    times: Float64Array.from(rows, ({ time }) => time),
    values: Float64Array.from(rows, ({ value }) => value),
    flags: new Uint8Array(rows.length),
    knownUs: Float64Array.from(rows, ({ known }) => Math.floor(known) * 1000),
    revisions: new Uint16Array(rows.length),
  };
  return feedTrace(meter, zone, readings, { from, to });
}

const peers = [2, 3, 4].map((seed) => made({ seed }));
const diagnosed = (trace: FeedTrace, others: readonly FeedTrace[] = peers) =>
  diagnoseShift(trace, others, zone);
const kindsOf = ({ evidence }: ShiftDiagnosis) => evidence.map(({ kind }) => kind);
const hourlyFile = (end: number) => Math.ceil(end / hourMs) * hourMs + 2 * minuteMs;
const nightlyFile = (end: number) =>
  Math.ceil((end + 7 * hourMs) / dayMs) * dayMs - 7 * hourMs + 10 * minuteMs;

describe('a feed whose stamps are an hour', () => {
  it('behind comes an hour late and goes an hour before its peers', () => {
    const diagnosis = diagnosed(made({ shiftAt: () => -hourMs }));
    expect(diagnosis).toMatchObject({ suspected: true, shiftMs: -hourMs, peersShifted: 3, peersInStep: 0 });
    expect(kindsOf(diagnosis)).toEqual(['profile-of-peers', 'arrives-late']);
    expect(diagnosis.confidence).toBeCloseTo(0.85, 10);
  });

  it('ahead, in files of the night, is told by the course of its peers', () => {
    const late = [2, 3, 4].map((seed) => made({ seed, sentAt: nightlyFile }));
    const diagnosis = diagnosed(made({ shiftAt: () => hourMs, sentAt: nightlyFile }), late);
    expect(diagnosis).toMatchObject({ suspected: true, shiftMs: hourMs });
    expect(kindsOf(diagnosis)).toContain('profile-of-peers');
  });

  it('behind from a date on is told with the date', () => {
    const since = from + 15 * dayMs;
    const trace = made({ shiftAt: (time) => (time < since ? 0 : -hourMs) });
    const diagnosis = diagnosed(trace);
    expect(diagnosis).toMatchObject({ suspected: true, shiftMs: -hourMs, since });
    expect(kindsOf(diagnosis)).toEqual(['profile-of-peers', 'arrives-late', 'profile-moved']);
    // Alone it has nobody to be compared with.
    expect(diagnosed(trace, [])).toMatchObject({ suspected: true, shiftMs: -hourMs, since });
  });
});

describe('a convention that is read wrong', () => {
  it('as opening where stamps close lets readings come before their time is over', () => {
    const diagnosis = diagnosed(made({ shiftAt: () => quarterMs }));
    expect(diagnosis).toMatchObject({ suspected: true, shiftMs: quarterMs, midnightOnly: false });
    expect(kindsOf(diagnosis)).toEqual(['arrives-early']);
  });

  it('in files of the hour is told by the newest row of each', () => {
    const sent = { sentAt: hourlyFile };
    const diagnosis = diagnosed(made({ ...sent, shiftAt: () => quarterMs }), []);
    expect(diagnosis).toMatchObject({ suspected: true, shiftMs: quarterMs });
  });

  it('as the zone of the site where the logger stands at UTC is seven hours', () => {
    expect(diagnosed(made({ shiftAt: () => -7 * hourMs }))).toMatchObject({
      suspected: true,
      shiftMs: -7 * hourMs,
    });
  });

  it.each([
    ['beginning', 'begins-day', -dayMs],
    ['ending', 'ends-day', dayMs],
  ])('as %s the day at midnight moves the row of midnight by a day', (_how, midnight, shiftMs) => {
    const meter = meterOf('steel', { time: { zone, stamp: 'closes', midnight } });
    const isLast = (time: number) => (time + quarterMs + 7 * hourMs) % dayMs === 0;
    const trace = made({ meter, shiftAt: (time) => (isLast(time) ? shiftMs : 0) });
    expect(diagnosed(trace)).toMatchObject({ suspected: true, shiftMs, midnightOnly: true });
  });

  it('as beginning the day cannot be told in files of the day, where the row comes as it would', () => {
    const meter = meterOf('steel', { time: { zone, stamp: 'closes' } });
    const isLast = (time: number) => (time + quarterMs + 7 * hourMs) % dayMs === 0;
    const trace = made({ meter, shiftAt: (time) => (isLast(time) ? -dayMs : 0), sentAt: nightlyFile });
    expect(kindsOf(diagnosed(trace))).toEqual([]);
  });
});

describe('a feed that is right', () => {
  it.each([
    ['sent at once', undefined],
    ['sent in files of the hour', hourlyFile],
    ['sent in files of the night', nightlyFile],
  ])('and goes with its peers, %s, is not suspected', (_how, sentAt) => {
    const diagnosis = diagnosed(made(sentAt === undefined ? {} : { sentAt }));
    expect(diagnosis).toMatchObject({ suspected: false, shiftMs: null, since: null, peersInStep: 3 });
  });

  it('is not suspected, whatever its noise', () => {
    for (let seed = 10; seed < 30; seed++) {
      for (const sentAt of [(end: number) => end, hourlyFile, nightlyFile]) {
        expect([seed, diagnosed(made({ seed, sentAt })).suspected]).toEqual([seed, false]);
        expect([seed, diagnosed(made({ seed, sentAt }), []).suspected]).toEqual([seed, null]);
      }
    }
  });

  it('and slow by an hour is not shifted: it goes with its peers', () => {
    const diagnosis = diagnosed(made({ sentAt: (end) => end + hourMs }));
    expect(diagnosis).toMatchObject({ suspected: false, confidence: 0, evidence: [] });
  });

  it('of a plant that begins an hour later from a date on is not shifted: its peers move too', () => {
    const since = from + 15 * dayMs;
    const valueAt = (time: number) => millAt(time < since ? time : time - hourMs);
    const moved = [1, 2, 3].map((seed) => made({ seed, valueAt }));
    expect(diagnosed(moved[0]!, moved.slice(1))).toMatchObject({ suspected: false, evidence: [] });
  });

  it('is not taken for moved where another meter moves with it, be its course too rough to compare', () => {
    const valueAt = (time: number) => millAt(time < from + 15 * dayMs ? time : time - hourMs);
    const rough = made({ seed: 2, valueAt: (time) => valueAt(time) + 150 * noise(7, time / quarterMs) });
    const trace = made({ valueAt });
    expect(kindsOf(diagnosed(trace, []))).toEqual(['profile-moved']);
    expect(diagnosed(trace, [rough])).toMatchObject({ evidence: [], peersInStep: 0 });
  });

  it('and sent in files is not late because the rest of a file is older than its newest row', () => {
    const sentAt = (end: number) => nightlyFile(end) - 10 * minuteMs;
    expect(kindsOf(diagnosed(made({ sentAt }), []))).toEqual([]);
  });

  it('beside one meter that lags behind it by an hour is not suspected: that may be the process', () => {
    const downstream = made({ seed: 2, valueAt: (time) => millAt(time - hourMs) });
    expect(diagnosed(made(), [downstream])).toMatchObject({
      suspected: null,
      confidence: 0.4,
      peersShifted: 1,
    });
  });

  it('and the only one of its site in step with none cannot be told', () => {
    expect(diagnosed(made(), [])).toMatchObject({ suspected: null, evidence: [] });
  });
});

describe('a course that is the same at all lags', () => {
  it('because it is flat, cannot be told', () => {
    const flat = made({ valueAt: () => 50_000 });
    expect(diagnosed(flat)).toMatchObject({
      suspected: null,
      confidence: 0,
      peersInStep: 0,
      peersShifted: 0,
    });
  });

  it('because it is flat to a thousandth, correlates with nothing', () => {
    const ripple = (size: number) => Float64Array.from({ length: 100 }, (_, i) => 1000 + size * (i % 7));
    expect(correlation(ripple(0.1), ripple(0.1), 0)).toBeNaN();
    expect(correlation(ripple(10), ripple(10), 0)).toBeCloseTo(1, 12);
    expect(correlation(ripple(10), ripple(10), 7)).toBeCloseTo(1, 12);
    expect(correlation(ripple(10), ripple(10), 1)).toBeLessThan(0.3);
    expect(correlation(ripple(10), ripple(10), 99)).toBeNaN();
  });

  it('because it is smooth, cannot be told', () => {
    const waveAt = (time: number) => 500 + 400 * Math.sin((2 * Math.PI * time) / dayMs);
    const smooth = [1, 2, 3].map((seed) => made({ seed, valueAt: waveAt }));
    expect(diagnosed(smooth[0]!, smooth.slice(1))).toMatchObject({ suspected: null, peersInStep: 0 });
  });

  it('because it goes with nobody, cannot be told', () => {
    const wild = made({ valueAt: (time) => 1000 * noise(9, time / quarterMs) });
    expect(diagnosed(wild)).toMatchObject({ suspected: null, evidence: [] });
  });
});

describe('the smaller group', () => {
  it('of meters that differ is the one that is suspected', () => {
    const traces = [1, 2, 3, 4, 5].map((seed) =>
      made({ seed, sentAt: nightlyFile, shiftAt: () => (seed <= 2 ? -hourMs : 0) }),
    );
    const suspected = traces.map(
      (trace) =>
        diagnosed(
          trace,
          traces.filter((other) => other !== trace),
        ).suspected,
    );
    expect(suspected).toEqual([true, true, false, false, false]);
  });
});
