import { netGlitchesOf } from './counter-net.ts';
import { isSetBack } from './counter-resets.ts';
import { followersMin } from './counter-verdicts.ts';
import { usualTimesMax, type MostRise, type Register, type Stretch } from './counter-register.ts';

/** Readings on either side that are asked whether they agree with leaving some out. */
const witnessesMax = 6;

/** Readings on either side of a drop that are left out together with it although the register was set back there. */
const wildReadingsMax = 4;

/** How many times the usual an ordinary rise is at most. */
const ordinaryTimesMax = 2;

/** The readings between which some are left out, and how many speak against the register being there. */
interface Bridge {
  readonly from: number;
  readonly to: number;
  readonly against: number;
}

/**
 * Which readings of a register are glitches: 1 for those.
 *
 * Every drop is judged by itself, from the steps within the hold-back of it. Its *bridges* are pairs of readings on
 * either side of it, the later not below the earlier, with no longer stretch than the hold-back between them. A bridge
 * stands when what it bridges cannot have been:
 *
 * - the register cannot have been set back, because what it shows after the drop is more than can have been consumed
 *   since (a spike, or a register that was read wrong);
 * - or the first step onto the bridged stretch, or the last one off it, rises by at least half of the drop and faster
 *   than the meter can: the register that reads 0 for a while and is back. A register that was set back and has
 *   grown past its old value comes there by ordinary steps, and stays a reset.
 *
 * Of several, that bridge is taken which leaves out least and which most of the readings next to it agree with; none
 * that half of them speak against, and none over a rise that is out of all reason. Beside a false reading the register
 * may have been set back, too: a bridge to a lower reading competes with those. @see bridgeOverReset
 */
export function glitchesOf(register: Register): Uint8Array {
  if (register.isNet) return netGlitchesOf(register);
  const { values } = register;
  const glitches = new Uint8Array(values.length);
  for (let step = 0; step + 1 < values.length; step++) {
    if (values[step + 1]! >= values[step]! || register.isSilence(step) || register.hasSwap(step, step + 1)) {
      continue;
    }
    const bridge = bridgeOver(register, step);
    if (bridge !== undefined) glitches.fill(1, bridge.from + 1, bridge.to);
  }
  return glitches;
}

function bridgeOver(register: Register, step: number): Bridge | undefined {
  const stretch = register.around(step, step + 1);
  const most = register.mostRise(stretch, step, step + 1);
  const back = bridgeBack(register, step, stretch, most);
  // A register that is back by a step that none makes, and stays, was not set back.
  if (back !== undefined && isBackForGood(register, back, stretch, most)) return back;
  const over = bridgeOverReset(register, step, stretch, most);
  return over === undefined || (back !== undefined && back.against <= over.against) ? back : over;
}

/** The bridge to where the register is back. */
function bridgeBack(register: Register, step: number, stretch: Stretch, most: MostRise): Bridge | undefined {
  const { values } = register;
  const isFalse = !canBeSetBack(register, step, step + 1, most);
  const drop = values[step]! - values[step + 1]!;
  const isJump = (at: number): boolean => {
    const rise = values[at + 1]! - values[at]!;
    return (register.isRated || rise >= drop / 2) && rise > (most(at, at + 1) ?? 0);
  };
  // Later readings that are higher than all between: the nearest that closes a bridge is one of them.
  const peaks = peaksAfter(register, step, stretch);
  let best: Bridge | undefined;
  let low = Number.POSITIVE_INFINITY;
  for (let from = step; from >= stretch.first; from--) {
    const isReached =
      from === step || !(register.hasSwap(from, from + 1) || isTooFar(register, from + 1, step + 1));
    if (!isReached || (best !== undefined && step - from >= best.against)) break;
    if (values[from]! >= low) continue;
    low = values[from]!;
    while (peaks.length > 1 && values[peaks.at(-2)!]! >= low) peaks.pop();
    const to = peaks.at(-1);
    if (to === undefined || values[to]! < low || isTooFar(register, from + 1, to - 1)) continue;
    const isBridged = isFalse || (from < step && isJump(from)) || (to > step + 1 && isJump(to - 1));
    if (!isBridged) continue;
    // Where a reset would do as well, the register must be seen to go on from where it is back, or be where it must be.
    const ordinary = (ordinaryTimesMax / usualTimesMax) * (most(from, to) ?? 0);
    if (!isFalse && to === stretch.last && values[to]! - values[from]! > ordinary) continue;
    if (!isBorneOut(register, { from, to }, stretch) || !isWithinReason(register, { from, to }, most))
      continue;
    const against = to - from - 1 + opponents(register, { from, to }, stretch);
    if (best === undefined || against < best.against) best = { from, to, against };
  }
  return best;
}

function isBackForGood(register: Register, { to }: Bridge, { last }: Stretch, most: MostRise): boolean {
  const { values } = register;
  if (values[to]! >= values[to - 1]! && !isTooFast(register, to - 1, most)) return false;
  for (let i = to + 1; i <= Math.min(last, to + wildReadingsMax); i++)
    if (values[i]! < values[to]!) return false;
  return to + followersMin <= last;
}

/**
 * The bridge over false readings beside which the register was set back: it goes on lower than before, from where it
 * can have come by a reset, and from there by steps that it makes. Both steps at the ends of what is left out must be
 * such as no register makes: a rise that is too fast, or a drop that is no reset; the last may be any drop. A register
 * that resets at midnight and shows 429,496,728.2 there has one.
 */
function bridgeOverReset(
  register: Register,
  step: number,
  stretch: Stretch,
  most: MostRise,
): Bridge | undefined {
  const { values } = register;
  const isDrop = (at: number) => values[at + 1]! < values[at]!;
  let best: Bridge | undefined;
  for (let from = step; from >= Math.max(stretch.first, step - wildReadingsMax); from--) {
    if (from < step && (register.hasSwap(from, from + 1) || isTooFar(register, from + 1, step))) break;
    const isEntered = isDrop(from)
      ? !canBeSetBack(register, from, from + 1, most)
      : isTooFast(register, from, most);
    if (!isEntered) continue;
    for (let to = step + 1; to <= Math.min(stretch.last, step + 1 + wildReadingsMax); to++) {
      if (to > step + 1 && register.hasSwap(to - 1, to)) break;
      if (isTooFar(register, from + 1, to - 1)) break;
      if (to - from < 2 || values[to]! >= values[from]!) continue;
      if (!isDrop(to - 1) && !isTooFast(register, to - 1, most)) continue;
      if (to < stretch.last && isTooFast(register, to, most)) continue;
      if (!canBeSetBack(register, from, to, most)) continue;
      const against = to - from - 1 + opponents(register, { from, to }, stretch);
      if (best === undefined || against < best.against) best = { from, to, against };
    }
  }
  return best;
}

/** Whether a register without a rating can have risen so much: a hundred times the usual at most. */
export function isWithinReason(
  register: Register,
  { from, to }: Omit<Bridge, 'against'>,
  most: MostRise,
): boolean {
  const { values } = register;
  const usual = most(from, to) ?? usualTimesMax * Math.abs(values[from]!);
  return register.isRated || values[to]! - values[from]! <= usualTimesMax * usual;
}

function canBeSetBack(register: Register, from: number, to: number, most: MostRise): boolean {
  return isReset(register, from, to, most) || rolledOver(register, from, to, most) !== undefined;
}

/** Whether the step after a reading rises faster than the meter can; when nothing tells, to ten times of what it was. */
function isTooFast({ values }: Register, at: number, most: MostRise): boolean {
  return values[at + 1]! - values[at]! > (most(at, at + 1) ?? usualTimesMax * Math.abs(values[at]!));
}

function isTooFar({ times, holdBackMs }: Register, first: number, last: number): boolean {
  return times[last]! - times[first]! > holdBackMs;
}

/** Readings after the drop each higher than all since it, up to the first that is as high as before the drop. */
function peaksAfter(register: Register, step: number, { last }: Stretch): number[] {
  const { values } = register;
  const peaks: number[] = [];
  for (let to = step + 1; to <= last; to++) {
    if (to > step + 1 && register.hasSwap(to - 1, to)) break;
    if (isSetBack(register.resetsBetween(step, to))) break;
    if (peaks.length === 0 || values[to]! > values[peaks.at(-1)!]!) peaks.push(to);
    if (values[to]! >= values[step]!) break;
  }
  return peaks;
}

/** How many of the readings next to the bridge lie where a register that passes over it cannot have been. */
function opponents(register: Register, bridge: Omit<Bridge, 'against'>, stretch: Stretch): number {
  return opponentsBefore(register, bridge.from, stretch) + opponentsAfter(register, bridge.to, stretch);
}

/** Whether on either side at least half of the readings next to the bridge agree with it. */
function isBorneOut(register: Register, { from, to }: Omit<Bridge, 'against'>, stretch: Stretch): boolean {
  const before = Math.min(witnessesMax, from - stretch.first);
  const after = Math.min(witnessesMax, stretch.last - to);
  return (
    2 * opponentsBefore(register, from, stretch) <= before &&
    2 * opponentsAfter(register, to, stretch) <= after
  );
}

function opponentsBefore({ values }: Register, from: number, { first }: Stretch): number {
  let count = 0;
  for (let i = Math.max(first, from - witnessesMax); i < from; i++) if (values[i]! > values[from]!) count++;
  return count;
}

function opponentsAfter({ values }: Register, to: number, { last }: Stretch): number {
  let count = 0;
  for (let i = Math.min(last, to + witnessesMax); i > to; i--) if (values[i]! < values[to]!) count++;
  return count;
}

/**
 * Whether the register can have been set back to zero between two readings: it shows no more than can have been
 * consumed since. When nothing tells how much that is, a tenth of what it showed before; where it is declared to be set
 * back, ten times as much.
 */
export function isReset(register: Register, from: number, to: number, most: MostRise): boolean {
  const [before, since] = [register.values[from]!, register.values[to]!];
  const share = register.resetsBetween(from, to) === 'none' ? 1 / usualTimesMax : usualTimesMax;
  return since >= 0 && since <= (most(from, to) ?? share * before);
}

/**
 * The amount when the register can have run over its width between two readings, else undefined. When nothing tells
 * how much can have been consumed, it must have been in its last tenth and be in its first.
 */
export function rolledOver(
  { values, width }: Register,
  from: number,
  to: number,
  most: MostRise,
): number | undefined {
  const [before, after] = [values[from]!, values[to]!];
  if (width === undefined || before >= width || after < 0) return undefined;
  const amount = width - before + after;
  const limit = most(from, to);
  const can = limit === undefined ? before >= 0.9 * width && after < 0.1 * width : amount <= limit;
  return can ? amount : undefined;
}
