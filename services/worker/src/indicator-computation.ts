import {
  sameDateWindow,
  type Enterprise,
  type Indicator,
  type IndicatorEvent,
  type IndicatorWindow,
  type Meter,
} from '@songma/domain';
import {
  computeIndicator,
  definitionsFor,
  FactorBook,
  gwpSetDefault,
  indicatorIdOf,
  productsOf,
  publishIndicator,
  withdrawnIndicator,
  type IndicatorScope,
  type VersionedFactor,
} from '@songma/indicators';
import type { Registry, Versioned } from '@songma/registry';
import type { SeriesRange } from '@songma/series-store';
import type { FactHours } from './facts/fact-hours.ts';
import { touchedEnterprises, type TouchedEnterprise, type TouchedScope } from './indicator-scopes.ts';
import { monthsNeededFrom, RollupTable, windowsToCompute, type ScopeWindow } from './indicator-windows.ts';
import type { PieceStore } from './piece-store.ts';
import { joinedSpans, type ChangedRollups } from './rollup-computation.ts';

interface IndicatorDeps {
  readonly registry: Registry;
  readonly seriesStore: PieceStore;
}

/** A scope with its windows to compute. */
interface ScopeWindows {
  readonly scope: TouchedScope;
  readonly windows: readonly ScopeWindow[];
}

/** Times that a Date can have. */
const timeMax = 8.64e15;

/**
 * The indicators of the enterprises, sites and windows whose inputs changed, or facts about them, as events: those that
 * say otherwise than what was published last.
 * @param at when they are published, epoch milliseconds
 */
export async function computeIndicators(
  deps: IndicatorDeps,
  changed: Pick<ChangedRollups, 'days' | 'months' | 'years'>,
  facts: readonly FactHours[],
  at: number,
): Promise<IndicatorEvent[]> {
  const { registry, seriesStore } = deps;
  const touched = touchedEnterprises(registry, changed, facts);
  if (touched.length === 0) return [];
  const after = [changed.days, changed.months, changed.years].flatMap((some) => some.map((one) => one.after));
  const rollups = new RollupTable();
  const [days, months] = await Promise.all([
    seriesStore.rollups({ ranges: touched.flatMap(dayRanges), window: 'P1D' }),
    seriesStore.rollups({ ranges: touched.flatMap(monthRanges), window: 'P1M' }),
  ]);
  for (const some of [days, months, after]) rollups.add(some);

  const scopes = touched
    .flatMap(({ whole, sites }) => [whole, ...sites.values()])
    .map((scope) => ({ scope, windows: windowsToCompute(scope, rollups) }));
  const [years, published] = await Promise.all([
    seriesStore.rollups({ ranges: scopes.flatMap(yearRanges), window: 'P1Y' }),
    publishedBefore(seriesStore, scopes),
  ]);
  rollups.add(years);
  rollups.add(after);

  const factors = factorBookOf(registry.list('factor'));
  return scopes.flatMap((one) => eventsOf(one, { rollups, published, factors, at }));
}

function eventsOf(
  { scope, windows }: ScopeWindows,
  known: {
    readonly rollups: RollupTable;
    /** By {@link windowKey}. */
    readonly published: ReadonlyMap<string, readonly Indicator[]>;
    readonly factors: FactorBook;
    readonly at: number;
  },
): IndicatorEvent[] {
  const { site, zone } = scope;
  const { rollups, published, factors, at } = known;
  const { id: enterprise, gwpSet = gwpSetDefault } = scope.enterprise.body;
  const events: IndicatorEvent[] = [];
  const inputs = scope.meters.map(({ meter }) => meter);
  const definitions = definitionsFor(inputs);
  const products = productScopes(scope.enterprise, inputs);
  for (const { window, start, end, isFinished, partKind, parts, isEmptied } of windows) {
    const where = { enterprise, ...(site === undefined ? {} : { site }), window, start };
    const standing = new Map(published.get(windowKey(where))?.map((one) => [one.id, one]));
    if (isEmptied && standing.size === 0) continue;
    const cause = scope.factDays.some((day) => day >= start && day < end) ? 'registry' : 'readings';
    const meters = scope.meters.map((input) => ({
      ...input,
      rollups: parts.flatMap((part) => rollups.at(input, partKind, part.start, zone) ?? []),
    }));
    for (const product of products) {
      const whole = { ...where, ...product, end, isFinished, meters, gwpSet, factors };
      for (const definition of definitions) {
        if (!definition.windows.includes(window)) continue;
        const before = standing.get(indicatorIdOf(whole, definition.name));
        if (isEmptied && before === undefined) continue;
        const draft = computeIndicator(definition, whole);
        if (draft === undefined) continue;
        standing.delete(draft.id);
        const event = publishIndicator(draft, before, cause, at);
        if (event !== undefined) events.push(event);
      }
    }
    // What is left was of meters, a product or an allocation that are not there any more.
    for (const before of standing.values()) {
      const event = publishIndicator(withdrawnIndicator(before), before, cause, at);
      if (event !== undefined) events.push(event);
    }
  }
  return events;
}

/** All that is made together, and each product where the enterprise states how they share what serves several. */
function productScopes(
  { version, body: { allocation } }: Versioned<Enterprise>,
  meters: readonly Meter[],
): Pick<IndicatorScope, 'product' | 'allocation'>[] {
  if (allocation === undefined) return [{}];
  const stated = { version, body: allocation };
  return [{}, ...productsOf(meters).map((product) => ({ product, allocation: stated }))];
}

function windowKey({
  enterprise,
  site = '',
  window,
  start,
}: Pick<Indicator, 'enterprise' | 'site' | 'window' | 'start'>): string {
  return `${enterprise}/${site}/${window}/${start}`;
}

/** The days of all inputs of an enterprise, by the clock of each one's site. */
function dayRanges({ whole }: TouchedEnterprise): SeriesRange[] {
  return rangesOfSites(whole, (zone) => {
    const own = new Map<number, number>();
    for (const start of whole.days.keys()) {
      const day = sameDateWindow('P1D', start, whole.zone, zone);
      own.set(day.start, day.end);
    }
    return joinedSpans(own);
  });
}

/** The months of all inputs since the first that is needed; the later ones tell what is finished. */
function monthRanges({ whole, sites }: TouchedEnterprise): SeriesRange[] {
  const needed = Math.min(...[whole, ...sites.values()].map(monthsNeededFrom));
  if (needed === Infinity) return [];
  return rangesOfSites(whole, (zone) => [
    {
      from: needed === -Infinity ? -timeMax : sameDateWindow('P1M', needed, whole.zone, zone).start,
      to: timeMax,
    },
  ]);
}

function yearRanges({ scope, windows }: ScopeWindows): SeriesRange[] {
  const starts = windows.filter(({ partKind }) => partKind === 'P1Y').map(({ start }) => start);
  if (starts.length === 0) return [];
  return rangesOfSites(scope, (zone) => [
    {
      from: sameDateWindow('P1Y', Math.min(...starts), scope.zone, zone).start,
      to: sameDateWindow('P1Y', Math.max(...starts), scope.zone, zone).end,
    },
  ]);
}

function rangesOfSites(
  { meters }: TouchedScope,
  spansIn: (zone: string) => readonly { readonly from: number; readonly to: number }[],
): SeriesRange[] {
  return [...Map.groupBy(meters, ({ meter }) => meter.site)].flatMap(([site, of]) =>
    spansIn(of[0]!.zone).map((span) => ({ site, meters: of.map(({ meter }) => meter.id), ...span })),
  );
}

/**
 * By {@link windowKey}. Scopes whose windows lie far apart are asked for apart: what lies between is not theirs to
 * read.
 */
async function publishedBefore(
  store: PieceStore,
  scopes: readonly ScopeWindows[],
): Promise<Map<string, Indicator[]>> {
  interface Asked {
    readonly products: 'all';
    readonly window: IndicatorWindow;
    readonly enterprises: string[];
    readonly sites?: string[];
    readonly from: number;
    readonly to: number;
  }
  const asked = new Map<string, Asked>();
  for (const { scope, windows } of scopes) {
    for (const [window, of] of Map.groupBy(windows, ({ window: kind }) => kind)) {
      for (const { from, to } of spansOfStarts(window, of)) {
        const key = `${window} ${scope.site === undefined} ${from} ${to}`;
        let one = asked.get(key);
        if (one === undefined) {
          const sites = scope.site === undefined ? {} : { sites: [] };
          asked.set(key, (one = { products: 'all', window, enterprises: [], ...sites, from, to }));
        }
        one.enterprises.push(scope.enterprise.id);
        if (scope.site !== undefined) one.sites?.push(scope.site);
      }
    }
  }
  const answers = await Promise.all([...asked.values()].map((one) => store.indicators(one)));
  return Map.groupBy(answers.flat(), windowKey);
}

/** Spans in which the windows start. Days may lie far apart; of longer windows there are few in between. */
function spansOfStarts(
  window: IndicatorWindow,
  windows: readonly ScopeWindow[],
): { readonly from: number; readonly to: number }[] {
  if (window === 'P1D') return joinedSpans(new Map(windows.map(({ start, end }) => [start, end])));
  const starts = windows.map(({ start }) => start);
  return [{ from: Math.min(...starts), to: Math.max(...starts) + 1 }];
}

/** The registry gives the same list until a factor changes. */
const books = new WeakMap<readonly VersionedFactor[], FactorBook>();

function factorBookOf(factors: readonly VersionedFactor[]): FactorBook {
  let book = books.get(factors);
  if (book === undefined) books.set(factors, (book = new FactorBook(factors)));
  return book;
}
