import {
  sameDateWindow,
  saysSomething,
  type Enterprise,
  type Indicator,
  type IndicatorEvent,
  type Meter,
} from '@songma/domain';
import {
  computeIndicator,
  definitionsFor,
  FactorBook,
  gwpSetDefault,
  indicatorIdOf,
  inputRole,
  productsOf,
  publishIndicator,
  withdrawnIndicator,
  type IndicatorDefinition,
  type IndicatorScope,
  type VersionedFactor,
} from '@songma/indicators';
import type { Registry, Versioned } from '@songma/registry';
import type { SeriesRange } from '@songma/series-store';
import { inputsInDoubt, ownWindow } from './begun-inputs.ts';
import type { FactHours } from './facts/fact-hours.ts';
import { touchedEnterprises, type TouchedEnterprise, type TouchedScope } from './indicator-scopes.ts';
import { monthsNeededFrom, RollupTable, windowsToCompute, type ScopeWindow } from './indicator-windows.ts';
import { restatedFollowed } from './followed-windows.ts';
import { MatchedTimes } from './matched-times.ts';
import type { PieceBeginnings } from './meter-beginnings.ts';
import type { PieceStore } from './piece-store.ts';
import { publishedBefore, windowKey, type ScopeWindows } from './published-before.ts';
import { joinedSpans, type ChangedRollups } from './rollup-computation.ts';

interface IndicatorDeps {
  readonly registry: Registry;
  readonly seriesStore: PieceStore;
  readonly beginnings: PieceBeginnings;
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
  changed: Pick<ChangedRollups, 'hours' | 'days' | 'months' | 'years'>,
  facts: readonly FactHours[],
  at: number,
): Promise<IndicatorEvent[]> {
  const { registry, seriesStore, beginnings } = deps;
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
    beginnings.ask(inputsInDoubt(scopes, rollups, beginnings)),
  ]);
  rollups.add(years);
  rollups.add(after);

  const factors = factorBookOf(registry.list('factor'));
  const times = new MatchedTimes(seriesStore, rollups, changed.hours);
  const events: IndicatorEvent[] = [];
  let rest: readonly ScopeWindows[] = scopes;
  for (let look = 0; rest.length > 0; look++) {
    if (look > looksMax)
      throw new Error(`what the inputs have in common is not there after ${looksMax} looks`);
    const computed = rest.map((one) => eventsOf(one, { rollups, published, factors, times, beginnings, at }));
    events.push(...computed.flatMap((one) => one.events));
    rest = computed.flatMap(({ missing }) => missing ?? []);
    if (rest.length > 0) await times.read();
  }
  return restatedFollowed(events, { store: seriesStore, rollups, registry, changed });
}

/** A year looks for its months, these for their days, and these for their hours. */
const looksMax = 4;

/** The events of a scope, and those of its windows for which more has to be read. */
function eventsOf(
  { scope, windows }: ScopeWindows,
  known: {
    readonly rollups: RollupTable;
    /** By {@link windowKey}. */
    readonly published: ReadonlyMap<string, readonly Indicator[]>;
    readonly factors: FactorBook;
    readonly times: MatchedTimes;
    readonly beginnings: PieceBeginnings;
    readonly at: number;
  },
): { readonly events: IndicatorEvent[]; readonly missing: ScopeWindows | undefined } {
  const inputs = scope.meters.map(({ meter }) => meter);
  const definitions = definitionsFor(inputs);
  const products = productScopes(scope.enterprise, inputs);
  const missing: ScopeWindow[] = [];
  const events = windows.flatMap((window) => {
    const found = eventsOfWindow(scope, window, { ...known, definitions, products });
    if (found === undefined) missing.push(window);
    return found ?? [];
  });
  return { events, missing: missing.length === 0 ? undefined : { scope, windows: missing } };
}

/** Undefined when more has to be read. */
function eventsOfWindow(
  scope: TouchedScope,
  of: ScopeWindow,
  known: {
    readonly rollups: RollupTable;
    readonly published: ReadonlyMap<string, readonly Indicator[]>;
    readonly factors: FactorBook;
    readonly times: MatchedTimes;
    readonly beginnings: PieceBeginnings;
    readonly at: number;
    readonly definitions: readonly IndicatorDefinition[];
    readonly products: readonly Pick<IndicatorScope, 'product' | 'allocation'>[];
  },
): IndicatorEvent[] | undefined {
  const { window, start, end, isFinished, partKind, parts, isEmptied } = of;
  const { site, zone } = scope;
  const { rollups, published, factors, times, beginnings, at, definitions, products } = known;
  const { id: enterprise, gwpSet = gwpSetDefault } = scope.enterprise.body;
  const where = { enterprise, ...(site === undefined ? {} : { site }), window, start };
  const standing = new Map(published.get(windowKey(where))?.map((one) => [one.id, one]));
  if (isEmptied && standing.size === 0) return [];
  const cause = causeOf(scope, of);
  const meters = scope.meters.map((input) => {
    const own = ownWindow(input, parts, partKind, zone);
    const told = parts.flatMap((part) => rollups.at(input, partKind, part.start, zone) ?? []);
    const hasBegun = told.some(saysSomething) || beginnings.hasBegun(input.meter.id, own.end);
    return { ...input, window: own, rollups: told, hasBegun };
  });
  // A window in which nobody tells anything is published only to replace what had been told of it: it may be touched by
  // what was found elsewhere, and then says nothing new.
  if (standing.size === 0 && !meters.some((input) => input.rollups.some(saysSomething))) return [];
  const events: IndicatorEvent[] = [];
  let isMissing = false;
  for (const product of products) {
    const match: NonNullable<IndicatorScope['match']> = (definition, scoped) => {
      const inputs = scoped.map((one) => ({
        ...one,
        isMade: inputRole(definition, one.meter) === 'production',
      }));
      const { name, coverageMin: shareMin } = definition;
      const which = { scope, name, product: product.product, inputs, shareMin };
      const matched = times.of(which, of);
      isMissing ||= matched === undefined;
      return matched ?? { parts: [], share: 0 };
    };
    const whole = { ...where, ...product, end, isFinished, meters, gwpSet, factors, match };
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
  if (isMissing) return undefined;
  // What is left was of meters, a product or an allocation that are not there any more.
  for (const before of standing.values()) {
    const event = publishIndicator(withdrawnIndicator(before), before, cause, at);
    if (event !== undefined) events.push(event);
  }
  return events;
}

/** What moved the indicators of a window. */
function causeOf(
  { factDays, ruleDays }: TouchedScope,
  { start, end }: Pick<ScopeWindow, 'start' | 'end'>,
): IndicatorEvent['cause'] {
  const isInside = (day: number) => day >= start && day < end;
  if (factDays.some(isInside)) return 'registry';
  return ruleDays.some(isInside) ? 'rules' : 'readings';
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

/** The registry gives the same list until a factor changes. */
const books = new WeakMap<readonly VersionedFactor[], FactorBook>();

function factorBookOf(factors: readonly VersionedFactor[]): FactorBook {
  let book = books.get(factors);
  if (book === undefined) books.set(factors, (book = new FactorBook(factors)));
  return book;
}
