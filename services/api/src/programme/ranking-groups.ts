import { monthAfter, windowAt, type Enterprise, type Indicator, type Meter } from '@songma/domain';
import {
  productsOf,
  rankGroup,
  sectorClass,
  unitOfMost,
  unrankedFor,
  type BetterIs,
  type Ranking,
  type UnrankedReason,
} from '@songma/indicators';
import type { Registry } from '@songma/registry';
import type { SeriesStore } from '@songma/series-store';
import { zoneOf } from '../indicators/indicator-wire.ts';
import { registered } from './enterprise-states.ts';
import type { Moment } from './moment.ts';

export const rankingWindows = ['R12M', 'P1Y'] as const;

/** What is ranked. */
export interface RankingQuestion {
  readonly indicator: string;
  readonly window: (typeof rankingWindows)[number];
  readonly betterIs: BetterIs;
  readonly moment: Moment;
}

/** An enterprise with one of its products, and why it is not ranked there; null: it is. */
export interface Candidate {
  readonly enterprise: Enterprise;
  /** Null where no one product can be told. */
  readonly product: string | null;
  readonly indicator: Indicator | undefined;
  readonly unranked: UnrankedReason | null;
}

/**
 * Those that make one product in one class of VSIC. Nothing that is asked cuts a group: its size guards its members.
 */
export interface RankingGroup {
  readonly sector: string;
  readonly product: string | null;
  readonly candidates: readonly Candidate[];
  readonly ranking: Ranking;
}

/** Enterprises that one query of the store asks for. */
const enterprisesPerQuery = 500;

/** Every group, by sector and product; those of whom no product can be told come first within their sector. */
export async function rankingGroups(
  { registry, seriesStore }: { readonly registry: Registry; readonly seriesStore: SeriesStore },
  question: RankingQuestion,
): Promise<RankingGroup[]> {
  const enterprises = registered(registry, 'enterprise', question.moment);
  const published = await publishedBy(seriesStore, registry, enterprises, question);
  const made = productsMade(registry, question.moment);
  const candidates = enterprises.flatMap((enterprise) =>
    candidatesOf(enterprise, made.get(enterprise.id) ?? [], published.get(enterprise.id) ?? []),
  );
  const groups = Map.groupBy(candidates, ({ enterprise, product }) =>
    JSON.stringify([sectorClass(enterprise.sector), product ?? '']),
  );
  return [...groups]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([, candidatesOfGroup]) => {
      const group = inOneUnit(candidatesOfGroup);
      const members = group.flatMap(({ enterprise, indicator, unranked }) =>
        unranked === null ? [{ enterprise: enterprise.id, value: indicator!.value! }] : [],
      );
      const { enterprise, product } = group[0]!;
      const ranking = rankGroup(members, question.betterIs);
      return { sector: sectorClass(enterprise.sector), product, candidates: group, ranking };
    });
}

/** Values per tonne and per megawatt hour do not compare: those of another unit than most are not ranked. */
function inOneUnit(group: readonly Candidate[]): Candidate[] {
  const ranked = group.filter(({ unranked }) => unranked === null);
  const unit = unitOfMost(ranked.map(({ indicator }) => indicator!.unit));
  return group.map((one) =>
    one.unranked === null && one.indicator!.unit !== unit ? { ...one, unranked: 'other-unit' } : one,
  );
}

/**
 * An enterprise that states its allocation has a candidate for each product; one that makes a single product is that
 * product as a whole.
 */
function candidatesOf(
  enterprise: Enterprise,
  products: readonly string[],
  published: readonly Indicator[],
): Candidate[] {
  const candidate = (product: string, indicator: Indicator | undefined): Candidate => {
    return { enterprise, product, indicator, unranked: unrankedFor(indicator) };
  };
  if (enterprise.allocation !== undefined && products.length > 0) {
    return products.map((product) =>
      candidate(
        product,
        published.find((one) => one.product === product),
      ),
    );
  }
  const whole = published.find(({ product }) => product === undefined);
  if (products.length === 1) return [candidate(products[0]!, whole)];
  const unranked = products.length === 0 ? 'no-product' : 'several-products';
  return [{ enterprise, product: null, indicator: whole, unranked }];
}

/** Products that meters of production name, by enterprise. */
function productsMade(registry: Registry, moment: Moment): ReadonlyMap<string, readonly string[]> {
  const enterpriseOf = new Map(
    registered(registry, 'site', moment).map((site) => [site.id, site.enterprise]),
  );
  const meters = registered(registry, 'meter', moment).filter(({ quantity }) => quantity === 'production');
  const byEnterprise = Map.groupBy<string | undefined, Meter>(meters, ({ site }) => enterpriseOf.get(site));
  return new Map([...byEnterprise].map(([id, of]) => [id ?? '', productsOf(of)]));
}

/** What is published of the enterprises and their products for the last window that is over, by enterprise. */
async function publishedBy(
  store: SeriesStore,
  registry: Registry,
  enterprises: readonly Enterprise[],
  { indicator, window, moment: { over, asOf } }: RankingQuestion,
): Promise<ReadonlyMap<string, readonly Indicator[]>> {
  const published: Indicator[] = [];
  for (const [zone, of] of Map.groupBy(enterprises, ({ id }) => zoneOf(id, registry))) {
    const { start } = lastWindow(window, over, zone);
    for (let first = 0; first < of.length; first += enterprisesPerQuery) {
      published.push(
        ...(await store.indicators({
          enterprises: of.slice(first, first + enterprisesPerQuery).map(({ id }) => id),
          products: 'all',
          names: [indicator],
          window,
          from: start,
          to: start + 1,
          ...(asOf === undefined ? {} : { asOf: asOf.ms }),
        })),
      );
    }
  }
  return Map.groupBy(published, ({ enterprise }) => enterprise);
}

/** The last window of the kind that is over at a time. */
export function lastWindow(
  window: RankingQuestion['window'],
  over: number,
  zone: string,
): { readonly start: number; readonly end: number } {
  if (window === 'P1Y') return windowAt('P1Y', windowAt('P1Y', over, zone).start - 1, zone);
  const end = windowAt('P1M', over, zone).start;
  return { start: monthAfter(end, -12, zone).start, end };
}
