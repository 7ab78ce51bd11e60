import type { Window } from '@songma/domain';
import type { EvidenceReading } from '@songma/evidence';
import type { SeriesStore } from '@songma/series-store';
import { isoInZone, parseIsoUs } from '../iso-time.ts';
import type { MeterSpan } from '../series/query.ts';
import { rawBatches } from '../series/readings.ts';
import type { RawRow } from '../series/rows.ts';
import { leavesOfMeter, type EvidenceBasis } from './evidence-basis.ts';

/** Readings that evidence lists at most; of windows beyond that their starts are named. */
export const readingsMax = 5_000;
/** Superseded values at most, and questions to the store for them. */
const supersededMax = 1_000;
const lookBacksMax = 100;

export interface ReadingsFound {
  readonly readings: readonly EvidenceReading[];
  readonly windowsWithoutReadings: readonly string[];
  readonly superseded: readonly EvidenceReading[];
  readonly supersededCut: boolean;
}

/**
 * The readings of the windows as they were known, and what each superseded. The first window given goes first where not
 * all find room: the one farthest beyond the limit.
 *
 * @param asOfUs epoch microseconds
 */
export async function evidenceReadings(
  store: SeriesStore,
  basis: EvidenceBasis,
  windows: readonly Window[],
  asOfUs: number,
): Promise<ReadingsFound> {
  const zone = basis.context.site.timeZone;
  const leaves = leavesOfMeter(basis);
  const rows: RawRow[] = [];
  const without: number[] = [];
  for (const { start, end } of windows) {
    const expected = leaves.reduce((sum, { intervalMs }) => sum + (end - start) / intervalMs, 0);
    if (rows.length + expected > readingsMax) {
      without.push(start);
      continue;
    }
    for (const meter of leaves) {
      const span = { context: { ...basis.context, meter }, from: start, to: end };
      rows.push(...(await rowsOf(store, span, asOfUs)));
    }
  }
  const past = await supersededBy(store, basis, rows);
  return {
    readings: rows.map((row) => evidenceReading(row, null)).toSorted(byTime),
    windowsWithoutReadings: without.toSorted((a, b) => a - b).map((start) => isoInZone(start, zone)),
    superseded: past.found.toSorted(byTime),
    supersededCut: past.isCut,
  };
}

async function rowsOf(store: SeriesStore, span: MeterSpan, asOfUs: number): Promise<RawRow[]> {
  const batches = await Array.fromAsync(rawBatches(store, span, asOfUs));
  return batches.flat().map(({ row }) => row);
}

/** Goes back from revision to revision: what stood until just before each value became known. */
async function supersededBy(
  store: SeriesStore,
  { context, inputs }: EvidenceBasis,
  rows: readonly RawRow[],
): Promise<{ readonly found: readonly EvidenceReading[]; readonly isCut: boolean }> {
  const meters = new Map(leavesOfMeter({ context, inputs }).map((meter) => [meter.id, meter]));
  const found: EvidenceReading[] = [];
  let open = rows.filter(({ revision }) => revision > 0);
  for (let looks = 0; open.length > 0; looks++) {
    if (looks === lookBacksMax || found.length >= supersededMax) return { found, isCut: true };
    // All values of a meter that one push brought are looked behind together.
    const { meter: id, knownAt } = open[0]!;
    const together = open.filter((row) => row.meter === id && row.knownAt === knownAt);
    const times = together.map(({ time }) => parseIsoUs(time) / 1000);
    const span = {
      context: { ...context, meter: meters.get(id)! },
      from: Math.min(...times),
      to: Math.max(...times) + 1,
    };
    const wanted = new Set(together.map(({ time }) => time));
    const before = (await rowsOf(store, span, parseIsoUs(knownAt) - 1)).filter(({ time }) =>
      wanted.has(time),
    );
    found.push(...before.map((row) => evidenceReading(row, knownAt)));
    const done = new Set(together);
    open = [...open.filter((row) => !done.has(row)), ...before.filter(({ revision }) => revision > 0)];
  }
  return { found, isCut: false };
}

function evidenceReading(row: RawRow, supersededAt: string | null): EvidenceReading {
  const { meter, time, value, unit, status, flags, knownAt, revision } = row;
  return { meter, time, value, unit, status, flags, knownAt, revision, supersededAt };
}

function byTime(a: EvidenceReading, b: EvidenceReading): number {
  return (
    parseIsoUs(a.time) - parseIsoUs(b.time) ||
    (a.meter < b.meter ? -1 : a.meter > b.meter ? 1 : a.revision - b.revision)
  );
}
