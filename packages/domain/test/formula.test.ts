import { describe, expect, it } from 'vitest';
import { compileFormula, type FormulaInput } from '../src/index.ts';

const inputs = {
  no: { kind: 'level', unit: 'mg/Nm3' },
  no2: { kind: 'level', unit: 'mg/Nm3' },
  o2: { kind: 'level', unit: '%' },
  q: { kind: 'level', unit: 'Nm3/h' },
  wet: { kind: 'level', unit: 'm3/h' },
  ppm: { kind: 'level', unit: 'ppm' },
  kwh: { kind: 'interval', unit: 'kWh' },
  mwh: { kind: 'counter', unit: 'MWh' },
  clinker: { kind: 'interval', unit: 't' },
} as const satisfies Record<string, FormulaInput>;
type Name = keyof typeof inputs;

const concentration: FormulaInput = { kind: 'level', unit: 'mg/Nm3' };

/** The compiled formula over the inputs that it names, in their order. */
function compile(text: string, meter: FormulaInput, names?: readonly Name[]) {
  const named =
    names ?? (Object.keys(inputs) as Name[]).filter((name) => new RegExp(`\\b${name}\\b`).test(text));
  return compileFormula(text, Object.fromEntries(named.map((name) => [name, inputs[name]])), meter);
}

function value(text: string, meter: FormulaInput, given: readonly number[]): number {
  const formula = compile(text, meter);
  if ('problem' in formula) throw new Error(formula.problem);
  return formula.value(Float64Array.from(given));
}

describe('a formula', () => {
  it('binds as arithmetic does', () => {
    expect(value('no - no2 - 2 * no / 4', concentration, [10, 3])).toBe(10 - 3 - 5);
    expect(value('-(no + no2) * 1.5e1', concentration, [1, 2])).toBe(-45);
    expect(value('no / 2 / 2', concentration, [8])).toBe(2);
    expect(value('--no', concentration, [8])).toBe(8);
  });

  it('gives nitrogen oxides as NO2 in mass units: 210 of NO and 30 of NO2 are 351.93', () => {
    // 1.533 · 210 + 30, by the rule of domain's source for limits "NOx as NO2".
    expect(value('noxAsNo2(no, no2)', concentration, [210, 30])).toBeCloseTo(351.93, 10);
  });

  it('corrects to reference oxygen: at 18.7 % and a reference of 7 % it is 6.3 times as much', () => {
    const text = 'atReferenceOxygen(no, o2, 7)';
    expect(value(text, concentration, [100, 7])).toBeCloseTo(100, 10);
    expect(value(text, concentration, [100, 18.7])).toBeCloseTo((100 * 13.9) / 2.2, 8);
    expect(value(text, concentration, [1, 18.7])).toBeCloseTo(6.318, 3);
  });

  it('has no value at or above the guard of the oxygen, 20 % unless told', () => {
    const text = 'atReferenceOxygen(no, o2, 7)';
    expect(value(text, concentration, [100, 19.99])).toBeGreaterThan(0);
    expect(value(text, concentration, [100, 20])).toBeNaN();
    expect(value(text, concentration, [100, 20.9])).toBeNaN();
    expect(value('atReferenceOxygen(no, o2, 7, 18)', concentration, [100, 18])).toBeNaN();
    expect(value('atReferenceOxygen(no, o2, 7, 20.8)', concentration, [100, 20])).toBeGreaterThan(0);
  });

  it('takes the least, the most and the sum of its terms', () => {
    expect(value('max(no, no2) - min(no, no2)', concentration, [3, 10])).toBe(7);
    expect(value('sum(no, no2, no)', concentration, [3, 10])).toBe(16);
  });

  it.for<[string, FormulaInput, readonly number[], number, string]>([
    ['kwh + mwh', { kind: 'interval', unit: 'kWh' }, [5, 2], 2005, 'amount'],
    ['kwh + mwh', { kind: 'interval', unit: 'MWh' }, [5, 2], 2.005, 'amount'],
    ['kwh / clinker', { kind: 'level', unit: 'MJ/t' }, [10, 2], 18, 'level'],
    ['kwh', { kind: 'level', unit: 'kW' }, [10], 10, 'level'],
    ['no * q', { kind: 'interval', unit: 'kg' }, [200, 50_000], 10, 'integrated'],
    ['no * q', { kind: 'level', unit: 'kg/h' }, [200, 50_000], 10, 'level'],
    ['o2 + 0.05', { kind: 'level', unit: '%' }, [3], 8, 'level'],
    ['clinker * 0.525', { kind: 'interval', unit: 'kg' }, [2], 1050, 'amount'],
  ])('%s in %o', ([text, meter, given, expected, result]) => {
    const formula = compile(text, meter);
    expect(formula).toMatchObject({ result });
    expect(value(text, meter, given)).toBeCloseTo(expected, 9);
  });

  it.for<[string, string, FormulaInput, number, RegExp]>([
    ['a name that is no input', 'no + nox', concentration, 6, /"nox", which is not among the inputs/],
    ['a function that there is not', 'avg(no)', concentration, 1, /"avg" is no function: there are sum, min/],
    ['what is no formula', 'no; no2', concentration, 3, /";" is not understood/],
    ['a comparison', 'no > 5', concentration, 4, /">" is not understood/],
    ['a member of something', 'no.constructor', concentration, 3, /"\." is not understood/],
    ['an unclosed parenthesis', '(no + 1', concentration, 8, /expected "\)" instead of the end/],
    ['an operator without its term', 'no *', concentration, 5, /instead of the end/],
    ['two terms without an operator', 'no no2', concentration, 4, /"no2" is not expected here/],
    ['a call of nothing', 'max()', concentration, 5, /instead of "\)"/],
    ['what is nested without end', `${'('.repeat(40)}no${')'.repeat(40)}`, concentration, 33, /nested/],
    ['units that do not add up', 'no + o2', concentration, 4, /puts mg\/Nm3 and % together/],
    [
      'another unit than the meter’s',
      'no * q',
      concentration,
      1,
      /gives mg\/Nm3 · \(Nm3\/h\), .* to mg\/Nm3/,
    ],
    [
      'a concentration at reference state and a flow at the stack’s',
      'no * wet',
      { kind: 'interval', unit: 'kg' },
      1,
      /same state/,
    ],
    ['an amount and a level', 'kwh + o2', { kind: 'interval', unit: 'kWh' }, 5, /amount .* and a level/],
    [
      'an amount by an amount',
      'kwh * clinker',
      { kind: 'level', unit: 'kWh.t' },
      1,
      /neither an amount nor a level/,
    ],
    [
      'a level that is no rate as an amount',
      'kwh / clinker',
      { kind: 'interval', unit: 'kWh' },
      1,
      /integrated over time/,
    ],
    ['a register', 'kwh', { kind: 'counter', unit: 'kWh' }, 1, /no register/],
    ['volumes as NO2', 'noxAsNo2(ppm, ppm)', { kind: 'level', unit: 'ppm' }, 1, /takes masses/],
    ['one of two terms', 'noxAsNo2(no)', concentration, 1, /takes \(no, no2\), not 1/],
    ['oxygen that is no share', 'atReferenceOxygen(no, no2, 7)', concentration, 23, /must be a level in %/],
    ['a reference that is measured', 'atReferenceOxygen(no, o2, o2)', concentration, 27, /written out/],
    ['a reference beyond the guard', 'atReferenceOxygen(no, o2, 20)', concentration, 27, /below the guard/],
    [
      'a guard that guards nothing',
      'atReferenceOxygen(no, o2, 7, 20.9)',
      concentration,
      30,
      /below the 20.9 %/,
    ],
  ])('refuses %s', ([, text, meter, at, problem]) => {
    expect(compile(text, meter)).toEqual({ at, problem: expect.stringMatching(problem) as string });
  });

  it('refuses an input that it does not use', () => {
    expect(compile('no', concentration, ['no', 'no2'])).toMatchObject({
      problem: /* words */ expect.stringContaining('"no2"') as string,
    });
  });
});
