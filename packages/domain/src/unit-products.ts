import { roundTo15Digits } from './sums.ts';
import { isSameApart, parseUnit, ucumValue, type ParsedUnit } from './units.ts';

/** A unit that is made of others, and how it is told. */
export interface UnitProduct extends ParsedUnit {
  readonly text: string;
}

/** Of a plain number. */
export const unitOne: UnitProduct = { ucum: '1', apart: new Map(), text: '1' };

/** Undefined when it is no unit. */
export function unitProductOf(unit: string): UnitProduct | undefined {
  const parsed = parseUnit(unit.trim());
  return parsed === undefined ? undefined : { ...parsed, text: unit.trim() };
}

export function multiplied(a: UnitProduct, b: UnitProduct): UnitProduct {
  return composed(a, b, '.');
}

export function divided(a: UnitProduct, b: UnitProduct): UnitProduct {
  return composed(a, b, '/');
}

/** By what a number of one unit is multiplied to be one of another; undefined when they do not measure the same. */
export function factorBetween(from: UnitProduct, to: UnitProduct): number | undefined {
  if (!isSameApart(from.apart, to.apart)) return undefined;
  if (from.ucum === to.ucum) return 1;
  const [zero, one] = [ucumValue(0, from.ucum, to.ucum), ucumValue(1, from.ucum, to.ucum)];
  return zero === 0 && one !== undefined ? roundTo15Digits(one) : undefined;
}

function composed(a: UnitProduct, b: UnitProduct, operator: '.' | '/'): UnitProduct {
  const sign = operator === '.' ? 1 : -1;
  if (b.ucum === '1') return a;
  const apart = new Map(a.apart);
  for (const [key, exponent] of b.apart) apart.set(key, (apart.get(key) ?? 0) + sign * exponent);
  if (a.ucum === '1' && operator === '.') return b;
  return {
    ucum: `(${a.ucum})${operator}(${b.ucum})`,
    apart,
    text: `${a.text} ${operator === '.' ? '·' : '/'} ${/[./·]/.test(b.text) ? `(${b.text})` : b.text}`,
  };
}
