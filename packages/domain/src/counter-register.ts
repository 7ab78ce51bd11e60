import type { Meter } from './entities.ts';

const dayMs = 86_400_000;
const hourMs = 3_600_000;

/**
 * How long a counter may be silent and its consumption still be spread over the silence. Longer ones leave the time
 * uncovered: a register read once a month does not tell a day.
 */
export const counterGapMaxMs = 7 * dayMs;

/**
 * The longest stretch of false readings that is recognised as one, and how far around an irregular step its judgement
 * looks: a day, or three intervals of a meter that is read more rarely.
 */
export function counterHoldBackMs(meter: Meter): number {
  return Math.max(dayMs, 3 * meter.intervalMs);
}

/** How many times faster than the meter's usual a rise may be and still be believed, when no rating is stated. */
const usualTimesMax = 10;
/** Which of the rates around counts as the usual one: high enough for a plant that stands idle most of the time. */
const usualQuantile = 0.9;
/** Readings on either side of what is questioned that tell the usual rate. */
const usualReadingsMax = 200;
/** Readings on either side of a rise that may show it to be the way into a glitch or out of it. */
const doubtReadingsMax = 24;

/** Some neighbouring readings of a register: first and last, inclusive. */
export interface Stretch {
  readonly first: number;
  readonly last: number;
}

/** Most that a register may have risen from the reading at `from` to that at `to`; undefined: nothing tells. */
export type MostRise = (from: number, to: number) => number | undefined;

/**
 * The valid readings of one counter, in register units, and what may be asked of the neighbourhood of a step. A step
 * lies between neighbouring readings and is named by the first. Nothing here looks across a silence longer than
 * {@link counterGapMaxMs}.
 */
export class Register {
  readonly times: Float64Array;
  readonly values: Float64Array;
  readonly holdBackMs: number;
  /** First value that the register cannot show. */
  readonly width: number | undefined;
  readonly #meter: Meter;
  /** The meter's rating in register units per millisecond. */
  readonly #ratePerMs: number | undefined;
  /** 1 for irregular steps. */
  readonly #irregular: Uint8Array;

  /** Columns of equal length, ascending in time. */
  constructor(meter: Meter, times: Float64Array, values: Float64Array) {
    this.times = times;
    this.values = values;
    this.holdBackMs = counterHoldBackMs(meter);
    this.width = meter.registerWidth;
    this.#meter = meter;
    this.#ratePerMs =
      meter.ratePerHourMax === undefined ? undefined : meter.ratePerHourMax / meter.multiplier / hourMs;
    this.#irregular = new Uint8Array(times.length);
    for (let step = 0; step + 1 < times.length; step++)
      if (this.#needsJudgement(step)) this.#irregular[step] = 1;
  }

  /**
   * Whether the step after this reading needs to be judged: a drop, a declared swap in it, or a rise that is too
   * fast for the meter's rating. Without a rating, a rise from exactly 0: that is what a register shows which has
   * not been read. Told from the two readings alone.
   */
  isIrregular(step: number): boolean {
    return this.#irregular[step] === 1;
  }

  #needsJudgement(step: number): boolean {
    const [from, to] = [this.values[step]!, this.values[step + 1]!];
    if (this.isSilence(step)) return false;
    if (to < from || this.hasSwap(step, step + 1)) return true;
    if (this.#ratePerMs === undefined) return from === 0 && to > 0;
    return to - from > this.#most(this.#ratePerMs, step, step + 1);
  }

  /** Whether no reading came for so long that what lies before says nothing about what lies after. */
  isSilence(step: number): boolean {
    return this.times[step + 1]! - this.times[step]! > counterGapMaxMs;
  }

  /** Whether a swap of the meter is declared for the time after one reading up to another. */
  hasSwap(from: number, to: number): boolean {
    return this.#meter.swaps?.some(({ at }) => at > this.times[from]! && at <= this.times[to]!) === true;
  }

  /** The readings whose steps lie within the hold-back before `from` and after `to`. */
  around(from: number, to: number): Stretch {
    const { times, holdBackMs } = this;
    let first = from;
    while (first > 0 && times[first]! >= times[from]! - holdBackMs && !this.isSilence(first - 1)) first--;
    let last = to;
    const end = times.length - 1;
    while (last < end && times[last]! <= times[to]! + holdBackMs && !this.isSilence(last)) last++;
    return { first, last };
  }

  /**
   * The bound that rises within the stretch are held against: the meter's rating; without one, ten times the rate
   * that nine in ten of the nearest rises keep to. Neither the rise that is held against it counts among these, nor
   * what may itself belong to a glitch.
   */
  mostRise(stretch: Stretch, from: number, to: number): MostRise {
    const rated = this.#ratePerMs;
    if (rated !== undefined) return (start, end) => this.#most(rated, start, end);
    const rates = [
      ...this.#trustedRates(Math.max(stretch.first, from - usualReadingsMax), from, this.values[to]!),
      ...this.#trustedRates(to, Math.min(stretch.last, to + usualReadingsMax), this.values[from]!),
    ].toSorted((a, b) => a.rate - b.rate);
    return (start, end) => {
      const others = rates.filter(({ step }) => step < start || step >= end);
      const usual = others[Math.ceil(others.length * usualQuantile) - 1];
      return usual === undefined ? undefined : this.#most(usualTimesMax * usual.rate, start, end);
    };
  }

  /** Whether the meter states a rating. */
  get isRated(): boolean {
    return this.#ratePerMs !== undefined;
  }

  /**
   * Rates of the rises from `first` to `last` that are not in doubt. One that crosses `level`, the register on the
   * other side of what is questioned, may be the way into a glitch or out of it. So may one over which the register
   * had been already, or is back soon, and one next to an irregular step.
   */
  #trustedRates(
    first: number,
    last: number,
    level: number,
  ): { readonly step: number; readonly rate: number }[] {
    const { values } = this;
    const rates: { step: number; rate: number }[] = [];
    for (let step = first; step < last; step++) {
      const [low, high] = [values[step]!, values[step + 1]!];
      if (high <= low || (low <= level && level <= high)) continue;
      let isTrusted = ![step - 1, step, step + 1].some(
        (at) => at >= first && at < last && this.isIrregular(at),
      );
      for (let by = 1; isTrusted && by <= doubtReadingsMax; by++) {
        const [before, after] = [step - by, step + 1 + by];
        if (before >= first && values[before]! > low && values[before]! <= high) isTrusted = false;
        if (after <= last && values[after]! >= low && values[after]! < high) isTrusted = false;
      }
      if (isTrusted) rates.push({ step, rate: (high - low) / this.#lasted(step, step + 1) });
    }
    return rates;
  }

  #most(ratePerMs: number, from: number, to: number): number {
    const most = ratePerMs * this.#lasted(from, to);
    // The last digit that the register shows turns over at once, however slowly it has been coming.
    return most + lastDigit(this.values[from]!, this.values[to]!);
  }

  /** A reading that comes early does not make a rate: time counts from one interval on. */
  #lasted(from: number, to: number): number {
    return Math.max(this.times[to]! - this.times[from]!, this.#meter.intervalMs);
  }
}

/** What the last decimal place is worth in which either of two values shows a digit; 1 when neither has decimals. */
function lastDigit(a: number, b: number): number {
  let worth = 1;
  for (let places = 0; places < 9; places++, worth /= 10) {
    const scale = 1 / worth;
    if (isNearInteger(a * scale) && isNearInteger(b * scale)) break;
  }
  return worth;
}

function isNearInteger(value: number): boolean {
  return Math.abs(value - Math.round(value)) < 1e-6 * Math.max(1, Math.abs(value) * 1e-6);
}
