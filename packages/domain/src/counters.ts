import { glitchesOf, isReset, isWithinReason, rolledOver } from './counter-glitches.ts';
import { judgeNet } from './counter-net.ts';
import { isSetBack, type ResetsBetween } from './counter-resets.ts';
import { Register, usualTimesMax, type Stretch } from './counter-register.ts';
import {
  followersMin,
  start,
  steepnessMax,
  type Confidence,
  type CounterVerdict,
  type Judged,
} from './counter-verdicts.ts';
import type { Meter, MeterSwap } from './entities.ts';
import { isValid, type MeterReadings } from './meter-readings.ts';
import { registerDifference } from './register-difference.ts';
import { roundTo15Digits } from './sums.ts';

/**
 * What the engine says of each reading of a counter, in columns of the readings' length; an interval is named by the
 * reading that ends it.
 */
export interface CounterJudgement {
  /** The reading at which the interval begins; -1 where none ends here. */
  readonly begins: Int32Array;
  /** Consumption in the meter's unit, multiplier applied; NaN where nothing is booked. */
  readonly amounts: Float64Array;
  /** Undefined for readings that are not valid: they are passed over. */
  readonly verdicts: readonly (CounterVerdict | undefined)[];
  /** How sure the verdict is. */
  readonly confidences: readonly Confidence[];
  /** 1 where the amount is spread over a gap or a glitch: it is sure, its course in time is not. */
  readonly spread: Uint8Array;
  /** 1 for readings at either end of an irregular step. Told by the nearest valid readings alone. */
  readonly irregular: Uint8Array;
}

/** From how many intervals on an amount counts as spread. */
const gapIntervals = 1.5;

/**
 * Tells consumption from glitches, resets, rollovers and swaps of a register. A function of the readings and of what
 * is declared about the meter, whatever the order in which they came: a later reading may reverse a verdict. How far
 * it can reach is said at `reachBefore`; where no step within one hold-back is irregular, every valid reading is
 * `normal` or a `start`.
 *
 * @see evcc issue 30592, home-assistant a register that reads 0 for a moment, and real resets
 */
export function judgeCounter(meter: Meter, zone: string, readings: MeterReadings): CounterJudgement {
  const { register, places } = registerOf(meter, zone, readings);
  const length = readings.times.length;
  const irregular = irregularAt(register, places, length);
  const glitches = irregular.includes(1) ? glitchesOf(register) : undefined;
  const begins = new Int32Array(length).fill(-1);
  const amounts = new Float64Array(length).fill(Number.NaN);
  const verdicts = Array.from<CounterVerdict | undefined>({ length });
  const certainties = Array.from<Confidence>({ length }).fill('high');
  const spread = new Uint8Array(length);
  let from = -1;
  for (let to = 0; to < places.length; to++) {
    const at = places[to]!;
    if (glitches?.[to] === 1) {
      verdicts[at] = 'glitch';
      certainties[at] = 'medium';
      continue;
    }
    const { verdict, amount, confidence } = from < 0 ? start : judgeInterval(meter, register, from, to);
    verdicts[at] = verdict;
    certainties[at] = confidence;
    if (verdict !== 'start') begins[at] = places[from]!;
    if (amount !== null) {
      amounts[at] = amount * meter.multiplier;
      const lasted = register.times[to]! - register.times[from]!;
      spread[at] = to - from > 1 || lasted > gapIntervals * meter.intervalMs ? 1 : 0;
    }
    from = to;
  }
  return { begins, amounts, verdicts, confidences: certainties, spread, irregular };
}

/** The column `irregular` of {@link judgeCounter} alone. */
export function irregularReadings(meter: Meter, zone: string, readings: MeterReadings): Uint8Array {
  const { register, places } = registerOf(meter, zone, readings);
  return irregularAt(register, places, readings.times.length);
}

/** The valid readings as a register, and which place among all readings each has. */
function registerOf(
  meter: Meter,
  zone: string,
  readings: MeterReadings,
): { readonly register: Register; readonly places: Uint32Array } {
  const places = new Uint32Array(readings.times.length);
  const times = new Float64Array(places.length);
  const values = new Float64Array(places.length);
  let count = 0;
  for (let i = 0; i < places.length; i++) {
    if (!isValid(readings, i)) continue;
    places[count] = i;
    times[count] = readings.times[i]!;
    values[count] = climbing(meter, readings.values[i]!);
    count++;
  }
  const register = new Register(meter, zone, times.subarray(0, count), values.subarray(0, count));
  return { register, places: places.subarray(0, count) };
}

/** What a register shows, as one that climbs would. */
function climbing({ direction, registerWidth = 0 }: Meter, shown: number): number {
  return direction === 'down' ? registerWidth - shown : shown;
}

function irregularAt(register: Register, places: Uint32Array, length: number): Uint8Array {
  const irregular = new Uint8Array(length);
  for (let step = 0; step + 1 < places.length; step++) {
    if (!register.isIrregular(step)) continue;
    irregular[places[step]!] = 1;
    irregular[places[step + 1]!] = 1;
  }
  return irregular;
}

/** What lies between two readings that are believed, of which all between are left out. */
function judgeInterval(meter: Meter, register: Register, from: number, to: number): Judged {
  const { times, values } = register;
  const isBridge = to - from > 1;
  const left = isBridge ? times[to - 1]! - times[from + 1]! : 0;
  if (times[to]! - times[from]! > register.gapMaxMs || left > register.holdBackMs) {
    return start;
  }
  if (register.hasSwap(from, to)) return judgeSwaps(meter, register, from, to);
  const rise = registerDifference(values[to]!, values[from]!);
  if (register.isNet) return judgeNet(register, from, to, rise);
  const isRise = rise >= 0;
  const resets = register.resetsBetween(from, to);
  if (isSetBack(resets) || (resets === 'possible' && !isRise)) {
    const declared = judgeDeclaredReset(register, from, to, resets);
    if (declared !== undefined) return declared;
  }
  const isRising = isRise && !isSetBack(resets);
  if (isRising && !isBridge && !register.isIrregular(from)) {
    return { verdict: 'normal', amount: rise, confidence: register.hasCompany(from) ? 'high' : 'medium' };
  }

  const around = register.around(from, to);
  if (isRising && !isBridge && !register.isBroken(from)) return judgeSteepRise(register, around, from, rise);
  const most = register.mostRise(around, from, to);
  if (isRising) {
    const isBelieved =
      isBridge && !register.isRated && values[from] !== 0 && isWithinReason(register, { from, to }, most);
    if (isBelieved || rise <= (most(from, to) ?? 0)) {
      return isBridge
        ? { verdict: 'bridged', amount: rise, confidence: 'medium' }
        : { verdict: 'normal', amount: rise, confidence: 'high' };
    }
  }
  if (around.last - to < followersMin) return { verdict: 'held', amount: null, confidence: 'low' };
  if (isRise) return { verdict: 'swap-undeclared', amount: null, confidence: 'medium' };
  const confidence = register.isRated ? 'high' : 'medium';
  const over = rolledOver(register, from, to, most);
  if (over !== undefined) return { verdict: 'rollover', amount: roundTo15Digits(over), confidence };
  return isReset(register, from, to, most)
    ? { verdict: 'reset', amount: values[to]!, confidence: most(from, to) === undefined ? 'low' : 'medium' }
    : { verdict: 'swap-undeclared', amount: null, confidence: 'medium' };
}

/**
 * A register that is declared to have been set back: what it shows was consumed since, when it can have been. Over
 * several resets most of what was consumed is not known. Undefined where it shows more than can be.
 */
function judgeDeclaredReset(
  register: Register,
  from: number,
  to: number,
  resets: ResetsBetween,
): Judged | undefined {
  if (resets === 'several') return { verdict: 'reset', amount: null, confidence: 'low' };
  const most = register.mostRise(register.around(from, to), from, to);
  if (!isReset(register, from, to, most)) return undefined;
  return { verdict: 'reset', amount: register.values[to]!, confidence: 'high' };
}

/**
 * A rise that is out of proportion to the steps next to it, of a meter without a rating. What the meter does elsewhere
 * around may speak for it at once. If not it is held, and what follows decides: a plant that was started goes on so,
 * and its first rise is then no longer steep. A rise alone, after which the register stays where it is, is believed
 * within reason and with low confidence; beyond that nothing is booked.
 */
function judgeSteepRise(register: Register, around: Stretch, from: number, rise: number): Judged {
  const steepness = register.steepness(around, from, from + 1);
  if (steepness !== undefined && steepness <= usualTimesMax) {
    return { verdict: 'normal', amount: rise, confidence: 'high' };
  }
  if (around.last - from - 1 < followersMin) return { verdict: 'held', amount: null, confidence: 'low' };
  const isBelievable =
    steepness === undefined
      ? rise <= usualTimesMax * Math.abs(register.values[from]!)
      : steepness <= steepnessMax;
  return isBelievable
    ? { verdict: 'normal', amount: rise, confidence: 'low' }
    : { verdict: 'swap-undeclared', amount: null, confidence: 'medium' };
}

/**
 * What is known of the consumption on both sides of declared swaps. A side whose register is not declared counts
 * nothing; where no side is known, or what is declared contradicts what was read, nothing is booked.
 */
function judgeSwaps(meter: Meter, { times, values }: Register, from: number, to: number): Judged {
  const swaps = (meter.swaps ?? [])
    .filter(({ at }) => at > times[from]! && at <= times[to]!)
    .toSorted((a, b) => a.at - b.at);
  const shown = (value: number | undefined) => (value === undefined ? undefined : climbing(meter, value));
  const begins = [values[from]!, ...swaps.map(({ initialNew }: MeterSwap) => shown(initialNew))];
  const ends = [...swaps.map(({ finalOld }: MeterSwap) => shown(finalOld)), values[to]!];
  const parts = begins.flatMap((begin, i) => {
    const end = ends[i];
    return begin === undefined || end === undefined ? [] : [registerDifference(end, begin)];
  });
  if (parts.length === 0 || (meter.direction !== 'both' && parts.some((part) => part < 0))) {
    return { verdict: 'swap-declared', amount: null, confidence: 'low' };
  }
  return {
    verdict: 'swap-declared',
    amount: roundTo15Digits(parts.reduce((sum, part) => sum + part, 0)),
    confidence: parts.length === begins.length ? 'high' : 'medium',
  };
}
