import type { MeterContext } from '@songma/registry';
import type { SeriesChunk, SeriesStore } from '@songma/series-store';

const hourMs = 3_600_000;
/** The first look goes so far back; most meters are found by it. */
const firstLookMs = hourMs;
/** Each further look reaches so many times as far, for the meters that are still missing. */
const lookGrowth = 8;
/** Meters that are looked for at a time. */
const metersPerLook = 200;

/** A meter and its last reading: a chunk of one; undefined when it has none in the span. */
export interface LatestReading {
  readonly context: MeterContext;
  readonly reading: SeriesChunk | undefined;
}

/**
 * The last reading of each meter in `[since, before)`, in the order of the meters. A store reads all that lies within a
 * look, so that looks begin short.
 */
export async function* latestReadings(
  store: Pick<SeriesStore, 'read'>,
  meters: readonly MeterContext[],
  span: { readonly since: number; readonly before: number; readonly asOfUs?: number | undefined },
): AsyncGenerator<readonly LatestReading[]> {
  for (let first = 0; first < meters.length; first += metersPerLook) {
    const group = meters.slice(first, first + metersPerLook);
    const found = new Map<string, SeriesChunk>();
    let { before } = span;
    for (let lookMs = firstLookMs; before > span.since; lookMs *= lookGrowth) {
      const missing = group.filter(({ meter }) => !found.has(meter.id));
      if (missing.length === 0) break;
      const since = Math.max(span.since, before - lookMs);
      await look(store, missing, { ...span, since, before }, found);
      before = since;
    }
    yield group.map((context) => ({ context, reading: found.get(context.meter.id) }));
  }
}

async function look(
  store: Pick<SeriesStore, 'read'>,
  meters: readonly MeterContext[],
  { since, before, asOfUs }: { since: number; before: number; asOfUs?: number | undefined },
  found: Map<string, SeriesChunk>,
): Promise<void> {
  const ranges = [...Map.groupBy(meters, ({ site }) => site.id)].map(([site, contexts]) => ({
    site,
    meters: contexts.map(({ meter }) => meter.id),
    from: before,
    to: before + 1,
  }));
  const asOf = asOfUs === undefined ? {} : { asOfUs };
  for await (const chunk of store.read({ ranges, neighboursWithinMs: before - since, ...asOf })) {
    const at = chunk.times.findLastIndex((time) => time < before);
    if (at >= 0) found.set(chunk.meter, oneOf(chunk, at));
  }
}

function oneOf(
  { site, meter, times, values, flags, knownUs, revisions }: SeriesChunk,
  at: number,
): SeriesChunk {
  const cut = <T extends { slice(from: number, to: number): T }>(column: T) => column.slice(at, at + 1);
  return {
    site,
    meter,
    times: cut(times),
    values: cut(values),
    flags: cut(flags),
    knownUs: cut(knownUs),
    revisions: cut(revisions),
  };
}
