import type { MeterContext } from '@songma/registry';
import type { SeriesChunk, SeriesStore } from '@songma/series-store';
import type { MeterSpan } from '../series/query.ts';

/** Meters that one query of the store asks for. */
const metersPerQuery = 32;

/** Something that came of one meter's readings: a chunk, or (undefined) that there are no more of it. */
export interface MeterPiece {
  readonly context: MeterContext;
  readonly chunk: SeriesChunk | undefined;
}

/**
 * The readings of many meters, one after the other as given, each ending with a piece without a chunk. A meter is
 * given once. Whoever leaves early lets go of the store's cursor.
 */
export async function* meterChunks(
  store: SeriesStore,
  spans: readonly MeterSpan[],
): AsyncGenerator<MeterPiece> {
  for (let first = 0; first < spans.length; first += metersPerQuery) {
    const group = spans.slice(first, first + metersPerQuery);
    const ranges = group.map(({ context: { meter, site }, from, to }) => ({
      site: site.id,
      meters: [meter.id],
      from,
      to,
    }));
    let at = 0;
    for await (const chunk of store.read({ ranges })) {
      while (group[at]!.context.meter.id !== chunk.meter)
        yield { context: group[at++]!.context, chunk: undefined };
      yield { context: group[at]!.context, chunk };
    }
    for (; at < group.length; at++) yield { context: group[at]!.context, chunk: undefined };
  }
}
