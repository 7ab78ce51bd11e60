import { roundTo15Digits, unitConversion, type Assurance, type Bilingual } from '@songma/domain';
import { secNorms } from './sec-norm-pack.ts';

/** A bound of specific energy consumption over the dates in which it binds. */
export interface NormBound {
  readonly value: number;
  /** First date; null where none was found: then from the year of the circular. */
  readonly validFrom: string | null;
  /** Exclusive. */
  readonly validTo: string;
}

/** What a circular lets a product take, energy of all kinds per unit of product over a year. */
export interface SecNorm {
  readonly id: string;
  /** With the tier of capacity, where there are tiers. */
  readonly product: Bilingual;
  /** UCUM. */
  readonly unit: string;
  /** Ascending; a time that none covers has no norm that is known. */
  readonly bounds: readonly NormBound[];
  readonly document: string;
  /** Of the circular. */
  readonly year: number;
  /** How sure the values are, and whether they have been compared with the circular itself. */
  readonly assurance: Assurance;
  readonly verified: boolean;
}

export function secNorm(id: string): SecNorm | undefined {
  return secNorms.find((norm) => norm.id === id);
}

/**
 * - `within`, `above`: the norm;
 * - `none-in-force`: no bound is known for the date; an older one is never extended;
 * - `unit-incompatible`: the consumption cannot be told in the norm's unit.
 */
export const secVerdicts = ['within', 'above', 'none-in-force', 'unit-incompatible'] as const;

export interface SecJudgement {
  readonly verdict: (typeof secVerdicts)[number];
  /** In the norm's unit; null when it cannot be told in it. */
  readonly value: number | null;
  /** The bound in force; null when there is none. */
  readonly bound: NormBound | null;
  /** Date on which the last bound before ended, where none is in force and there was one. */
  readonly endedOn: string | null;
}

/** Judges a year's specific energy consumption in `unit` (`kWh/t`) against what was in force on the date. */
export function judgeSec(norm: SecNorm, value: number, unit: string, date: string): SecJudgement {
  const first = `${norm.year}-01-01`;
  const bound = norm.bounds.find(({ validFrom, validTo }) => (validFrom ?? first) <= date && date < validTo);
  const conversion = unitConversion(unit, norm.unit);
  const converted = 'problem' in conversion ? null : roundTo15Digits(value * conversion.factor);
  const endedOn =
    bound === undefined ? norm.bounds.findLast(({ validTo }) => validTo <= date)?.validTo : undefined;
  const verdict =
    bound === undefined
      ? 'none-in-force'
      : converted === null
        ? 'unit-incompatible'
        : converted <= bound.value
          ? 'within'
          : 'above';
  return { verdict, value: converted, bound: bound ?? null, endedOn: endedOn ?? null };
}
