import { limitSchema, windowsBetween, type Limit } from '@songma/domain';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  boundsOf,
  conditionContent,
  conditionsOf,
  factorsApply,
  isValidHour,
  judgeHours,
  operationOf,
  severityBands,
  severityOf,
  type HourFacts,
  type LimitedHour,
  type Verdict,
} from '../src/index.ts';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const zone = 'Asia/Ho_Chi_Minh';
const monday = Date.parse('2026-01-05T00:00:00+07:00');

function limitOf(fields: Partial<Limit>): Limit {
  return limitSchema.parse({
    id: 'cod',
    meter: 'outfall-cod',
    parameter: 'COD',
    averaging: 'P1D',
    value: 150,
    source: { document: 'QCVN 40:2011/BTNMT, table 1, column B', verified: false },
    validFrom: 0,
    ...fields,
  });
}

/** An hour by the minutes at which valid readings lie. */
function hourOf(minutes: readonly number[], fields: Partial<HourFacts> = {}): HourFacts {
  return {
    start: monday,
    end: monday + hourMs,
    validMs: hourMs,
    quarters: minutes.reduce((bits, minute) => bits | (1 << Math.floor(minute / 15)), 0),
    validSpanMs: minutes.length === 0 ? 0 : (Math.max(...minutes) - Math.min(...minutes)) * minuteMs,
    calibrating: 0,
    calibratingMs: 0,
    ...fields,
  };
}

const quadrants = { rule: 'quadrants' } as const;

describe('an hour by quadrants', () => {
  // 40 CFR 60.13(h)(2)(i) and (iii); the numbers of minutes are those of tests that quote the rule.
  it('with 45 good minutes and one empty quadrant is invalid', () => {
    const minutes = Array.from({ length: 45 }, (_, minute) => minute);
    expect(isValidHour(quadrants, hourOf(minutes, { validMs: 45 * minuteMs }))).toBe(false);
    expect(isValidHour({ rule: 'share', min: 0.75 }, hourOf(minutes, { validMs: 45 * minuteMs }))).toBe(true);
  });

  // each of five readings held for two intervals is 50 minutes covered, and no valid hour.
  it('by a share is judged on the time of its readings, not on that over which they are held', () => {
    const share = { rule: 'share', min: 0.75 } as const;
    expect(isValidHour(share, hourOf([0, 10, 20, 30, 40], { validMs: 25 * minuteMs }))).toBe(false);
    expect(isValidHour(share, hourOf([0, 10, 20, 30, 40], { validMs: 45 * minuteMs }))).toBe(true);
    expect(isValidHour(share, hourOf([0, 10, 20, 30, 40], { validMs: 45 * minuteMs - 1 }))).toBe(false);
  });

  it('with a reading in each quadrant is valid, however little it covers', () => {
    expect(isValidHour(quadrants, hourOf([14, 15, 44, 45], { validMs: 6 * minuteMs }))).toBe(true);
  });

  it.each([
    [15, true],
    [14, false],
  ])('with calibration and two readings %d minutes apart: %s', (apart, isValid) => {
    expect(isValidHour(quadrants, hourOf([10, 10 + apart], { calibrating: 1 }))).toBe(isValid);
    // A calibration that began in the hour before.
    expect(isValidHour(quadrants, hourOf([10, 10 + apart], { calibratingMs: 1 }))).toBe(isValid);
    // Without calibration two are never enough.
    expect(isValidHour(quadrants, hourOf([10, 10 + apart]))).toBe(false);
  });

  it('asks only for the quadrants in which the source ran, where they are known', () => {
    const hour = hourOf([20, 35]);
    expect(isValidHour(quadrants, hour, 0b0110)).toBe(true);
    expect(isValidHour(quadrants, hour, 0b1110)).toBe(false);
    expect(isValidHour(quadrants, hour, 0)).toBe(false);
  });

  it('with calibration and one quadrant of operation needs one reading in it', () => {
    expect(isValidHour(quadrants, hourOf([20], { calibrating: 1 }), 0b0010)).toBe(true);
    expect(isValidHour(quadrants, hourOf([20], { calibrating: 1 }), 0b0001)).toBe(false);
  });

  it('of thirty minutes has two of them', () => {
    const end = monday + hourMs / 2;
    expect(isValidHour(quadrants, hourOf([1, 16], { end }))).toBe(true);
    expect(isValidHour(quadrants, hourOf([1], { end }))).toBe(false);
  });

  it('is invalid without any reading', () => {
    expect(isValidHour(quadrants, hourOf([], { calibrating: 4 }))).toBe(false);
  });
});

describe('operation', () => {
  it.each([
    [{ above: 1000 }, 1001, 2000, 'on'],
    [{ above: 1000 }, 1000, 2000, 'partly'],
    [{ above: 1000 }, 0, 1000, 'off'],
    [{ below: 18 }, 7, 17.9, 'on'],
    [{ below: 18 }, 7, 18, 'partly'],
    [{ below: 18 }, 18, 20.9, 'off'],
  ])('by %o of a meter between %d and %d is %s', (bound, min, max, operation) => {
    expect(operationOf({ meter: 'm', ...bound }, { min, max })).toBe(operation);
  });

  it('is unknown without a signal, or when it is silent', () => {
    expect(operationOf(undefined, { min: 1, max: 2 })).toBe('unknown');
    expect(operationOf({ meter: 'm', above: 1 }, undefined)).toBe('unknown');
    expect(operationOf({ meter: 'm', above: 1 }, { min: null, max: null })).toBe('unknown');
  });
});

describe('factors', () => {
  it('do not apply to temperature, colour, pH, coliform and radioactivity', () => {
    // QCVN 40:2011/BTNMT, section 2.1.2.
    for (const parameter of ['Temp', 'temperature', 'Color', 'pH', 'Coliform', 'gross alpha', 'Gross-beta'])
      expect([parameter, factorsApply({ parameter })]).toEqual([parameter, false]);
    for (const parameter of ['COD', 'TSS', 'NH4', 'P', 'PM']) expect(factorsApply({ parameter })).toBe(true);
    const factors = { kq: 0.9, kf: 1.1 };
    expect(boundsOf(limitOf({ parameter: 'Color', factors }))).toEqual({ max: 150 });
    expect(boundsOf(limitOf({ factors }))).toEqual({ max: 148.5 });
  });
});

describe('severity', () => {
  it('is the band that the ratio lies in, from its beginning on', () => {
    const found = [1.0001, 1.0999, 1.1, 1.4999, 1.5, 3, 5, 9.99, 10, 400].map(severityOf);
    const [warning, ...others] = severityBands.bands.map(({ severity }) => severity);
    expect(found).toEqual([
      ...[warning, warning],
      ...[others[0], others[0]],
      ...[others[1], others[2], others[3], others[3], others[4], others[4]],
    ]);
    expect(severityBands.verified).toBe(false);
  });
});

/** Hours of a day by their means; null: an hour that is not valid. */
function dayOf(means: readonly (number | null)[], from = monday): LimitedHour[] {
  return means.map((mean, i) => ({
    ...hourOf([0, 15, 30, 45], { validMs: mean === null ? hourMs / 2 : hourMs }),
    coverage: 1,
    start: from + i * hourMs,
    end: from + (i + 1) * hourMs,
    mean: mean ?? 9999,
  }));
}
const of = (count: number, mean: number | null) => Array.from({ length: count }, () => mean);

describe('a day', () => {
  it('is judged on the mean of its valid hours, 18 of 24', () => {
    const [day] = judgeHours(limitOf({}), dayOf([...of(9, 100), ...of(6, null), ...of(9, 201)]), zone);
    expect(day).toEqual({
      start: monday,
      end: monday + 24 * hourMs,
      state: 'broken',
      reason: undefined,
      bound: 'max',
      mean: 150.5,
      coverage: 0.75,
      hours: { valid: 18, operating: 24 },
    });
  });

  it('is not judged with one valid hour less, nor while they have not come', () => {
    const few = [dayOf([...of(17, 201), ...of(7, null)]), dayOf(of(17, 201))];
    for (const hours of few) {
      const [day] = judgeHours(limitOf({}), hours, zone);
      expect(day).toMatchObject({
        state: 'unjudged',
        reason: 'invalid',
        hours: { valid: 17, operating: 24 },
      });
    }
  });

  it('counts the hours in which the source operated, and none in which it was off', () => {
    // Twelve hours of operation, of which nine are valid: 75 %. Those that are off are over the limit.
    const hours = dayOf([...of(9, 100), ...of(3, null), ...of(12, 900)]);
    const off = (hour: LimitedHour) => (hour.start >= monday + 12 * hourMs ? 'off' : 'on');
    const [day] = judgeHours(limitOf({}), hours, zone, off);
    expect(day).toMatchObject({ state: 'kept', mean: 100, hours: { valid: 9, operating: 12 } });
    const [idle] = judgeHours(limitOf({}), hours, zone, () => 'off');
    expect(idle).toMatchObject({ state: 'unjudged', reason: 'source-off', mean: null, coverage: 0 });
  });

  it('has 23 hours where the clock is put forward', () => {
    const berlin = 'Europe/Berlin';
    const [window] = windowsBetween(
      'P1D',
      Date.parse('2026-03-29T00:00:00+01:00'),
      Date.parse('2026-03-29T01:00:00+01:00'),
      berlin,
    );
    const [day] = judgeHours(limitOf({}), dayOf(of(23, 10), window!.start), berlin);
    expect(day).toMatchObject({ ...window, hours: { valid: 23, operating: 23 }, coverage: 1 });
  });

  it('is cut in the zone of its site, and a month likewise', () => {
    const hours = dayOf(of(72, 100), monday - 24 * hourMs);
    expect(judgeHours(limitOf({}), hours, zone)).toHaveLength(3);
    expect(judgeHours(limitOf({}), hours, 'UTC')).toHaveLength(4);
    expect(judgeHours(limitOf({ averaging: 'P1M', validHoursShareMin: 0 }), hours, zone)).toMatchObject([
      { state: 'kept', hours: { valid: 72, operating: 31 * 24 } },
    ]);
  });

  it('is judged alike in whatever pieces its hours are known, once they all are', () => {
    const mean = fc.option(fc.integer({ min: 1, max: 300 }));
    fc.assert(
      fc.property(fc.array(mean, { minLength: 24, maxLength: 24 }), (means) => {
        const valid = means.filter((one) => one !== null);
        const [day] = judgeHours(limitOf({}), dayOf(means), zone);
        const total = valid.reduce((sum, one) => sum + one, 0);
        const state = valid.length < 18 ? 'unjudged' : total > 150 * valid.length ? 'broken' : 'kept';
        expect(day).toMatchObject({ state, hours: { valid: valid.length, operating: 24 } });
      }),
    );
  });
});

describe('a range', () => {
  const ph = limitOf({ parameter: 'pH', averaging: 'PT1H', value: undefined, range: { min: 5.5, max: 9 } });

  it('is kept at both of its bounds and broken beyond them', () => {
    const verdicts = judgeHours(ph, dayOf([5.49, 5.5, 7, 9, 9.01]), zone);
    expect(verdicts.map(({ state, bound }) => [state, bound])).toEqual([
      ['broken', 'min'],
      ['kept', undefined],
      ['kept', undefined],
      ['kept', undefined],
      ['broken', 'max'],
    ]);
  });

  it('may have one bound only', () => {
    const open = limitOf({ value: undefined, range: { min: 6 }, averaging: 'PT1H' });
    expect(judgeHours(open, dayOf([5, 14]), zone).map(({ state }) => state)).toEqual(['broken', 'kept']);
  });

  const alertOf = (limit: Limit, verdicts: readonly Verdict[]) => {
    const scope = { limit, version: 7, site: 's', zone, enterprise: 'e', unit: '1' };
    const judged = { from: -Infinity, to: Infinity, verdicts, overUntil: monday };
    return conditionContent(scope, conditionsOf(verdicts)[0]!, judged);
  };

  it('raises alerts that tell the bound, and neither a ratio nor a severity', () => {
    const alert = alertOf(ph, judgeHours(ph, dayOf([4]), zone));
    expect(alert.first).toMatchObject({
      mean: 4,
      bound: 'min',
      limitValue: 5.5,
      ratio: null,
      severity: null,
    });
  });

  it('tells in the alert of a day which hours it stands on', () => {
    const limit = limitOf({ validity: quadrants });
    const alert = alertOf(limit, judgeHours(limit, dayOf(of(20, 300)), zone));
    expect(alert).toMatchObject({
      limitVersion: 7,
      averaging: 'P1D',
      validity: quadrants,
      peak: { validHours: 20, operatingHours: 24, ratio: 2, severity: 'from-1.5' },
    });
  });
});
