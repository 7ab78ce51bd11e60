import { FormulaError } from './formula-syntax.ts';
import { factorBetween, type UnitProduct } from './unit-products.ts';

/** A part of a formula that can be evaluated. */
export interface Term {
  readonly unit: UnitProduct;
  /** How often an amount is in it as a factor: 1 for kWh of an interval, 0 for a level and for kWh/t of amounts. */
  readonly amounts: number;
  /** Of the inputs' values in their order; not finite where it has no value. */
  readonly value: (inputs: Float64Array) => number;
}

/** Terms in the unit of the first. @throws FormulaError when they do not measure the same */
export function alike(terms: readonly Term[], at: number): Term[] {
  const [first] = terms;
  return terms.map((term) => {
    if (term.amounts !== first!.amounts) {
      throw new FormulaError(
        at,
        'puts an amount (of a counter or an interval) and a level together: they do not add up',
      );
    }
    const factor = factorBetween(term.unit, first!.unit);
    if (factor === undefined) {
      throw new FormulaError(
        at,
        `puts ${first!.unit.text} and ${term.unit.text} together: they do not convert${stateAdvice(term.unit, first!.unit)}`,
      );
    }
    return factor === 1 ? term : { ...term, unit: first!.unit, value: (given) => term.value(given) * factor };
  });
}

/** What to say beside two units that differ in the state of their gas; empty when they do not. */
export function stateAdvice(a: UnitProduct, b: UnitProduct): string {
  return (a.apart.get('N') ?? 0) === (b.apart.get('N') ?? 0)
    ? ''
    : '. Nm3 are cubic metres at reference conditions, m3 those at the stack: give all of them in the same state';
}
