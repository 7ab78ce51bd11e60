import { usualTimesMax, type Register, type Stretch } from './counter-register.ts';
import { followersMin, steepnessMax, type Judged } from './counter-verdicts.ts';
import { lastDigit } from './last-digit.ts';
import { registerDifference } from './register-difference.ts';

/**
 * How many times as fast as the second fastest steps around an amount of a register is that runs both ways; undefined
 * where nothing tells. Steps that are irregular themselves tell nothing.
 */
function netSteepness(
  register: Register,
  { first, last }: Stretch,
  from: number,
  to: number,
  amount: number,
): number | undefined {
  let [fastest, second, count] = [0, 0, 0];
  for (let step = first; step < last; step++) {
    if ((step >= from && step < to) || register.isIrregular(step) || register.isSilence(step)) continue;
    const rate = register.rate(step);
    if (rate <= 0) continue;
    count++;
    if (rate > fastest) [fastest, second] = [rate, fastest];
    else if (rate > second) second = rate;
  }
  if (count === 0) return undefined;
  const { values } = register;
  const digits = lastDigit(values[from]!, values[to]!);
  const usual = count === 1 ? fastest : second;
  return Math.max(0, Math.abs(amount) - digits) / (usual * register.lasted(from, to));
}

/**
 * Glitches of a register that runs both ways: 1 for those. After an irregular step it may be back where it can have come
 * by the steps that it makes, within the hold-back; what lies between is left out. Neither end of what is left out is
 * reached, or left, by another irregular step.
 */
export function netGlitchesOf(register: Register): Uint8Array {
  const { times, values, holdBackMs } = register;
  const glitches = new Uint8Array(values.length);
  for (let from = 0; from + 2 < values.length; from++) {
    if (!register.isIrregular(from) || register.hasSwap(from, from + 1)) continue;
    if (from > 0 && register.isIrregular(from - 1)) continue;
    const stretch = register.around(from, from + 1);
    for (let to = from + 2; to <= stretch.last; to++) {
      if (times[to - 1]! - times[from + 1]! > holdBackMs || register.hasSwap(to - 1, to)) break;
      if (!register.isIrregular(to - 1) || (to < stretch.last && register.isIrregular(to))) continue;
      const amount = values[to]! - values[from]!;
      const steepness = netSteepness(register, stretch, from, to, amount);
      const isBack =
        steepness === undefined
          ? Math.abs(amount) <= Math.abs(values[from]!) / usualTimesMax
          : steepness <= usualTimesMax;
      if (!isBack) continue;
      glitches.fill(1, from + 1, to);
      break;
    }
  }
  return glitches;
}

/** Of a register that runs both ways: any amount that the meter can, upwards or downwards. */
export function judgeNet(register: Register, from: number, to: number, amount: number): Judged {
  const isBridge = to - from > 1;
  if (!isBridge && !register.isIrregular(from)) {
    return { verdict: 'normal', amount, confidence: register.hasCompany(from) ? 'high' : 'medium' };
  }
  const around = register.around(from, to);
  const steepness = (of: number) => netSteepness(register, around, from, to, of);
  const ratio = steepness(amount);
  if (ratio !== undefined && ratio <= usualTimesMax) {
    return isBridge
      ? { verdict: 'bridged', amount, confidence: 'medium' }
      : { verdict: 'normal', amount, confidence: 'high' };
  }
  const { width } = register;
  if (width !== undefined) {
    const over = registerDifference(amount, Math.sign(amount) * width);
    const overRatio = steepness(over);
    if (overRatio !== undefined && overRatio <= usualTimesMax) {
      return { verdict: 'rollover', amount: over, confidence: 'medium' };
    }
  }
  if (around.last - to < followersMin) return { verdict: 'held', amount: null, confidence: 'low' };
  const isWithin =
    ratio === undefined
      ? Math.abs(amount) <= usualTimesMax * Math.abs(register.values[from]!)
      : ratio <= steepnessMax && !register.isRated;
  return isWithin
    ? { verdict: isBridge ? 'bridged' : 'normal', amount, confidence: 'low' }
    : { verdict: 'swap-undeclared', amount: null, confidence: 'medium' };
}
