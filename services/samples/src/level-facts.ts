import type { Limit, Meter } from '@songma/domain';

export const minuteMs = 60_000;
/** Registers and tallies are read every quarter of an hour. */
export const quarterMs = 15 * minuteMs;

/**
 * A span, relative to the first start of the samples, in which a level is multiplied: so that there is something to
 * see.
 */
export interface Episode {
  readonly fromHours: number;
  readonly toHours: number;
  readonly factor: number;
}

/** What a stack's or an outfall's instrument measures. */
export interface LevelFacts {
  readonly id: string;
  readonly name: string;
  readonly symbol: string;
  readonly quantity: 'concentration' | 'oxygen' | 'ph' | 'flow' | 'temperature';
  readonly unit: string;
  readonly mean: number;
  readonly swing: number;
  readonly noise: number;
  readonly intervalMs: number;
  readonly range: { readonly min?: number; readonly max: number };
  readonly limit?: Partial<Pick<Limit, 'value' | 'range' | 'factors'>> & {
    readonly document: string;
    /** Judged over each of these; the hour unless told. */
    readonly averagings?: readonly ('PT1H' | 'P1D')[];
  };
  readonly episodes?: readonly Episode[];
}

/** What is computed from levels, by their ids. */
export type DerivedFacts = Pick<Meter, 'id' | 'name' | 'quantity' | 'kind' | 'unit' | 'intervalMs'> &
  Partial<Pick<Meter, 'substance'>> & { readonly formula: string; readonly of: readonly string[] };

export function stackLevel(
  id: string,
  name: string,
  symbol: string,
  mean: number,
  intervalMs: number,
): LevelFacts {
  return {
    id,
    name,
    symbol,
    quantity: 'concentration',
    unit: 'mg/Nm3',
    mean,
    swing: 0.12,
    noise: 0.18,
    intervalMs,
    range: { min: 0, max: mean * 8 },
  };
}

export function effluentCod(mean: number, episodes: readonly Episode[] = []): LevelFacts {
  return {
    id: 'cod',
    name: 'COD',
    symbol: 'COD',
    quantity: 'concentration',
    unit: 'mg/L',
    mean,
    swing: 0.15,
    noise: 0.08,
    intervalMs: quarterMs,
    range: { min: 0, max: 1000 },
    limit: {
      value: 150,
      factors: { kq: 0.9, kf: 1.1 },
      document: 'QCVN 40:2011/BTNMT, B',
      averagings: ['PT1H', 'P1D'],
    },
    episodes,
  };
}

export function effluentPh(mean: number): LevelFacts {
  return {
    id: 'ph',
    name: 'pH',
    symbol: 'pH',
    quantity: 'ph',
    unit: '[pH]',
    mean,
    swing: 0.04,
    noise: 0.02,
    intervalMs: quarterMs,
    range: { min: 0, max: 14 },
    limit: { range: { min: 5.5, max: 9 }, document: 'QCVN 40:2011/BTNMT, B' },
  };
}
