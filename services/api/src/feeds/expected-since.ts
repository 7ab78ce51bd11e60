import type { SeriesStore } from '@songma/series-store';
import type { MeterSpan } from '../series/query.ts';

/**
 * Since when something is expected of a meter in a span: of one that declares no beginning nothing is before its first
 * reading, and nothing at all while it has none.
 * @param first time of the first reading that reaches into the span; undefined: there is none
 * @param asOfUs from what was known then
 * @returns epoch milliseconds, within the span
 */
export async function expectedSince(
  store: Pick<SeriesStore, 'read'>,
  { context: { meter }, from, to }: MeterSpan,
  first: number | undefined,
  asOfUs?: number,
): Promise<number> {
  if (meter.from !== undefined || (first !== undefined && first <= from) || from >= to) return from;
  const ranges = [{ site: meter.site, meters: [meter.id], from, to: from + 1 }];
  const known = asOfUs === undefined ? {} : { asOfUs };
  for await (const { times } of store.read({ ranges, neighboursWithinMs: from, ...known })) {
    if (times[0]! <= from) return from;
  }
  return Math.max(from, Math.min(first ?? Infinity, to));
}
