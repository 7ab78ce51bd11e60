import { chunkReadingsMax, type SeriesChunk } from '../port.ts';
import type { Version } from '../judge.ts';
import type { Cell } from './connection.ts';
import { readingAt, type HistoryRows, type LineRows } from './line-rows.ts';

/** Readings of one meter, growing; columns of equal length. */
export class ReadingColumns {
  readonly times: number[] = [];
  readonly values: number[] = [];
  readonly flags: number[] = [];
  readonly knownUs: number[] = [];
  readonly revisions: number[] = [];

  push(time: number, { value, flags, knownUs, revision }: Version): void {
    this.times.push(time);
    this.values.push(value);
    this.flags.push(flags);
    this.knownUs.push(knownUs);
    this.revisions.push(revision);
  }

  append({ times, values, flags, knownUs, revisions }: ReadingColumns): void {
    for (let i = 0; i < times.length; i++) {
      this.times.push(times[i]!);
      this.values.push(values[i]!);
      this.flags.push(flags[i]!);
      this.knownUs.push(knownUs[i]!);
      this.revisions.push(revisions[i]!);
    }
  }
}

/** What is read as known now, or as known at a time. */
export interface AsKnown {
  /** Microseconds, inclusive; Infinity: now. */
  readonly asOfUs: number;
  /** Versions of the readings that were replaced later; needed when `asOfUs` is finite. */
  readonly history?: HistoryRows | undefined;
}

/** The version of a row's reading that is asked for; undefined when there was none. */
export function versionAt(
  lines: LineRows,
  columns: LineRows['columns'][number],
  row: readonly Cell[],
  { asOfUs, history }: AsKnown,
): Version | undefined {
  const stands = readingAt(lines, columns, row);
  if (stands === undefined || stands.knownUs <= asOfUs) return stands;
  return history?.versionsOf(row[0] as number, columns.meter)?.findLast(({ knownUs }) => knownUs <= asOfUs);
}

/** The readings in chunks of bounded size; nothing for no readings. */
export function* chunksOf(site: string, meter: string, columns: ReadingColumns): Generator<SeriesChunk> {
  const { times, values, flags, knownUs, revisions } = columns;
  for (let from = 0; from < times.length; from += chunkReadingsMax) {
    const to = Math.min(times.length, from + chunkReadingsMax);
    yield {
      site,
      meter,
      times: Float64Array.from(times.slice(from, to)),
      values: Float64Array.from(values.slice(from, to)),
      flags: Uint8Array.from(flags.slice(from, to)),
      knownUs: Float64Array.from(knownUs.slice(from, to)),
      revisions: Uint16Array.from(revisions.slice(from, to)),
    };
  }
}
