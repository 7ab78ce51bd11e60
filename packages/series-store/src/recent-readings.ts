import type { History } from './judge.ts';

/** Numbers kept of a reading: time, knownUs (NaN: ask the store), value. */
const width = 3;
const firstCapacity = 8;

export interface RecentReadingsLimits {
  /** Readings kept of one series; when they are reached, the oldest quarter is forgotten. */
  readonly perSeriesMax: number;
  /** Readings for which there is room in all, 24 bytes each; series do not grow beyond it. */
  readonly totalMax: number;
}

/** Enough for an hour and a half of 20,000 meters that report each minute: 60 MiB, and never more than 72. */
const defaultLimits: RecentReadingsLimits = { perSeriesMax: 128, totalMax: 3_000_000 };

interface Recent {
  /** Of capacity · width numbers, readings in ascending time. */
  numbers: Float64Array;
  length: number;
  /** Every reading held at this time or later is here. Infinity: unknown of any time. */
  from: number;
}

/**
 * The latest readings of each series, by its id, so that what comes a little late, twice or corrected can be judged
 * without looking into the store. Knows only readings that were written once and carry no flags; of the rarer others
 * it knows that they must be looked up.
 */
export class RecentReadings {
  private readonly series: (Recent | undefined)[] = [];
  private readonly limits: RecentReadingsLimits;
  private room: number;

  constructor(limits: RecentReadingsLimits = defaultLimits) {
    this.limits = limits;
    this.room = limits.totalMax;
  }

  /** Takes note that nothing at all is held of a series. */
  begin(id: number): void {
    this.series[id] = { numbers: new Float64Array(0), length: 0, from: -Infinity };
  }

  /** What is held at a time: its history, null for nothing, undefined when only the store knows. */
  find(id: number, time: number): History | null | undefined {
    const recent = this.series[id];
    if (recent === undefined || !(time >= recent.from)) return undefined;
    const at = place(recent, time) * width;
    const { numbers } = recent;
    if (at === recent.length * width || numbers[at] !== time) return null;
    const knownUs = numbers[at + 1]!;
    if (Number.isNaN(knownUs)) return undefined;
    return { versions: [{ knownUs, value: numbers[at + 2]!, flags: 0, revision: 0 }], confirmedUs: [] };
  }

  /** Takes note of the first write of a meter and time; `isLatest` when no later reading of the series is held. */
  add(id: number, time: number, knownUs: number, value: number, flags: number, isLatest: boolean): void {
    let recent = this.series[id];
    if (recent === undefined) {
      if (!isLatest) return;
      recent = { numbers: new Float64Array(0), length: 0, from: time };
      this.series[id] = recent;
    }
    if (time < recent.from) return;
    if (recent.length * width === recent.numbers.length && !this.grow(recent)) {
      this.forgetOldest(recent);
      if (time < recent.from) return;
    }
    const { numbers } = recent;
    const at = place(recent, time) * width;
    numbers.copyWithin(at + width, at, recent.length * width);
    numbers[at] = time;
    numbers[at + 1] = flags === 0 ? knownUs : NaN;
    numbers[at + 2] = value;
    recent.length++;
  }

  /** Takes note that a meter and time was written again: only the store knows the whole of it. */
  mark(id: number, time: number): void {
    const recent = this.series[id];
    if (recent === undefined) return;
    const at = place(recent, time) * width;
    if (at < recent.length * width && recent.numbers[at] === time) recent.numbers[at + 1] = NaN;
  }

  private grow(recent: Recent): boolean {
    const capacity = recent.numbers.length / width;
    const larger = Math.min(Math.max(firstCapacity, capacity * 2), this.limits.perSeriesMax);
    const added = larger - capacity;
    if (added <= 0 || added > this.room) return false;
    this.room -= added;
    const numbers = new Float64Array(larger * width);
    numbers.set(recent.numbers);
    recent.numbers = numbers;
    return true;
  }

  private forgetOldest(recent: Recent): void {
    const forgotten = Math.ceil(recent.length / 4);
    recent.numbers.copyWithin(0, forgotten * width, recent.length * width);
    recent.length -= forgotten;
    // Without a reading left to start from nothing is known.
    recent.from = recent.length === 0 ? Infinity : recent.numbers[0]!;
  }
}

/** Index of the first reading at `time` or later. */
function place({ numbers, length }: Recent, time: number): number {
  if (length === 0 || numbers[(length - 1) * width]! < time) return length;
  let low = 0;
  let high = length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (numbers[middle * width]! < time) low = middle + 1;
    else high = middle;
  }
  return low;
}
