import { dateIn, unitConversion, windowAt, type Baseline, type Meter } from '@songma/domain';
import {
  baselineMeters,
  baselinePeriod,
  baselineUnit,
  FactorBook,
  gwpSetDefault,
  Valuer,
  type Adjustment,
  type BaselinePeriod,
  type MatchedPeriod,
} from '@songma/indicators';
import type { Registry } from '@songma/registry';
import type { SeriesStore } from '@songma/series-store';
import { zoneOf } from '../indicators/indicator-wire.ts';
import { problem } from '../problems.ts';
import { instantOf } from '../answers/spans.ts';
import { type MeterSpan, requireBounded } from '../series/query.ts';
import { entitiesOf, type Entities } from '../registry/entities.ts';
import { derivedInputs, meterAsOf } from '../series/meter-as-of.ts';
import { meterWindows } from '../series/windows.ts';
import { HeldWindows, windowsOf, type BaselineScope, type DateSpan } from './baseline-scope.ts';
import { matchPeriods } from './matched-periods.ts';
import { readLives, type PeriodLives } from './period-lives.ts';

/**
 * With the meters and factors that are registered, or that were at `at` (epoch milliseconds).
 * @throws HttpProblem `baseline_meters_unconvertible` when the sums would silently be without some of its meters
 */
export function baselineScope(baseline: Baseline, registry: Registry, at: number | undefined): BaselineScope {
  const scope = uncheckedScope(baseline, entitiesOf(registry, at), valuerAt(registry, at));
  const { unconvertible } = scope.meters;
  if (unconvertible.length > 0) {
    throw problem('baseline_meters_unconvertible', {
      id: baseline.id,
      meters: unconvertible.map((meter) => `"${meter.id}" (${meter.unit})`).join(', '),
      units: `${baselineUnit(baseline)}, ${baseline.productionUnit}`,
    });
  }
  return scope;
}

/** Values fuel with the factors that are registered, or that were at `at`. */
export function valuerAt(registry: Registry, at: number | undefined): Valuer {
  const factors = at === undefined ? registry.list('factor') : registry.listAsOf('factor', at);
  return new Valuer(new FactorBook(factors), gwpSetDefault);
}

/** The scope also where some meters are unconvertible: the sums are then without them. */
export function uncheckedScope(baseline: Baseline, entities: Entities, valuer: Valuer): BaselineScope {
  const { enterprise, site } = baseline;
  const sites = site === undefined ? entities.sitesOfEnterprise(enterprise).map((one) => one.id) : [site];
  const meters = baselineMeters(
    baseline,
    sites.flatMap((one) => entities.metersOfSite(one)),
  );
  const own = site === undefined ? undefined : entities.get('site', site)?.body.timeZone;
  const zone = own ?? zoneOf(enterprise, entities);
  return {
    ...{ baseline, meters, zone, valuer },
    zoneOf: ({ site: at }) => entities.get('site', at)?.body.timeZone ?? zone,
  };
}

/** The span from the period that `from` lies in to the last one that is over at `at`. Empty when none is. */
export function periodsSpan(
  { baseline: { period }, zone }: BaselineScope,
  from: number,
  to: number,
  at: number,
): DateSpan {
  const first = windowAt(period, from, zone);
  const last = windowAt(period, to - 1, zone);
  const end = last.end <= at ? last.end : windowAt(period, at, zone).start;
  return { from: dateIn(zone, first.start), to: dateIn(zone, Math.max(first.start, end)) };
}

/**
 * Where the scope's meters are asked, by the clock of each; without those of which the dates hold nothing. With
 * `asOfUs` they, and what derived ones are made of, are as they were registered then.
 */
export function meterSpans(
  { meters }: BaselineScope,
  dates: DateSpan,
  registry: Registry,
  asOfUs?: number,
): MeterSpan[] {
  const all = [...meters.resource, ...meters.production].map(({ meter }) => meter);
  const drivers = meters.drivers.filter((driver): driver is Meter => typeof driver === 'object');
  const ids = new Set([...all, ...drivers].map(({ id }) => id));
  const at = asOfUs === undefined ? undefined : Math.floor(asOfUs / 1_000);
  return [...ids]
    .map((id) => {
      const context = (at === undefined ? registry.meter(id) : meterAsOf(registry, id, at))!;
      const { timeZone } = context.site;
      const span = { from: instantOf(dates.from, timeZone), to: instantOf(dates.to, timeZone) };
      return { context, ...derivedInputs(registry, context.meter, at), ...span };
    })
    .filter(({ from, to }) => from < to);
}

/**
 * Every period of the dates, in order; also those of which nothing is known. With `asOf` from what was known then. Of
 * one of which something is missing the time in common is found by the hour.
 * @throws HttpProblem `span_too_long`
 */
export async function readPeriods(
  store: SeriesStore,
  registry: Registry,
  scope: BaselineScope,
  dates: DateSpan,
  asOf: { readonly text: string; readonly us: number } | undefined,
): Promise<BaselinePeriod[]> {
  const spans = meterSpans(scope, dates, registry, asOf?.us);
  const held = await readHeld(store, scope, spans, asOf);
  const lives = await readLives(store, [{ scope, dates }], held);
  const query = { store, scope, spans, asOfUs: asOf?.us, lives };
  return periodsOf(query, dates, held, await matchPeriods(query, windowsOf(scope, dates), held));
}

/**
 * What is known of the meters in each period of their spans.
 * @throws HttpProblem `span_too_long`
 */
export async function readHeld(
  store: SeriesStore,
  { baseline: { period } }: BaselineScope,
  spans: readonly MeterSpan[],
  asOf: { readonly text: string; readonly us: number } | undefined,
): Promise<HeldWindows> {
  requireBounded({ window: period, asOf: asOf?.text }, spans);
  const held = new HeldWindows();
  for (const span of spans) {
    for await (const batch of meterWindows(store, { span, kind: period, asOfUs: asOf?.us, gaps: false })) {
      held.add(span.context, batch);
    }
  }
  return held;
}

/**
 * Every period of the dates out of what is held, all of one kind.
 * @param matched by date, of those of which something is missing
 */
export function periodsOf(
  { scope, lives }: { readonly scope: BaselineScope; readonly lives: PeriodLives },
  dates: DateSpan,
  held: HeldWindows,
  matched: ReadonlyMap<string, MatchedPeriod>,
): BaselinePeriod[] {
  const { baseline, meters, zone, valuer } = scope;
  const unit = baselineUnit(baseline);
  return windowsOf(scope, dates).map((window) => {
    const date = dateIn(zone, window.start);
    return baselinePeriod(
      window,
      meters,
      (meter) => held.get(meter, date),
      (meter, amount) => valuer.value('final-energy', { amount, meter, date }, unit)?.amount,
      { matched: matched.get(date), windowOf: lives.windowOf(scope, baseline.period, window) },
    );
  });
}

/** The adjustments on record in the baseline's unit, by the scope's clock. */
export function adjustmentsOf({ baseline, zone }: BaselineScope): Adjustment[] {
  const unit = baselineUnit(baseline);
  return baseline.adjustments.map(({ from, to, amount, unit: given }) => {
    const conversion = unitConversion(given, unit);
    if ('problem' in conversion) throw new Error(`${given} was taken at the door, and is no ${unit} here`);
    return { start: instantOf(from, zone), end: instantOf(to, zone), amount: amount * conversion.factor };
  });
}
