import type { Rollup } from '@songma/domain';
import type { SeriesRange, SeriesStore } from '@songma/series-store';

/** What computing one piece of work asks of the store. */
export type PieceStore = Pick<SeriesStore, 'read' | 'rollups' | 'indicators' | 'alerts'>;

/** Rollups of one kind and site that were read: of each of these meters all that start in `[from, to)`, ascending. */
interface Known {
  readonly from: number;
  readonly to: number;
  readonly byMeter: ReadonlyMap<string, readonly Rollup[]>;
}

/**
 * The store for the time of one piece: rollups that one step has read are not read again for the next. Those of a shard
 * change only when a piece of it is settled, and there is one at a time.
 */
export function pieceStore(store: PieceStore): PieceStore {
  const knownOf = new Map<string, Known[]>();
  return {
    read: (query) => store.read(query),
    indicators: (query) => store.indicators(query),
    alerts: (query) => store.alerts(query),
    async rollups({ ranges, window }) {
      const keyOf = ({ site }: SeriesRange): string => `${window} ${site}`;
      const missing = ranges.filter((range) => coverOf(knownOf.get(keyOf(range)), range) === undefined);
      if (missing.length > 0) {
        const read = byMeterOf(await store.rollups({ ranges: missing, window }));
        for (const range of missing) {
          const key = keyOf(range);
          knownOf.set(key, [...(knownOf.get(key) ?? []), knownFrom(range, read)]);
        }
      }
      return ranges.flatMap((range) => recalled(coverOf(knownOf.get(keyOf(range)), range)!, range));
    },
  };
}

/** What was read of all that lies in a range, if it was. */
function coverOf(known: readonly Known[] | undefined, range: SeriesRange): Known | undefined {
  const meters = metersOf(range);
  return known?.find(
    ({ from, to, byMeter }) =>
      from <= range.from && range.to <= to && meters.every((meter) => byMeter.has(meter)),
  );
}

function recalled({ byMeter }: Known, range: SeriesRange): Rollup[] {
  return metersOf(range).flatMap((meter) => within(range, byMeter.get(meter)!));
}

function knownFrom(range: SeriesRange, read: RollupsByMeter): Known {
  const { site, from, to } = range;
  const byMeter = new Map(
    metersOf(range).map((meter) => [meter, within(range, read.get(`${site} ${meter}`)?.values() ?? [])]),
  );
  return { from, to, byMeter };
}

/** By `site meter`, then start: ranges may overlap, and then a rollup comes with each of them. */
type RollupsByMeter = ReadonlyMap<string, ReadonlyMap<number, Rollup>>;

function byMeterOf(rollups: readonly Rollup[]): RollupsByMeter {
  const meters = new Map<string, Map<number, Rollup>>();
  for (const rollup of rollups.toSorted((a, b) => a.start - b.start)) {
    const key = `${rollup.site} ${rollup.meter}`;
    const of = meters.get(key);
    if (of === undefined) meters.set(key, new Map([[rollup.start, rollup]]));
    else of.set(rollup.start, rollup);
  }
  return meters;
}

function metersOf({ site, meters }: SeriesRange): readonly string[] {
  if (meters === undefined) throw new Error(`rollups of site ${site} are read by meter here`);
  return meters;
}

function within({ from, to }: SeriesRange, rollups: Iterable<Rollup>): Rollup[] {
  return [...rollups].filter(({ start }) => start >= from && start < to);
}
