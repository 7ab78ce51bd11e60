import ucum from '@lhncbc/ucum-lhc';
import { roundTo15Digits } from './sums.ts';

/** `to = from · factor + offset`. */
export interface UnitConversion {
  readonly factor: number;
  readonly offset: number;
}

export interface UnitProblem {
  readonly problem: 'unit_unknown' | 'unit_incompatible';
}

/**
 * Spellings that plants use, beside those of UCUM, per factor of a unit. `apart` names what UCUM's dimensions do not
 * tell apart: a cubic metre at reference conditions is no cubic metre at the stack's, a kilogram of CO2 equivalents no
 * kilogram, a reactive kilowatt hour no active one, a piece no pair. Units convert only to units with the same `apart`.
 */
const spellings = new Map<string, { readonly ucum: string; readonly apart?: string }>(
  Object.entries({
    'm³': { ucum: 'm3' },
    Nm3: { ucum: 'm3', apart: 'N' },
    'Nm³': { ucum: 'm3', apart: 'N' },
    tấn: { ucum: 't' },
    tonne: { ucum: 't' },
    tonnes: { ucum: 't' },
    Wh: { ucum: 'W.h' },
    kWh: { ucum: 'kW.h' },
    KWh: { ucum: 'kW.h' },
    KWH: { ucum: 'kW.h' },
    MWh: { ucum: 'MW.h' },
    GWh: { ucum: 'GW.h' },
    VA: { ucum: 'V.A', apart: 'VA' },
    kVA: { ucum: 'kV.A', apart: 'VA' },
    kVAh: { ucum: 'kW.h', apart: 'VA' },
    var: { ucum: 'W', apart: 'var' },
    kvar: { ucum: 'kW', apart: 'var' },
    kvarh: { ucum: 'kW.h', apart: 'var' },
    kVarh: { ucum: 'kW.h', apart: 'var' },
    Mvarh: { ucum: 'MW.h', apart: 'var' },
    kgCO2e: { ucum: 'kg', apart: 'CO2e' },
    tCO2e: { ucum: 't', apart: 'CO2e' },
    kgCO2: { ucum: 'kg', apart: 'CO2' },
    tCO2: { ucum: 't', apart: 'CO2' },
    '℃': { ucum: 'Cel' },
    '°C': { ucum: 'Cel' },
    degC: { ucum: 'Cel' },
    pH: { ucum: '[pH]' },
    ppm: { ucum: '[ppm]', apart: 'parts' },
    ppb: { ucum: '[ppb]', apart: 'parts' },
    NTU: { ucum: '{NTU}', apart: 'NTU' },
    MPN: { ucum: '{MPN}', apart: 'MPN' },
    '100ml': { ucum: '100.mL' },
    '100mL': { ucum: '100.mL' },
    '-': { ucum: '1' },
    piece: { ucum: '{piece}', apart: 'piece' },
    pieces: { ucum: '{piece}', apart: 'piece' },
    pcs: { ucum: '{piece}', apart: 'piece' },
    cái: { ucum: '{piece}', apart: 'piece' },
    chiếc: { ucum: '{piece}', apart: 'piece' },
  }),
);

/** Units whose spelling would be read as something made of others: the platinum-cobalt scale of colour. */
const wholes = new Map<string, ParsedUnit>(
  ['Pt/Co', 'Pt-Co', 'PtCo'].map((spelling) => [
    spelling,
    { ucum: '{Pt-Co}', apart: new Map([['Pt-Co', 1]]) },
  ]),
);

/** Longest unit that is looked at, characters. */
const unitLengthMax = 32;
/** Pairs of units kept; units come from outside, so that the cache must not grow with what is sent. */
const pairsKeptMax = 2000;

const kept = new Map<string, UnitConversion | UnitProblem>();

/**
 * How a number in `from` becomes a number in `to`. Both are UCUM (case-sensitive), with the spellings above.
 * `unit_unknown` means that one of them is not known; `unit_incompatible`, that no number of one is a number of the
 * other by a factor and an offset.
 */
export function unitConversion(from: string, to: string): UnitConversion | UnitProblem {
  const pair = `${from}\n${to}`;
  let conversion = kept.get(pair);
  if (conversion === undefined) {
    conversion = convert(from.trim(), to.trim());
    if (kept.size >= pairsKeptMax) kept.clear();
    kept.set(pair, conversion);
  }
  return conversion;
}

/** Whether {@link unitConversion} knows the unit. */
export function isUnit(unit: string): boolean {
  return !('problem' in unitConversion(unit, unit));
}

function convert(from: string, to: string): UnitConversion | UnitProblem {
  const source = parseUnit(from);
  const target = parseUnit(to);
  if (source === undefined || target === undefined) return { problem: 'unit_unknown' };
  if (!isSameApart(source.apart, target.apart)) return { problem: 'unit_incompatible' };
  if (source.ucum === target.ucum) return { factor: 1, offset: 0 };
  const zero = ucumValue(0, source.ucum, target.ucum);
  const one = ucumValue(1, source.ucum, target.ucum);
  if (zero === undefined || one === undefined) return { problem: 'unit_incompatible' };
  if (zero === 0) return { factor: roundTo15Digits(one), offset: 0 };
  // A scale with another zero (°F to °C): the slope over a long span carries less rounding.
  const far = ucumValue(1e6, source.ucum, target.ucum);
  if (far === undefined || !Number.isFinite(zero)) return { problem: 'unit_incompatible' };
  const factor = (far - zero) / 1e6;
  if (Math.abs(zero + factor - one) > 1e-9 * Math.abs(one)) return { problem: 'unit_incompatible' };
  // The library goes over kelvin: of 15 digits it keeps 13.
  return { factor: Number(factor.toPrecision(13)), offset: Number(zero.toPrecision(13)) };
}

/** A unit in UCUM's own spelling, and how often it holds what UCUM does not tell apart: `{N: -1}` for mg/Nm3. */
export interface ParsedUnit {
  readonly ucum: string;
  readonly apart: ReadonlyMap<string, number>;
}

/** Undefined when it is no unit. */
export function parseUnit(unit: string): ParsedUnit | undefined {
  const whole = wholes.get(unit);
  if (whole !== undefined) return whole;
  if (unit === '' || unit.length > unitLengthMax) return undefined;
  // The library prints about blanks, and looks units up in plain objects, where `constructor` is found.
  if (/\s/.test(unit) || unit.split(/[./()]/).some((factor) => factor in Object.prototype)) return undefined;
  const apart = new Map<string, number>();
  // Signs of the exponents: of the next factor, and of those in the parentheses around it.
  const outer = [1];
  let sign = 1;
  const text = unit.replace(/[µμ]/g, 'u').replace(/[./()]|[^./()]+/g, (token) => {
    if (token === '.') sign = outer.at(-1) ?? 1;
    else if (token === '/') sign = -(outer.at(-1) ?? 1);
    else if (token === '(') outer.push(sign);
    else if (token === ')') outer.pop();
    const spelling = spellings.get(token) ?? countedThing(token);
    if (spelling === undefined) return token;
    if (spelling.apart !== undefined) apart.set(spelling.apart, (apart.get(spelling.apart) ?? 0) + sign);
    return spelling.ucum.includes('.') ? `(${spelling.ucum})` : spelling.ucum;
  });
  try {
    if (library().validateUnitString(text).status !== 'valid') return undefined;
  } catch {
    // Units come from outside, and the library stumbles over some texts that are no units.
    return undefined;
  }
  return { ucum: text, apart };
}

/** UCUM takes what is in braces for words about a plain number: a pair would convert to a piece. */
function countedThing(token: string): { readonly ucum: string; readonly apart: string } | undefined {
  const named = /^\{(.+)\}$/.exec(token)?.[1];
  return named === undefined ? undefined : { ucum: token, apart: named };
}

/** Whether two units hold the same of what UCUM does not tell apart. */
export function isSameApart(a: ParsedUnit['apart'], b: ParsedUnit['apart']): boolean {
  return [...a.keys(), ...b.keys()].every((key) => (a.get(key) ?? 0) === (b.get(key) ?? 0));
}

/** A number of one UCUM unit in another; undefined when they do not measure the same. */
export function ucumValue(value: number, from: string, to: string): number | undefined {
  try {
    const { status, toVal } = library().convertUnitTo(from, value, to);
    return status === 'succeeded' && toVal !== null && Number.isFinite(toVal) ? toVal : undefined;
  } catch {
    // It throws for some pairs of different dimensions instead of answering `failed`.
    return undefined;
  }
}

/** Reads its tables of units (16 ms) at the first use, not at import. */
function library(): InstanceType<typeof ucum.UcumLhcUtils> {
  return ucum.UcumLhcUtils.getInstance();
}
