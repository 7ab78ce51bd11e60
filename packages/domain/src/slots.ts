import {
  calendarIndex,
  calendarStart,
  longestIntervalMs,
  monthsLater,
  monthsOf,
  type CalendarInterval,
  type Interval,
} from './intervals.ts';
import { timeZone, type TimeZone } from './time-zone.ts';

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
/** What a month counts in a phase of intervals by the calendar: no month is longer. */
const monthPhaseMs = 31 * dayMs;
/** Readings of the last days of a month are before the next one. */
const endOfMonthMs = 3 * dayMs;
/** Whose offset the clock's minutes are taken from: in 1970 some clocks stood at other minutes than today. */
const offsetsOf = Date.UTC(2020, 0, 1);

/**
 * The slots in which a meter is expected to read, numbered without gaps: slot `n` begins at `start(n)` and ends where
 * `n + 1` begins.
 *
 * Intervals of more than an hour that divide a day, and those of whole days and months, are counted by the zone's
 * clock, so that a slot across a change of the clock is an hour shorter or longer. All others are counted by duration:
 * a day of 25 hours has 100 quarter hours. `phaseMs` moves every slot, for a feed that reads at 06:00, at seven past or
 * on the fifteenth; of intervals by the calendar each whole {@link monthPhaseMs} of it is a month.
 */
export class SlotGrid {
  readonly phaseMs: number;
  readonly #interval: Interval;
  readonly #zone: TimeZone;
  /** Start of slot 0: a reading of the clock as if it were UTC, or an instant. Of months: after their beginning. */
  readonly #origin: number;
  /** By how many months the slots are moved. */
  readonly #months: number = 0;
  readonly #byClock: boolean;

  /** @throws RangeError when there is no such zone */
  constructor(zone: string, interval: Interval, phaseMs = 0) {
    this.#zone = timeZone(zone);
    this.#interval = interval;
    this.phaseMs = phaseMs;
    if (typeof interval === 'string') {
      this.#byClock = true;
      this.#months = Math.floor((phaseMs + endOfMonthMs) / monthPhaseMs);
      this.#origin = phaseMs - this.#months * monthPhaseMs;
      return;
    }
    this.#byClock = interval % dayMs === 0 || (interval > hourMs && dayMs % interval === 0);
    // Counted by duration the quarters of an hour lie as the clock shows them, also at +05:45.
    this.#origin = this.#byClock ? phaseMs : phaseMs - (this.#zone.offsetAt(offsetsOf) % interval);
  }

  /** When slot `n` begins, epoch milliseconds; strictly rising. */
  start(n: number): number {
    const interval = this.#interval;
    const at = this.#origin + (typeof interval === 'number' ? n * interval : this.#monthOf(interval, n));
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

  /** About which slot a time lies in: at most one off. */
  #position(time: number): number {
    const at = (this.#byClock ? time + this.#zone.offsetAt(time) : time) - this.#origin;
    const interval = this.#interval;
    return typeof interval === 'number'
      ? at / interval
      : calendarIndex(interval, monthsLater(at, -this.#months));
  }

  #monthOf(interval: CalendarInterval, n: number): number {
    return monthsLater(calendarStart(interval, n), this.#months);
  }
}

/**
 * By how much a feed reads after the beginnings of the clock's slots, to the second: half an interval before to half
 * after; by the calendar after the month's beginning. What most of the given times share counts; a feed that merely wavers around the clock's slots has none. 0 for
 * no times.
 */
export function feedPhase(zone: string, interval: Interval, times: ArrayLike<number>): number {
  const phaseOf = typeof interval === 'number' ? phaseInSlot(zone, interval) : phaseInMonths(zone, interval);
  const counts = new Map<number, number>();
  let best = 0;
  for (let i = 0; i < times.length; i++) {
    const phase = Math.round(phaseOf(times[i]!) / 1000) * 1000;
    const count = (counts.get(phase) ?? 0) + 1;
    counts.set(phase, count);
    if (count > (counts.get(best) ?? 0)) best = phase;
  }
  const isShared = 2 * (counts.get(best) ?? 0) > times.length;
  return isShared || Math.abs(best) > longestIntervalMs(interval) / 10 ? best : 0;
}

function phaseInSlot(zone: string, intervalMs: number): (time: number) => number {
  const grid = new SlotGrid(zone, intervalMs);
  return (time) => time - grid.start(grid.nearest(time));
}

/** After the beginning of the month, or before that of the next one in its last three days. */
function phaseInMonths(zone: string, interval: CalendarInterval): (time: number) => number {
  const rules = timeZone(zone);
  const months = monthsOf(interval);
  return (time) => {
    const local = time + rules.offsetAt(time);
    const month = calendarIndex('P1M', local);
    const isAtEnd = calendarStart('P1M', month + 1) - local <= endOfMonthMs;
    const nearest = isAtEnd ? month + 1 : month;
    const inSlot = ((nearest % months) + months) % months;
    return inSlot * monthPhaseMs + local - calendarStart('P1M', nearest);
  };
}
