import { dateIn, sameDateWindow, type Meter, type Window } from '@songma/domain';
import type { MeterWindowOf } from '@songma/indicators';
import { firstDays, type SeriesStore } from '@songma/series-store';
import { windowsOf, type BaselineScope, type DateSpan, type HeldWindows } from './baseline-scope.ts';

/** Since when meters that declare no beginning are there: nothing is expected of them before. */
export interface PeriodLives {
  /** Whether the meter has told something by that time, or declares when it begins. */
  readonly hasBegun: (meter: Meter, by: number) => boolean;
  readonly windowOf: (scope: BaselineScope, kind: 'P1D' | 'P1M', window: Window) => MeterWindowOf;
}

interface Asked {
  readonly scope: BaselineScope;
  readonly dates: DateSpan;
}

/**
 * The lives of the meters of some baselines. The store is asked only about those that tell nothing of some period: a
 * meter that is silent is missed, and one that had not begun is not.
 */
export async function readLives(
  store: Pick<SeriesStore, 'rollups'>,
  asked: readonly Asked[],
  held: HeldWindows,
): Promise<PeriodLives> {
  const doubtful = new Map<string, Meter>();
  for (const { scope, dates } of asked) {
    const { resource, production, drivers } = scope.meters;
    const amounts = [...resource, ...production].map(({ meter }) => meter);
    const all = [...amounts, ...drivers.filter((driver): driver is Meter => typeof driver === 'object')];
    const starts = windowsOf(scope, dates).map(({ start }) => dateIn(scope.zone, start));
    for (const meter of all) {
      if (meter.from !== undefined || doubtful.has(meter.id)) continue;
      if (starts.some((date) => held.get(meter.id, date) === undefined)) doubtful.set(meter.id, meter);
    }
  }
  const first =
    doubtful.size === 0 ? new Map<string, number>() : await firstDays(store, [...doubtful.values()]);
  const hasBegun = ({ id, from }: Meter, by: number): boolean =>
    from !== undefined || !doubtful.has(id) || (first.get(id) ?? Infinity) < by;
  return {
    hasBegun,
    windowOf: (scope, kind, { start }) => {
      const windows = new Map<string, Window>();
      return (meter) => {
        const zone = scope.zoneOf(meter);
        let window = windows.get(zone);
        if (window === undefined) windows.set(zone, (window = sameDateWindow(kind, start, scope.zone, zone)));
        return { window, hasBegun: hasBegun(meter, window.end) };
      };
    },
  };
}
