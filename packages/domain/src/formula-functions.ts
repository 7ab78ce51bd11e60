import { alike, type Term } from './formula-terms.ts';
import { FormulaError, type FormulaNode } from './formula-syntax.ts';
import { factorBetween, unitProductOf } from './unit-products.ts';

type Call = Extract<FormulaNode, { readonly is: 'call' }>;

/** Molar mass of NO2 over that of NO: 46.006 / 30.006 g/mol, to the digits in use. */
const no2OfNo = 1.533;
/** Oxygen of dry air, volume percent. */
const airOxygen = 20.9;
/** From this oxygen on a stack holds little but air, and what is left of the gas is not told by a correction. */
const oxygenGuard = 20;

/** What `noxAsNo2` takes: by volume 1 ppm of NO is 1 ppm of NO2, so that the factor would be wrong. */
const massUnits = ['mg/m3', 'mg/Nm3', 'kg', 'kg/h'];

/** Functions of the formulas by name. They check what they are given. @throws FormulaError */
export const functions: ReadonlyMap<string, (given: readonly Term[], call: Call) => Term> = new Map([
  ['sum', (given, { at }) => folded(given, at, (a, b) => a + b)],
  ['min', (given, { at }) => folded(given, at, Math.min)],
  ['max', (given, { at }) => folded(given, at, Math.max)],
  ['noxAsNo2', noxAsNo2],
  ['atReferenceOxygen', atReferenceOxygen],
]);

function folded(given: readonly Term[], at: number, both: (a: number, b: number) => number): Term {
  return alike(given, at).reduce((a, b) => ({
    ...a,
    value: (inputs) => both(a.value(inputs), b.value(inputs)),
  }));
}

/** Nitrogen oxides as NO2, in mass units: `1.533 · NO + NO2`. */
function noxAsNo2(given: readonly Term[], call: Call): Term {
  requireCount(given, call, 2, 2, 'no, no2');
  const [no, no2] = alike(given, call.at);
  if (!massUnits.some((unit) => factorBetween(no!.unit, unitProductOf(unit)!) !== undefined)) {
    throw new FormulaError(
      call.at,
      `noxAsNo2 takes masses such as mg/Nm3, not ${no!.unit.text}: by volume NO and NO2 add up as they are`,
    );
  }
  return { ...no!, value: (inputs) => no2OfNo * no!.value(inputs) + no2!.value(inputs) };
}

/**
 * A concentration at reference oxygen: `c · (20.9 − o2Ref) / (20.9 − o2)`. At and above the guard (20 % unless told) it
 * has no value, and is never inflated.
 * @see QCVN 19:2024/BTNMT
 */
function atReferenceOxygen(given: readonly Term[], call: Call): Term {
  requireCount(given, call, 3, 4, 'c, o2, o2Ref, guard');
  const [c, o2] = [given[0]!, given[1]!];
  const percent = factorBetween(o2.unit, unitProductOf('%')!);
  if (percent === undefined || o2.amounts !== 0) {
    throw new FormulaError(call.given[1]!.at, `the oxygen must be a level in %, not ${o2.unit.text}`);
  }
  const reference = literal(call.given[2]!, 'o2Ref');
  const guard = call.given[3] === undefined ? oxygenGuard : literal(call.given[3], 'guard');
  if (guard >= airOxygen) {
    throw new FormulaError(call.given[3]!.at, `the guard must lie below the ${airOxygen} % of air`);
  }
  if (reference >= guard) {
    throw new FormulaError(call.given[2]!.at, `the reference must lie below the guard of ${guard} %`);
  }
  return {
    ...c,
    value: (inputs) => {
      const oxygen = o2.value(inputs) * percent;
      return oxygen < guard ? (c.value(inputs) * (airOxygen - reference)) / (airOxygen - oxygen) : Number.NaN;
    },
  };
}

function literal(node: FormulaNode, name: string): number {
  if (node.is !== 'number') throw new FormulaError(node.at, `${name} must be a number in %, written out`);
  return node.value;
}

function requireCount(
  { length }: readonly Term[],
  { at, name }: Call,
  min: number,
  max: number,
  signature: string,
): void {
  if (length >= min && length <= max) return;
  throw new FormulaError(at, `${name} takes (${signature}), not ${length} terms`);
}
