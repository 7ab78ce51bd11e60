import { limitSchema, type GasState, type Limit } from '@songma/domain';
import { describe, expect, it } from 'vitest';
import { judgedLimitOnMeter, limitOnMeter, type LimitedMeter } from '../src/index.ts';

const limitOf = (fields: Partial<Limit>): Limit =>
  limitSchema.parse({
    ...{ id: 'limit', meter: 'meter', parameter: 'PM', averaging: 'PT1H', unit: 'mg/Nm3', value: 100 },
    source: { document: 'QCVN 19:2009/BTNMT, table 1, column B', verified: false },
    validFrom: 0,
    ...fields,
  });
const kPa = 101.325;
/** QCVN 19:2009/BTNMT, section 1.3.3: 25 °C and 760 mmHg; DIN 1343 and the EU's directives: 0 °C, dry. */
const at25: GasState = { temperatureC: 25, pressureKpa: kPa };
const at0: GasState = { temperatureC: 0, pressureKpa: kPa };
const dry = (state: GasState): GasState => ({ ...state, moisture: 'dry' });
const wet = (state: GasState): GasState => ({ ...state, moisture: 'wet' });
const meterIn = (unit: string, gasState?: GasState, referenceOxygen?: number): LimitedMeter => ({
  unit,
  ...(gasState === undefined ? {} : { gasState }),
  ...(referenceOxygen === undefined ? {} : { referenceOxygen }),
});

describe('a limit on a meter in another gas state', () => {
  it.each<[string, GasState, string, GasState, string, number]>([
    // 298.15 / 273.15 = 1.0915248...: a cubic metre of 0 °C holds more gas than one of 25 °C.
    ['100 mg in 25 °C', at25, 'mg/Nm3', at0, 'mg/Nm3', 109.152480322167],
    ['100 mg in 0 °C', at0, 'mg/Nm3', at25, 'mg/Nm3', 91.6149589133],
    ['dry to dry', dry(at25), 'mg/Nm3', dry(at0), 'mg/Nm3', 109.152480322167],
    ['at half the pressure', { ...at25, pressureKpa: 2 * kPa }, 'mg/Nm3', at25, 'mg/Nm3', 50],
    ['with another unit', at25, 'mg/Nm3', at0, 'g/Nm3', 0.109152480322167],
    ['to a cubic metre that is not called normal', at25, 'mg/Nm3', at0, 'mg/m3', 109.152480322167],
    ['of a flow, the other way', at25, 'Nm3/h', at0, 'Nm3/h', 91.6149589133],
    ['of a share, which no state changes', at25, 'ppm', at0, 'ppm', 100],
    ['in the same one', dry(at25), 'mg/Nm3', dry(at25), 'mg/Nm3', 100],
  ])('%s is exact', (_title, of, unit, on, meterUnit, value) => {
    const found = limitOnMeter(limitOf({ unit, gasState: of }), meterIn(meterUnit, on)) as Limit;
    expect(found.value! / value).toBeCloseTo(1, 11);
    expect(found.unit).toBe(meterUnit);
  });

  it('takes both bounds of a range along, and its factors', () => {
    const range = { min: 273.15, max: 546.3 };
    const found = limitOnMeter(
      limitOf({ value: undefined, range, gasState: at0 }),
      meterIn('mg/Nm3', { ...at0, temperatureC: 273.15 }),
    );
    expect(found).toMatchObject({ range: { min: 136.575, max: 273.15 } });
    const factors = { kp: 0.8, kv: 1.2 };
    expect(limitOnMeter(limitOf({ gasState: at25, factors }), meterIn('mg/Nm3', at0))).toMatchObject({
      factors,
    });
  });

  it.each<[string, Partial<Limit>, LimitedMeter, string]>([
    ['dry on wet', { gasState: dry(at25) }, meterIn('mg/Nm3', wet(at25)), 'other-moisture'],
    ['wet on dry', { gasState: wet(at25) }, meterIn('mg/Nm3', dry(at25)), 'other-moisture'],
    [
      'dry on wet by volume',
      { unit: 'ppm', gasState: dry(at25) },
      meterIn('ppm', wet(at25)),
      'other-moisture',
    ],
    [
      'dry on unstated moisture',
      { gasState: dry(at25) },
      meterIn('mg/Nm3', at25),
      'gas-state-of-meter-missing',
    ],
    [
      'moisture unstated on dry',
      { gasState: at25 },
      meterIn('mg/Nm3', dry(at25)),
      'gas-state-of-limit-missing',
    ],
    ['a state on none', { gasState: at25 }, meterIn('mg/Nm3'), 'gas-state-of-meter-missing'],
    ['none on a state', {}, meterIn('mg/Nm3', at25), 'gas-state-of-limit-missing'],
    ['a flow of none on a state', { unit: 'Nm3/h' }, meterIn('Nm3/h', at0), 'gas-state-of-limit-missing'],
    ['corrected on measured', { referenceOxygen: 7 }, meterIn('mg/Nm3'), 'reference-oxygen-of-meter-missing'],
    ['measured on corrected', {}, meterIn('mg/Nm3', undefined, 7), 'reference-oxygen-of-limit-missing'],
    ['7 % on 11 %', { referenceOxygen: 7 }, meterIn('mg/Nm3', undefined, 11), 'other-reference-oxygen'],
    ['0 % on none', { referenceOxygen: 0 }, meterIn('mg/Nm3'), 'reference-oxygen-of-meter-missing'],
    [
      'mass flow on a concentration',
      { unit: 'kg/h', gasState: at25 },
      meterIn('mg/Nm3', at0),
      'other-measure',
    ],
    ['normal on plain, half stated', { gasState: at25 }, meterIn('mg/m3'), 'gas-state-of-meter-missing'],
    ['normal on plain, nothing stated', {}, meterIn('mg/m3'), 'other-cubic-metre'],
  ])('is refused: %s', (_title, fields, meter, refusal) => {
    expect(limitOnMeter(limitOf(fields), meter)).toEqual({ refusal });
  });

  it('states nothing of what is no gas, and there nothing is asked of it', () => {
    const load = limitOf({ unit: 'kg/h' });
    expect(limitOnMeter(load, meterIn('kg/h', at25, 11))).toBe(load);
  });

  it('of before states could be stated is judged by its unit alone', () => {
    const old = limitOf({});
    expect(judgedLimitOnMeter(old, meterIn('mg/Nm3', undefined, 10))).toBe(old);
    expect(judgedLimitOnMeter(limitOf({ referenceOxygen: 7 }), meterIn('mg/Nm3', undefined, 10))).toEqual({
      refusal: 'other-reference-oxygen',
    });
  });
});
