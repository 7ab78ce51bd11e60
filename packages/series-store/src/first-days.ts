import { saysSomething, type Meter, type WindowKind } from '@songma/domain';
import type { SeriesStore } from './port.ts';

/** Times that a Date can have. */
const timeMax = 8.64e15;

type Spans = ReadonlyMap<string, { readonly start: number; readonly end: number }>;

/**
 * Starts of the first days in which the meters told something, by the clock of their site and by meter id; none for a
 * meter of which nothing is stored. Three questions, however long the history.
 * @throws UnavailableError
 */
export async function firstDays(
  store: Pick<SeriesStore, 'rollups'>,
  meters: readonly Pick<Meter, 'id' | 'site'>[],
): Promise<Map<string, number>> {
  let within: Spans = new Map(meters.map(({ id }) => [id, { start: -timeMax, end: timeMax }]));
  for (const window of ['P1Y', 'P1M', 'P1D'] as const) {
    within = await firstOf(store, window, meters, within);
    if (within.size === 0) break;
  }
  return new Map(Array.from(within, ([meter, { start }]) => [meter, start]));
}

/** The first window of a kind in which each of the meters told something, within its span. */
async function firstOf(
  store: Pick<SeriesStore, 'rollups'>,
  window: WindowKind,
  meters: readonly Pick<Meter, 'id' | 'site'>[],
  within: Spans,
): Promise<Spans> {
  const first = new Map<string, { start: number; end: number }>();
  const alike = Map.groupBy(
    meters.filter(({ id }) => within.has(id)),
    ({ id, site }) => {
      const { start, end } = within.get(id)!;
      return `${site} ${start} ${end}`;
    },
  );
  const ranges = Array.from(alike.values(), (of) => {
    const { site, id } = of[0]!;
    const { start, end } = within.get(id)!;
    return { site, meters: of.map((meter) => meter.id), from: start, to: end };
  });
  if (ranges.length === 0) return first;
  for (const rollup of await store.rollups({ ranges, window })) {
    const { meter, start, end } = rollup;
    if (saysSomething(rollup) && start < (first.get(meter)?.start ?? Infinity)) {
      first.set(meter, { start, end });
    }
  }
  return first;
}
