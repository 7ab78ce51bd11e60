import type { MeterKind } from './entities.ts';
import { FormulaError, parseFormula, type FormulaNode, type FormulaProblem } from './formula-syntax.ts';
import { functions } from './formula-functions.ts';
import { alike, stateAdvice, type Term } from './formula-terms.ts';
import {
  divided,
  factorBetween,
  multiplied,
  unitOne,
  unitProductOf,
  type UnitProduct,
} from './unit-products.ts';

export type { FormulaProblem } from './formula-syntax.ts';

/** What a formula needs to know of a meter. */
export interface FormulaInput {
  readonly kind: MeterKind;
  readonly unit: string;
}

export interface CompiledFormula {
  /** Names of the inputs in the order in which `value` takes them. */
  readonly names: readonly string[];
  /**
   * Of the inputs' values, in the meter's unit: levels as they are, amounts over any one time. Not finite where the
   * formula has no value: a division by zero, or oxygen beyond its guard.
   */
  readonly value: (inputs: Float64Array) => number;
  /**
   * - `amount`: the value is the amount over the time that the inputs' amounts are given for;
   * - `integrated`: it is that of one hour, whatever the time;
   * - `level`: a state; amounts are to be given per hour.
   */
  readonly result: 'amount' | 'integrated' | 'level';
}

/**
 * The formula of a meter of that kind and unit, or what is wrong with it. Addition converts its terms to one unit,
 * multiplication makes a new one, and the result must be convertible to the meter's unit. Amounts (of counters and
 * intervals) add up with amounts only; a level becomes an amount over time, an amount a level per time.
 */
export function compileFormula(
  text: string,
  inputs: Readonly<Record<string, FormulaInput>>,
  meter: FormulaInput,
): CompiledFormula | FormulaProblem {
  const names = Object.keys(inputs);
  try {
    const node = parseFormula(text);
    const term = termOf(node, names, inputs);
    const unused = names.find((name) => !namesIn(node).has(name));
    if (unused !== undefined) {
      return { at: 1, problem: `does not use its input "${unused}": use it, or leave it out` };
    }
    return { names, ...resultOf(term, meter) };
  } catch (error) {
    if (error instanceof FormulaError) return { at: error.at, problem: error.message };
    throw error;
  }
}

const hour: UnitProduct = { ucum: 'h', apart: new Map(), text: 'h' };

function resultOf(term: Term, meter: FormulaInput): Pick<CompiledFormula, 'value' | 'result'> {
  const wanted = unitProductOf(meter.unit);
  if (wanted === undefined) throw new FormulaError(1, `gives "${meter.unit}", which is no unit`);
  if (meter.kind === 'counter') {
    throw new FormulaError(1, 'gives no register: take kind "interval" for an amount, or "level"');
  }
  if (term.amounts !== 0 && term.amounts !== 1) {
    throw new FormulaError(
      1,
      'multiplies amounts with one another, or divides by one: neither an amount nor a level',
    );
  }
  const isAmount = term.amounts === 1;
  const wantsAmount = meter.kind === 'interval';
  const unit = isAmount === wantsAmount ? term.unit : (wantsAmount ? multiplied : divided)(term.unit, hour);
  const factor = factorBetween(unit, wanted);
  if (factor === undefined) {
    const how = isAmount === wantsAmount ? '' : wantsAmount ? ' integrated over time' : ' per time';
    throw new FormulaError(
      1,
      `gives ${term.unit.text}${how}, which does not convert to ${wanted.text}${stateAdvice(unit, wanted)}`,
    );
  }
  const value = factor === 1 ? term.value : (given: Float64Array) => term.value(given) * factor;
  return { value, result: !wantsAmount ? 'level' : isAmount ? 'amount' : 'integrated' };
}

function termOf(
  node: FormulaNode,
  names: readonly string[],
  inputs: Readonly<Record<string, FormulaInput>>,
): Term {
  switch (node.is) {
    case 'number': {
      const { value } = node;
      return { unit: unitOne, amounts: 0, value: () => value };
    }
    case 'name': {
      const index = names.indexOf(node.name);
      if (index < 0) {
        throw new FormulaError(
          node.at,
          `names "${node.name}", which is not among the inputs: name its meter there`,
        );
      }
      const { kind, unit: text } = inputs[node.name]!;
      const unit = unitProductOf(text);
      if (unit === undefined)
        throw new FormulaError(node.at, `"${node.name}" is in "${text}", which is no unit`);
      return { unit, amounts: kind === 'level' ? 0 : 1, value: (given) => given[index]! };
    }
    case 'negative': {
      const of = termOf(node.of, names, inputs);
      return { ...of, value: (given) => -of.value(given) };
    }
    case 'call': {
      const call = functions.get(node.name);
      if (call === undefined) {
        throw new FormulaError(
          node.at,
          `"${node.name}" is no function: there are ${[...functions.keys()].join(', ')}`,
        );
      }
      const given = node.given.map((one) => termOf(one, names, inputs));
      return call(given, node);
    }
    case 'operation': {
      const left = termOf(node.left, names, inputs);
      const right = termOf(node.right, names, inputs);
      switch (node.operator) {
        case '*':
          return {
            unit: multiplied(left.unit, right.unit),
            amounts: left.amounts + right.amounts,
            value: (given) => left.value(given) * right.value(given),
          };
        case '/':
          return {
            unit: divided(left.unit, right.unit),
            amounts: left.amounts - right.amounts,
            value: (given) => left.value(given) / right.value(given),
          };
        case '+':
        case '-': {
          const [a, b] = alike([left, right], node.at);
          const sign = node.operator === '+' ? 1 : -1;
          return { ...a!, value: (given) => a!.value(given) + sign * b!.value(given) };
        }
      }
    }
  }
}

function namesIn(node: FormulaNode): Set<string> {
  switch (node.is) {
    case 'number':
      return new Set();
    case 'name':
      return new Set([node.name]);
    case 'negative':
      return namesIn(node.of);
    case 'operation':
      return new Set([...namesIn(node.left), ...namesIn(node.right)]);
    case 'call':
      return new Set(node.given.flatMap((one) => [...namesIn(one)]));
  }
}
