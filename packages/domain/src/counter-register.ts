import { counterGapMaxMs, counterHoldBackMs, nearStepsMax } from './counter-reach.ts';
import { isSetBack, resetsBetween, type ResetsBetween } from './counter-resets.ts';
import type { Meter } from './entities.ts';
import { lastDigit } from './last-digit.ts';

const hourMs = 3_600_000;

/** How many times faster than the meter's usual a rise may be and still be believed, when no rating is stated. */
export const usualTimesMax = 10;
/** Which of the rates around counts as the usual one: high enough for a plant that stands idle most of the time. */
const usualQuantile = 0.9;
/** Readings on either side of what is questioned that tell the usual rate. */
const usualReadingsMax = 200;
/** Rises in doubt that tell the usual rate together, where there are no others. */
const doubtedRisesMin = 8;
/** Readings on either side of a rise that may show it to be the way into a glitch or out of it. */
const doubtReadingsMax = 24;

/** So many times the last digit that a register shows is nothing, however still it stands otherwise. */
const digitsMax = 10;

/** Some neighbouring readings of a register: first and last, inclusive. */
export interface Stretch {
  readonly first: number;
  readonly last: number;
}

/** Marks of an irregular step. */
const broken = 1;
const steep = 2;

interface Rise {
  readonly step: number;
  readonly rate: number;
  readonly isTrusted: boolean;
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
  readonly gapMaxMs: number;
  /** First value that the register cannot show. */
  readonly width: number | undefined;
  /** Whether it runs both ways, so that a fall is an amount too. */
  readonly isNet: boolean;
  readonly #meter: Meter;
  readonly #zone: string;
  /** The meter's rating in register units per millisecond. */
  readonly #ratePerMs: number | undefined;
  /** The bits of {@link broken} and {@link steep} by step. */
  readonly #marks: Uint8Array;
  /** Rate of each step; negative where it tells nothing about the meter: a broken step, or a silence. */
  readonly #rates: Float64Array;

  /** Columns of equal length, ascending in time. */
  constructor(meter: Meter, zone: string, times: Float64Array, values: Float64Array) {
    this.times = times;
    this.values = values;
    this.holdBackMs = counterHoldBackMs(meter);
    this.gapMaxMs = counterGapMaxMs(meter);
    this.width = meter.registerWidth;
    this.isNet = meter.direction === 'both';
    this.#meter = meter;
    this.#zone = zone;
    this.#ratePerMs =
      meter.ratePerHourMax === undefined ? undefined : meter.ratePerHourMax / meter.multiplier / hourMs;
    const steps = Math.max(0, times.length - 1);
    this.#marks = new Uint8Array(steps);
    this.#rates = new Float64Array(steps);
    for (let step = 0; step < steps; step++) {
      if (this.#needsJudgement(step)) this.#marks[step] = broken;
      const isTelling = this.#marks[step] === 0 && !this.isSilence(step);
      this.#rates[step] = isTelling ? this.#rise(step) / this.lasted(step, step + 1) : -1;
    }
    if (this.isRated) return;
    for (let step = 0; step < steps; step++) if (this.#isSteep(step)) this.#marks[step] = steep;
  }

  /** Whether the step after this reading needs to be judged: it is broken, or steep. */
  isIrregular(step: number): boolean {
    return this.#marks[step] !== 0;
  }

  /**
   * A drop, a declared swap or reset in the step, or a rise that is too fast for the meter's rating. Without a rating, a rise
   * from exactly 0: that is what a register shows which has not been read. Told from the two readings alone.
   */
  isBroken(step: number): boolean {
    return this.#marks[step] === broken;
  }

  /** Whether a step near this one tells how fast the meter runs. */
  hasCompany(step: number): boolean {
    const rates = this.#rates;
    const isBetween = (rates[step - 1] ?? -1) >= 0 || (rates[step + 1] ?? -1) >= 0;
    return isBetween || this.#nearRates(step).count > 0;
  }

  #needsJudgement(step: number): boolean {
    const [from, to] = [this.values[step]!, this.values[step + 1]!];
    if (this.isSilence(step)) return false;
    if (this.hasSwap(step, step + 1) || (to < from && !this.isNet)) return true;
    if (isSetBack(this.resetsBetween(step, step + 1))) return true;
    if (this.#ratePerMs === undefined) return from === 0 && to > 0 && !this.isNet;
    return this.#rise(step) > this.#most(this.#ratePerMs, step, step + 1);
  }

  /**
   * Whether a rise is out of proportion to the steps next to it: faster than ten times the second fastest of them.
   * Where none tells, a rise that more than doubles the register. Told from the steps within the hold-back alone.
   */
  #isSteep(step: number): boolean {
    const rate = this.#rates[step]!;
    if (rate <= 0 || this.#isAsBefore(step, rate)) return false;
    const { count, bound } = this.#nearRates(step);
    if (count > 0 && rate <= usualTimesMax * bound) return false;
    const [from, to] = [this.values[step]!, this.values[step + 1]!];
    const most = count === 0 ? Math.abs(from) : usualTimesMax * bound * this.lasted(step, step + 1);
    return Math.abs(to - from) > most + digitsMax * lastDigit(from, to);
  }

  /** Whether two steps before are fast enough already: the quick answer for most. */
  #isAsBefore(step: number, rate: number): boolean {
    const rates = this.#rates;
    if (step < 2 || usualTimesMax * rates[step - 1]! < rate || usualTimesMax * rates[step - 2]! < rate)
      return false;
    return this.times[step]! - this.times[step - 1]! <= this.holdBackMs;
  }

  /** How many steps near by tell a rate, and the second greatest of these rates; of one, that one. */
  #nearRates(step: number): { readonly count: number; readonly bound: number } {
    const { times, holdBackMs } = this;
    let [count, first, second] = [0, 0, 0];
    const take = (rate: number) => {
      if (rate < 0) return;
      count++;
      if (rate >= first) [first, second] = [rate, first];
      else if (rate > second) second = rate;
    };
    for (let by = 1; by <= nearStepsMax; by++) {
      const near = step - by;
      if (near < 0 || this.isSilence(near) || times[step]! - times[near + 1]! > holdBackMs) break;
      take(this.#rates[near]!);
    }
    for (let by = 1; by <= nearStepsMax; by++) {
      const near = step + by;
      if (near >= this.#rates.length || this.isSilence(near) || times[near]! - times[step + 1]! > holdBackMs)
        break;
      take(this.#rates[near]!);
    }
    return { count, bound: count === 1 ? first : second };
  }

  /** By how much the register moves in a step: upwards, unless it runs both ways. */
  #rise(step: number): number {
    const rise = this.values[step + 1]! - this.values[step]!;
    return this.isNet ? Math.abs(rise) : rise;
  }

  /** Rate of a step in register units per millisecond; negative where it tells nothing. */
  rate(step: number): number {
    return this.#rates[step]!;
  }

  /** Whether the register is set back between two readings, by declaration. */
  resetsBetween(from: number, to: number): ResetsBetween {
    return resetsBetween(this.#meter, this.#zone, this.times[from]!, this.times[to]!);
  }

  /** Whether no reading came for so long that what lies before says nothing about what lies after. */
  isSilence(step: number): boolean {
    return this.times[step + 1]! - this.times[step]! > this.gapMaxMs;
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
   * what may itself belong to a glitch. Where all may, as in a register that begins again every hour, ten times the
   * rate that half of them keep to.
   */
  mostRise(stretch: Stretch, from: number, to: number): MostRise {
    const rated = this.#ratePerMs;
    if (rated !== undefined) return (start, end) => this.#most(rated, start, end);
    const { rates, areSure } = this.#ratesAround(stretch, from, to);
    const quantile = areSure ? usualQuantile : 0.5;
    return (start, end) => {
      const others = rates.filter(({ step }) => step < start || step >= end);
      const usual = others[Math.ceil(others.length * quantile) - 1];
      return usual === undefined ? undefined : this.#most(usualTimesMax * usual.rate, start, end);
    };
  }

  /**
   * How many times as fast the rise between two readings is as the second fastest that is known around; 0 for what may
   * be the last digit, undefined where nothing tells.
   */
  steepness(stretch: Stretch, from: number, to: number): number | undefined {
    const { rates } = this.#ratesAround(stretch, from, to);
    const usual = rates.at(-2) ?? rates.at(-1);
    if (usual === undefined) return undefined;
    const rise = this.values[to]! - this.values[from]!;
    const digits = digitsMax * lastDigit(this.values[from]!, this.values[to]!);
    return Math.max(0, rise - digits) / (usual.rate * this.lasted(from, to));
  }

  /** Rates of the rises next to what is questioned, ascending; of those in doubt where there are no others. */
  #ratesAround(stretch: Stretch, from: number, to: number) {
    const [first, last] = [
      Math.max(stretch.first, from - usualReadingsMax),
      Math.min(stretch.last, to + usualReadingsMax),
    ];
    const before = this.#risesOf(first, from, this.values[to]!);
    const after = this.#risesOf(to, last, this.values[from]!);
    const all = [...before, ...after].toSorted((a, b) => a.rate - b.rate);
    const sure = all.filter(({ isTrusted }) => isTrusted);
    if (sure.length > 0 || all.length < doubtedRisesMin) return { rates: sure, areSure: true };
    return { rates: all, areSure: false };
  }

  /** Whether the meter states a rating. */
  get isRated(): boolean {
    return this.#ratePerMs !== undefined;
  }

  /**
   * Rates of the rises from `first` to `last`, but for those next to a broken step. One that crosses `level`, the
   * register on the other side of what is questioned, may be the way into a glitch or out of it, and is in doubt. So
   * is one over which the register had been already, or is back soon.
   */
  #risesOf(first: number, last: number, level: number): readonly Rise[] {
    const { values } = this;
    const rises: Rise[] = [];
    for (let step = first; step < last; step++) {
      const [low, high] = [values[step]!, values[step + 1]!];
      if (high <= low) continue;
      if ([step - 1, step, step + 1].some((at) => at >= first && at < last && this.isBroken(at))) continue;
      let isTrusted = low > level || level > high;
      for (let by = 1; isTrusted && by <= doubtReadingsMax; by++) {
        const [before, after] = [step - by, step + 1 + by];
        if (before >= first && values[before]! > low && values[before]! <= high) isTrusted = false;
        if (after <= last && values[after]! >= low && values[after]! < high) isTrusted = false;
      }
      rises.push({ step, rate: (high - low) / this.lasted(step, step + 1), isTrusted });
    }
    return rises;
  }

  #most(ratePerMs: number, from: number, to: number): number {
    const most = ratePerMs * this.lasted(from, to);
    // The last digit that the register shows turns over at once, however slowly it has been coming.
    return most + lastDigit(this.values[from]!, this.values[to]!);
  }

  /** A reading that comes early does not make a rate: time counts from one interval on. */
  lasted(from: number, to: number): number {
    return Math.max(this.times[to]! - this.times[from]!, this.#meter.intervalMs);
  }
}
