import { isDeepStrictEqual } from 'node:util';
import { inputsOf, leavesOf, lifeOf, shardOf, type Meter, type Site } from '@songma/domain';
import { factorEffect, isInput } from '@songma/indicators';
import type { Registry, RegistryChange } from '@songma/registry';

/** A time of some meters of a site, whose results rest on a fact that has changed. */
export interface FactSpan {
  readonly shard: string;
  readonly site: string;
  /** Whose times are meant; the first of them stands for all in what is marked. At least one. */
  readonly meters: readonly string[];
  /** Epoch milliseconds, `to` exclusive. */
  readonly from: number;
  readonly to: number;
  /** Every hour is computed again, or only what stands on the days. */
  readonly grain: 'hour' | 'day';
  /** What shows which hours there are: readings, or what was computed of them. */
  readonly shownBy: readonly ('readings' | 'rollups')[];
}

interface Span {
  readonly from: number;
  readonly to: number;
}

/** Earlier than any reading, and later. */
const always: Span = { from: 0, to: Date.UTC(2200, 0, 1) };

/** Fields of a meter that no result rests on: names, and what only the door looks at. */
const indifferent: ReadonlySet<string> = new Set<keyof Meter>(['name', 'symbol', 'time']);

/**
 * The times whose results a change of the registry may alter; none for most kinds. What is named is computed again, and
 * what comes out as it was is left alone: too much costs time, too little would be wrong for ever.
 */
export function factSpans(change: RegistryChange, registry: Registry): FactSpan[] {
  switch (change.kind) {
    case 'meter': {
      const { before, after } = change;
      const isSame = before !== undefined && after !== undefined && isSameFor(before.body, after.body);
      // Readings may have come before this process knew their meter, and what is retired leaves its results behind.
      const own = isSame ? [] : hoursOfMeter(registry, [before, after]);
      const taken = isSame ? [] : hoursTakenOver(registry, [before, after]);
      return [...own, ...taken, ...daysOfOthers(registry, before?.body, after?.body)];
    }
    case 'limit': {
      const versions = [change.before, change.after].flatMap((version) => version?.body ?? []);
      const from = Math.min(...versions.map(({ validFrom }) => validFrom));
      const to = Math.max(...versions.map(({ validTo }) => validTo ?? always.to));
      const meter = registry.get('meter', versions[0]!.meter)?.body;
      return meter === undefined ? [] : hoursOf(registry, [meter.id], meter.site, { from, to }, ['rollups']);
    }
    case 'void': {
      const { meter: id, from, to } = (change.after ?? change.before)!.body;
      const meter = registry.get('meter', id)?.body;
      return meter === undefined ? [] : hoursOf(registry, [meter.id], meter.site, { from, to }, ['readings']);
    }
    case 'factor': {
      const effect = factorEffect(change.before?.body, change.after?.body);
      if (effect === undefined) return [];
      const rests = ({ quantity, carrier }: Meter) =>
        effect.quantities.includes(quantity) && (effect.carrier === undefined || carrier === effect.carrier);
      return registry.list('site').flatMap(({ body }) => daysOf(registry, body, rests, effect));
    }
    case 'enterprise': {
      const [before, after] = [change.before?.body, change.after?.body];
      if (before === undefined || after === undefined) return [];
      const isAllocatedSame = isDeepStrictEqual(before.allocation, after.allocation);
      if (before.gwpSet === after.gwpSet && isAllocatedSame) return [];
      return daysOfEnterprise(registry, change.id, isAllocatedSame ? isWarming : isInput);
    }
    case 'source': {
      const [before, after] = [change.before?.body, change.after?.body];
      if (isDeepStrictEqual(before?.operating, after?.operating)) return [];
      // What is judged by limits in the hours in which it operates.
      return registry
        .metersOfSite((after ?? before)!.site)
        .filter(({ id, source }) => source === change.id && registry.limitsOfMeter(id).length > 0)
        .flatMap((meter) => hoursOf(registry, [meter.id], meter.site, always, ['rollups']));
    }
    // Savings and shares are computed when they are asked for.
    case 'baseline':
    case 'participation':
    case 'assessment':
    // What values are called before they are readings bears on none that is stored.
    case 'mapping':
    case 'site':
    case 'officer':
    case 'person':
    case 'roster':
    case 'policy':
    case 'channel':
    case 'outage':
    case 'duty':
    case 'key':
      return [];
  }
}

/** Whether what it tells is valued by global warming potentials. */
function isWarming({ quantity }: Meter): boolean {
  return quantity === 'fuel' || quantity === 'refrigerant';
}

/** The spans of days of one site as one: changes come in bursts, such as a pack of factors. */
export function joinedFactSpans(spans: readonly FactSpan[]): FactSpan[] {
  const days = Map.groupBy(
    spans.filter(({ grain }) => grain === 'day'),
    ({ site }) => site,
  );
  return [
    ...spans.filter(({ grain }) => grain === 'hour'),
    ...[...days.values()].map((of) => ({
      ...of[0]!,
      meters: [...new Set(of.flatMap(({ meters }) => meters))],
      from: Math.min(...of.map(({ from }) => from)),
      to: Math.max(...of.map(({ to }) => to)),
    })),
  ];
}

/** The hours of a meter, the older and the newer version of which is given. */
function hoursOfMeter(
  registry: Registry,
  versions: readonly ({ readonly body: Meter } | undefined)[],
): FactSpan[] {
  const bodies = versions.flatMap((version) => version?.body ?? []);
  const { id, site } = bodies.at(-1)!;
  // Of a derived one there may be no results yet: what it is made of, or was, tells which hours there are.
  const meters = new Map(registry.metersOfSite(site).map((one) => [one.id, one]));
  const ids = [id, ...leavesOf(meters, bodies.flatMap(inputsOf))];
  return hoursOf(registry, ids, site, always, ['readings', 'rollups']);
}

/** The hours of the meters that one follows, or followed: what is derived from them reads it in their place. */
function hoursTakenOver(
  registry: Registry,
  versions: readonly ({ readonly body: Meter } | undefined)[],
): FactSpan[] {
  const bodies = versions.flatMap((version) => version?.body ?? []);
  const { id, site } = bodies.at(-1)!;
  const former = new Set(bodies.flatMap(({ follows }) => follows ?? []));
  return [...former].flatMap((one) => hoursOf(registry, [one, id], site, always, ['readings', 'rollups']));
}

/** @param meters the first is the one that is computed again */
function hoursOf(
  registry: Registry,
  meters: readonly string[],
  siteId: string,
  span: Span,
  shownBy: FactSpan['shownBy'],
): FactSpan[] {
  const site = registry.get('site', siteId)?.body;
  return site === undefined ? [] : [{ ...spanAt(site, meters, span), grain: 'hour', shownBy }];
}

function daysOf(registry: Registry, site: Site, rests: (meter: Meter) => boolean, span: Span): FactSpan[] {
  const meters = registry
    .metersOfSite(site.id)
    .filter(rests)
    .map(({ id }) => id);
  return meters.length === 0 ? [] : [{ ...spanAt(site, meters, span), grain: 'day', shownBy: ['rollups'] }];
}

function daysOfEnterprise(
  registry: Registry,
  id: string,
  rests: (meter: Meter) => boolean,
  span: Span = always,
): FactSpan[] {
  return registry.sitesOfEnterprise(id).flatMap((site) => daysOf(registry, site, rests, span));
}

/** Fields of a meter that say in which sums it is expected, and when: they matter also where it tells nothing. */
const expectations = [
  'quantity',
  'product',
  'countsAs',
  'substance',
  'carrier',
  'from',
  'to',
  'follows',
] as const satisfies readonly (keyof Meter)[];

/**
 * Days of the enterprise on which more or less is expected since a meter changed, was added or retired. A new meter
 * that declares no beginning is expected from its first reading on: the worker finds that with the reading.
 */
function daysOfOthers(registry: Registry, before: Meter | undefined, after: Meter | undefined): FactSpan[] {
  const meter = (after ?? before)!;
  const enterprise = registry.get('site', meter.site)?.body.enterprise;
  const isCounted = [before, after].some(
    (one) => one !== undefined && isInput({ ...one, countsAs: 'total' }),
  );
  if (enterprise === undefined || !isCounted) return [];
  if (
    before !== undefined &&
    after !== undefined &&
    expectations.every((field) => before[field] === after[field])
  ) {
    return [];
  }
  if (before !== undefined) return daysOfEnterprise(registry, enterprise, isInput, always);
  if (meter.from === undefined) return [];
  return daysOfEnterprise(registry, enterprise, isInput, lifeOf(meter));
}

function spanAt(site: Site, meters: readonly string[], { from, to }: Span) {
  return {
    shard: shardOf(site.enterprise),
    site: site.id,
    meters,
    from: Math.max(from, always.from),
    to: Math.min(to, always.to),
  };
}

function isSameFor(a: Meter, b: Meter): boolean {
  return essence(a) === essence(b);
}

function essence(meter: Meter): string {
  return JSON.stringify(
    Object.entries(meter)
      .filter(([field]) => !indifferent.has(field))
      .toSorted(([a], [b]) => (a < b ? -1 : 1)),
  );
}
