import type { Meter } from './entities.ts';
import { intervalOf } from './intervals.ts';
import { feedPhase, SlotGrid } from './slots.ts';
import { holdMs } from './spans.ts';

/** Slots that are expected and not held, from the first to the last of one stretch of silence. */
export interface OwedSpan {
  /** Start of the first owed slot, epoch milliseconds. */
  readonly from: number;
  /** End of the last owed slot, exclusive. */
  readonly to: number;
  /** Start of the last owed slot. */
  readonly last: number;
  /** Owed slots in the span; equal to `expected` unless spans were joined over what is held. */
  readonly missing: number;
  /** Slots in the span. */
  readonly expected: number;
}

export interface OwedRange {
  /** Slots that begin in here, epoch milliseconds, `to` exclusive. */
  readonly from: number;
  readonly to: number;
  /** Held slots between two owed ones over which a span goes on; 0 unless told. */
  readonly joinSlots?: number;
}

/** The slots of a meter by its logger's clock; `times` are some of its readings, to find at which minute it reads. */
export function meterSlots(meter: Meter, times: ArrayLike<number>): SlotGrid {
  const { zone } = meter.time;
  const interval = intervalOf(meter);
  return new SlotGrid(zone, interval, feedPhase(zone, interval, times));
}

/**
 * How far before a range readings lie that may hold a slot of it, and after it, with an hour for the clock. One reading
 * holds the slot that it is nearest to; that of a level also those that begin while it holds.
 */
export function owedReachMs(meter: Meter): number {
  return 3_600_000 + (meter.kind === 'level' ? Math.max(holdMs(meter), meter.intervalMs) : meter.intervalMs);
}

/** The end, exclusive, of the slots that may be owed now: those whose reading is overdue by at least one interval. */
export function owedUntil(meter: Meter, now: number): number {
  return now - (isToldAfterwards(meter) ? 2 : 1) * meter.intervalMs + 1;
}

/** Whether a reading describes the time behind its own, so that it cannot be known before that is over. */
export function isToldAfterwards(meter: Meter): boolean {
  return meter.kind === 'interval' || (meter.kind === 'level' && meter.time.stamp === 'closes');
}

/**
 * Finds the owed slots of one meter while its readings pass by: every slot that begins in the range is held or owed.
 *
 * A reading of any status holds its slot: a device at fault did report. Levels hold on for their hold time. For
 * counters the amount over a gap is known all the same, but the readings in it are owed. Memory is constant, and a gap
 * of ten years costs what one of an hour does.
 */
export class OwedScan {
  readonly #grid: SlotGrid;
  readonly #holdMs: number;
  readonly #joinSlots: number;
  /** The first slot that no reading has decided yet, and the first behind the range. */
  #next: number;
  readonly #end: number;
  #run: { first: number; last: number; missing: number } | undefined;

  constructor(meter: Meter, grid: SlotGrid, { from, to, joinSlots = 0 }: OwedRange) {
    this.#grid = grid;
    this.#holdMs = meter.kind === 'level' ? holdMs(meter) : 0;
    this.#joinSlots = joinSlots;
    this.#next = grid.firstFrom(from);
    this.#end = grid.firstFrom(to);
  }

  /** Takes the next readings' times, ascending over all calls; gives the spans that are complete by them. */
  *take(times: ArrayLike<number>): Generator<OwedSpan> {
    for (let i = 0; i < times.length && this.#next < this.#end; i++) {
      const time = times[i]!;
      const first = this.#grid.nearest(time);
      yield* this.#owe(Math.min(first, this.#end));
      const behind = this.#holdMs === 0 ? first + 1 : this.#grid.firstFrom(time + this.#holdMs);
      this.#next = Math.max(this.#next, first + 1, behind);
    }
  }

  /** Gives what is left when all readings that reach into the range were taken. */
  *end(): Generator<OwedSpan> {
    yield* this.#owe(this.#end);
    if (this.#run !== undefined) yield this.#span(this.#run);
    this.#run = undefined;
  }

  /** Everything from the first undecided slot up to `end` is owed. */
  *#owe(end: number): Generator<OwedSpan> {
    if (end <= this.#next) return;
    const run = this.#run;
    const missing = end - this.#next;
    if (run !== undefined && this.#next - run.last - 1 <= this.#joinSlots) {
      run.last = end - 1;
      run.missing += missing;
    } else {
      if (run !== undefined) yield this.#span(run);
      this.#run = { first: this.#next, last: end - 1, missing };
    }
    this.#next = end;
  }

  #span({ first, last, missing }: { first: number; last: number; missing: number }): OwedSpan {
    const grid = this.#grid;
    return {
      from: grid.start(first),
      to: grid.start(last + 1),
      last: grid.start(last),
      missing,
      expected: last - first + 1,
    };
  }
}
