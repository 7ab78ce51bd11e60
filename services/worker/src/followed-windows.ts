import { monthAfter, saysSomething, windowAt, type Indicator, type IndicatorEvent } from '@songma/domain';
import { mayRestate, restating } from '@songma/indicators';
import type { Registry } from '@songma/registry';
import type { SeriesRange } from '@songma/series-store';
import type { RollupTable } from './indicator-windows.ts';
import type { PieceStore } from './piece-store.ts';
import type { ChangedRollups } from './rollup-computation.ts';

/**
 * The events, of which those restate that replace numbers of a window which every input had left behind: each had told
 * something from after its end before this piece, so that what changed it was late or a correction. By what is stored,
 * since of a history that is imported in order one piece may hold the end of a window and what follows it.
 */
export async function restatedFollowed(
  events: readonly IndicatorEvent[],
  known: {
    readonly store: PieceStore;
    /** With the months since the first that is touched. */
    readonly rollups: RollupTable;
    readonly registry: Registry;
    readonly changed: Pick<ChangedRollups, 'days' | 'months'>;
  },
): Promise<IndicatorEvent[]> {
  const asked = events.filter(mayRestate);
  if (asked.length === 0) return [...events];
  const latest = latestMonths(known);
  const open = asked.filter(({ before }) => !isFollowed(before!, known.registry, latest));
  const days = open.filter(({ before }) => before!.window === 'P1D');
  const latestDay = await latestDays(days, known);
  const still = new Set(open.filter(({ before }) => !isFollowed(before!, known.registry, latestDay)));
  const followed = new Set(asked.filter((event) => !still.has(event)));
  return events.map((event) => (followed.has(event) ? restating(event) : event));
}

/** Start of the last window in which a meter had told something, epoch milliseconds. */
type Latest = (meter: string) => number;

/** A meter that is not registered any more will tell nothing. */
function isFollowed({ inputs, end }: Indicator, registry: Registry, latest: Latest): boolean {
  return inputs.every(({ meter }) => latest(meter) >= end || registry.meter(meter) === undefined);
}

function latestMonths({ rollups, changed }: Parameters<typeof restatedFollowed>[1]): Latest {
  const before = new Map(
    changed.months.map(({ after, before: stored }) => [`${after.meter} ${after.start}`, stored]),
  );
  const found = new Map<string, number>();
  return (meter) => {
    let latest = found.get(meter);
    if (latest === undefined) {
      latest = -Infinity;
      for (const rollup of rollups.of(meter)) {
        if (rollup.window !== 'P1M' || rollup.start <= latest) continue;
        const key = `${meter} ${rollup.start}`;
        if (saysSomething(before.has(key) ? before.get(key) : rollup)) latest = rollup.start;
      }
      found.set(meter, latest);
    }
    return latest;
  };
}

/** By the days of the months that the windows lie in, as they are stored. */
async function latestDays(
  events: readonly IndicatorEvent[],
  { store, registry }: Parameters<typeof restatedFollowed>[1],
): Promise<Latest> {
  const spans = new Map<string, SeriesRange>();
  for (const { before } of events) {
    const { inputs, end } = before!;
    for (const { meter } of inputs) {
      const context = registry.meter(meter);
      if (context === undefined) continue;
      const { id: site, timeZone } = context.site;
      const to = monthAfter(windowAt('P1M', end - 1, timeZone).start, 1, timeZone).start;
      const key = `${meter} ${to}`;
      const from = Math.min(end, spans.get(key)?.from ?? end);
      if (from < to) spans.set(key, { site, meters: [meter], from, to });
    }
  }
  const latest = new Map<string, number>();
  if (spans.size > 0) {
    for (const day of await store.rollups({ ranges: [...spans.values()], window: 'P1D' })) {
      if (saysSomething(day) && day.start > (latest.get(day.meter) ?? -Infinity)) {
        latest.set(day.meter, day.start);
      }
    }
  }
  return (meter) => latest.get(meter) ?? -Infinity;
}
