import { limitSchema, type Limit } from '@songma/domain';
import { describe, expect, it } from 'vitest';
import { boundsOf, factorsApply, judge, limitOnMeter, type LimitedHour } from '../src/index.ts';

const hourMs = 3_600_000;
const limitOf = (fields: Partial<Limit>): Limit =>
  limitSchema.parse({
    id: 'limit',
    meter: 'meter',
    parameter: 'COD',
    averaging: 'PT1H',
    source: { document: 'QCVN 40:2011/BTNMT, table 1, column B', verified: false },
    validFrom: 0,
    ...fields,
  });
const hourOf = (mean: number): LimitedHour => ({
  ...{ start: 0, end: hourMs, mean, coverage: 1, validMs: hourMs },
  ...{ quarters: 0b1111, validSpanMs: 55 * 60_000, calibrating: 0, calibratingMs: 0 },
});
const effluent = { kq: 0.9, kf: 1.1 };

describe('a parameter without factors', () => {
  it.each([
    ...[
      'Nhiệt độ',
      'nhiet do',
      'NHIỆT ĐỘ',
      'Nhiệt độ'.normalize('NFD'),
      'Nhiệt độ nước thải',
      'Nhiệt độ (°C)',
    ],
    ...['Temp', 'Temp 2', 'water temperature', 'Độ màu', 'Màu', 'Độ màu (Pt/Co)', 'colour', 'Color Pt/Co'],
    ...['pH', 'PH', 'Độ pH', 'pH 1', 'Coliform', 'Tổng coliforms', 'Total Coliform', 'gross α', 'Gross-beta'],
    ...['Tổng hoạt độ phóng xạ α', 'Tổng hoạt độ phóng xạ beta'],
  ])('is known as %s', (parameter) => {
    expect(factorsApply({ parameter })).toBe(false);
    expect(boundsOf(limitOf({ parameter, value: 40, factors: effluent }))).toEqual({ max: 40 });
  });

  it('at 39.8 keeps 40 degrees in Vietnamese, where 40 times 0.9 and 1.1 is 39.6', () => {
    // A reviewer's case: `Nhiệt độ` was multiplied because the list had English words.
    const limit = limitOf({ parameter: 'Nhiệt độ', value: 40, factors: effluent });
    expect(judge(limit, hourOf(39.8)).state).toBe('kept');
    expect(judge(limit, hourOf(40.1)).state).toBe('broken');
  });

  it('is not one whose name only looks alike, and the code goes before the name', () => {
    for (const parameter of ['P', 'phenol', 'Tổng P', 'Amoni', 'Bụi', 'Đồng', 'Nhiệt', 'TempX'])
      expect([parameter, factorsApply({ parameter })]).toEqual([parameter, true]);
    expect(factorsApply({ parameter: 'Điểm đo 3', parameterCode: 'temperature' })).toBe(false);
    expect(factorsApply({ parameter: 'pH', parameterCode: 'other' })).toBe(true);
  });
});

describe('a limit in another unit than its meter', () => {
  it.each([
    // UCUM prefixes and the litre; the degree Fahrenheit by NIST SP 811, appendix B.8.
    ['mg/L', 'g/L', 150, 0.15],
    ['g/L', 'mg/L', 0.15, 150],
    ['mg/L', 'g/m3', 150, 150],
    ['mg/Nm3', 'g/Nm3', 100, 0.1],
    ['µg/Nm³', 'mg/Nm3', 350, 0.35],
    ['mg/m3', 'ug/m3', 0.35, 350],
    ['Cel', 'K', 40, 313.15],
    ['ppm', 'ppb', 0.5, 500],
    ['m3/h', 'L/s', 3.6, 1],
  ])('from %s to %s: %d is %d', (unit, meterUnit, value, converted) => {
    const limit = limitOnMeter(limitOf({ unit, value }), { unit: meterUnit });
    expect(limit).toMatchObject({ unit: meterUnit, value: converted });
  });

  it('is compared in the meter’s: 0.12 g/Nm3 keeps 150 mg/Nm3, and 0.16 breaks it', () => {
    const limit = limitOnMeter(limitOf({ unit: 'mg/Nm3', value: 150 }), { unit: 'g/Nm3' }) as Limit;
    expect([0.12, 0.15, 0.16].map((mean) => judge(limit, hourOf(mean)).state)).toEqual([
      'kept',
      'kept',
      'broken',
    ]);
  });

  it('takes its factors along, and both bounds of a range', () => {
    const limit = limitOnMeter(limitOf({ unit: 'mg/L', value: 150, factors: effluent }), { unit: 'g/L' });
    expect(boundsOf(limit as Limit)).toEqual({ max: 0.1485 });
    const range = limitOf({ parameter: 'Temp', unit: 'K', range: { min: 283.15, max: 313.15 } });
    expect(limitOnMeter(range, { unit: 'Cel' })).toMatchObject({ range: { min: 10, max: 40 } });
    const half = limitOnMeter(limitOf({ unit: 'mg/L', range: { min: 2 } }), { unit: 'g/L' });
    expect(half).toMatchObject({ range: { min: 0.002 } });
    expect((half as Limit).range).not.toHaveProperty('max');
  });

  it('is the same in other spellings, and as it was without a unit', () => {
    expect(limitOnMeter(limitOf({ unit: 'mg/l', value: 150 }), { unit: 'mg/L' })).toMatchObject({
      value: 150,
    });
    const old = limitOf({ value: 150 });
    expect(limitOnMeter(old, { unit: 'furlong of old' })).toBe(old);
  });

  it.each([
    ['ppm', 'mg/Nm3', 'molar-mass-missing'],
    ['mg/m3', 'ppb', 'molar-mass-missing'],
    ['mg/Nm3', '%', 'molar-mass-missing'],
    ['mg/Nm3', 'mg/m3', 'other-cubic-metre'],
    ['g/m3', 'mg/Nm³', 'other-cubic-metre'],
    ['mg/L', 'mg/Nm3', 'other-cubic-metre'],
    ['mg/L', 'kg/h', 'other-measure'],
    ['Cel', '[pH]', 'other-measure'],
    ['MPN/100ml', 'mg/L', 'other-measure'],
    ['furz', 'mg/L', 'unit-unknown'],
    ['mg/L', 'furz', 'unit-unknown'],
  ])('in %s on a meter in %s is not compared: %s', (unit, meterUnit, refusal) => {
    expect(limitOnMeter(limitOf({ unit, value: 100 }), { unit: meterUnit })).toEqual({ refusal });
  });

  it('has no factors on a scale with another zero', () => {
    const fields: Partial<Limit> = { parameter: 'heat', unit: 'K', value: 300, factors: { kp: 0.8 } };
    expect(limitOnMeter(limitOf(fields), { unit: 'Cel' })).toEqual({ refusal: 'factors-of-scale' });
    // None applies to a temperature, so that there is nothing to multiply.
    const exempt = limitOnMeter(limitOf({ ...fields, parameter: 'Nhiệt độ' }), { unit: 'Cel' });
    expect(exempt).toMatchObject({ value: 26.85 });
  });
});
