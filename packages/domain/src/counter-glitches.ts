import type { MostRise, Register, Stretch } from './counter-register.ts';

/** Readings on either side that are asked whether they agree with leaving some out. */
const witnessesMax = 6;

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
 * Of several, that bridge is taken which leaves out least and which most of the readings next to it agree with.
 */
export function glitchesOf(register: Register): Uint8Array {
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
  const { values } = register;
  const stretch = register.around(step, step + 1);
  const most = register.mostRise(stretch, step, step + 1);
  const isFalse =
    !isReset(register, step, step + 1, most) && rolledOver(register, step, step + 1, most) === undefined;
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
    const against = to - from - 1 + opponents(register, { from, to }, stretch);
    if (best === undefined || against < best.against) best = { from, to, against };
  }
  return best;
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
    if (peaks.length === 0 || values[to]! > values[peaks.at(-1)!]!) peaks.push(to);
    if (values[to]! >= values[step]!) break;
  }
  return peaks;
}

/** How many of the readings next to the bridge lie where a register that passes over it cannot have been. */
function opponents(
  { values }: Register,
  { from, to }: Omit<Bridge, 'against'>,
  { first, last }: Stretch,
): number {
  let count = 0;
  for (let i = Math.max(first, from - witnessesMax); i < from; i++) if (values[i]! > values[from]!) count++;
  for (let i = Math.min(last, to + witnessesMax); i > to; i--) if (values[i]! < values[to]!) count++;
  return count;
}

/**
 * Whether the register can have been set back to zero between two readings: it shows no more than can have been
 * consumed since. When nothing tells how much that is, a tenth of what it showed before.
 */
export function isReset({ values }: Register, from: number, to: number, most: MostRise): boolean {
  const since = values[to]!;
  return since >= 0 && since <= (most(from, to) ?? values[from]! / 10);
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
