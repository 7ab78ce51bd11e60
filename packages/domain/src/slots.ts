import { timeZone, type TimeZone } from './time-zone.ts';

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
/** Whose offset the clock's minutes are taken from: in 1970 some clocks stood at other minutes than today. */
const offsetsOf = Date.UTC(2020, 0, 1);

/**
 * The slots in which a meter is expected to read, numbered without gaps: slot `n` begins at `start(n)` and ends where
 * `n + 1` begins.
 *
 * Intervals of more than an hour that divide a day, and those of whole days, are counted by the zone's clock, so that
 * a slot across a change of the clock is an hour shorter or longer. All others are counted by duration: a day of 25
 * hours has 100 quarter hours. `phaseMs` moves every slot, for a feed that reads at 06:00 or at seven past.
 */
export class SlotGrid {
  readonly intervalMs: number;
  readonly phaseMs: number;
  readonly #zone: TimeZone;
  /** Start of slot 0: a reading of the clock as if it were UTC, or an instant. */
  readonly #origin: number;
  readonly #byClock: boolean;

  /** @throws RangeError when there is no such zone */
  constructor(zone: string, intervalMs: number, phaseMs = 0) {
    this.#zone = timeZone(zone);
    this.intervalMs = intervalMs;
    this.phaseMs = phaseMs;
    this.#byClock = intervalMs % dayMs === 0 || (intervalMs > hourMs && dayMs % intervalMs === 0);
    // Counted by duration the quarters of an hour lie as the clock shows them, also at +05:45.
    this.#origin = this.#byClock ? phaseMs : phaseMs - (this.#zone.offsetAt(offsetsOf) % intervalMs);
  }

  /** When slot `n` begins, epoch milliseconds; strictly rising. */
  start(n: number): number {
    const at = this.#origin + n * this.intervalMs;
    return this.#byClock ? this.#zone.firstInstantOf(at) : at;
  }

  /** The first slot that begins at `time` or later. */
  firstFrom(time: number): number {
    let n = Math.ceil(this.#position(time));
    while (this.start(n) < time) n++;
    while (this.start(n - 1) >= time) n--;
    return n;
  }

  /** The slot whose beginning is nearest: that of a reading, however little its device keeps to the second. */
  nearest(time: number): number {
    const before = this.firstFrom(time + 1) - 1;
    return time - this.start(before) < this.start(before + 1) - time ? before : before + 1;
  }

  #position(time: number): number {
    const at = this.#byClock ? time + this.#zone.offsetAt(time) : time;
    return (at - this.#origin) / this.intervalMs;
  }
}

/**
 * By how much a feed reads after the beginnings of the clock's slots, to the second: half an interval before to half
 * after. What most of the given times share counts; a feed that merely wavers around the clock's slots has none. 0 for
 * no times.
 */
export function feedPhase(zone: string, intervalMs: number, times: ArrayLike<number>): number {
  const grid = new SlotGrid(zone, intervalMs);
  const counts = new Map<number, number>();
  let best = 0;
  for (let i = 0; i < times.length; i++) {
    const time = times[i]!;
    const phase = Math.round((time - grid.start(grid.nearest(time))) / 1000) * 1000;
    const count = (counts.get(phase) ?? 0) + 1;
    counts.set(phase, count);
    if (count > (counts.get(best) ?? 0)) best = phase;
  }
  const isShared = 2 * (counts.get(best) ?? 0) > times.length;
  return isShared || Math.abs(best) > intervalMs / 10 ? best : 0;
}
