import { resourceSchema, withheldReasons, type Enterprise, type Indicator } from '@songma/domain';
import {
  chooseBaseline,
  indicatorDefinitions,
  pollutantIntensity,
  reasonText,
  taskFeeds,
  type SavingFact,
  type TaskFeed,
} from '@songma/indicators';
import type { Registry } from '@songma/registry';
import type { SeriesStore } from '@songma/series-store';
import { z } from 'zod';
import { zoneOf } from '../indicators/indicator-wire.ts';
import { registered } from './enterprise-states.ts';
import type { Moment } from './moment.ts';
import { lastWindow } from './ranking-groups.ts';
import { savingFacts } from './saving-facts.ts';

export const feedSchema = z.object({
  kind: z.enum(taskFeeds),
  name: z.string().meta({ description: 'Of an indicator, of what is added up, or of a baseline.' }),
  value: z.number().nullable().meta({ description: 'Null: withheld, or what `href` tells is a course.' }),
  unit: z.string().nullable(),
  withheld: z.enum(withheldReasons).nullable(),
  missing: z
    .object({ en: z.string(), vi: z.string() })
    .nullable()
    .meta({ description: 'Why there is no saving.' }),
  href: z.string().meta({ description: 'Where the whole of it is told.' }),
});
export type FeedWire = z.infer<typeof feedSchema>;

/** What the tasks of each enterprise are fed with, by its id. */
export type FeedsByTask = ReadonlyMap<string, readonly FeedWire[]>;

/** Amounts that an indicator adds up over its resource as it was metered. */
const balanced: Readonly<Record<string, string>> = {
  'electricity-intensity': 'electricity',
  'water-intensity': 'water',
  'material-intensity': 'material',
  'waste-water-intensity': 'waste-water',
};

/** Reads for enterprises together what Songma knows that their tasks need. */
export async function readFeeds(
  deps: { readonly registry: Registry; readonly seriesStore: SeriesStore },
  enterprises: readonly Enterprise[],
  moment: Moment,
): Promise<FeedsByTask> {
  const feeds = new Map<string, FeedWire[]>(enterprises.map(({ id }) => [id, []]));
  for (const indicator of await publishedYears(deps, enterprises, moment)) {
    feeds.get(indicator.enterprise)!.push(...indicatorFeeds(indicator));
  }
  for (const [enterprise, of] of await savingFeeds(deps, enterprises, moment)) {
    feeds.get(enterprise)!.push(...of);
  }
  return feeds;
}

export function feedsOf(all: readonly FeedWire[] | undefined, kind: TaskFeed | undefined): FeedWire[] {
  return kind === undefined ? [] : (all ?? []).filter((feed) => feed.kind === kind);
}

/** The last twelve months that are over, of whole enterprises. */
async function publishedYears(
  { registry, seriesStore }: { readonly registry: Registry; readonly seriesStore: SeriesStore },
  enterprises: readonly Enterprise[],
  { over, asOf }: Moment,
): Promise<Indicator[]> {
  const found: Indicator[] = [];
  for (const [zone, of] of Map.groupBy(enterprises, ({ id }) => zoneOf(id, registry))) {
    const { start } = lastWindow('R12M', over, zone);
    const indicators = await seriesStore.indicators({
      enterprises: of.map(({ id }) => id),
      window: 'R12M',
      from: start,
      to: start + 1,
      ...(asOf === undefined ? {} : { asOf: asOf.ms }),
    });
    found.push(...indicators);
  }
  return found;
}

function indicatorFeeds(indicator: Indicator): FeedWire[] {
  const { enterprise, name, withheld } = indicator;
  const definition = indicatorDefinitions.find((one) => one.name === name);
  const isPollutant = name.startsWith(`${pollutantIntensity}:`);
  if (definition?.form === 'productivity') return [];
  const href = `/v1/indicators?${new URLSearchParams({ enterprise, name, window: 'R12M' }).toString()}`;
  const feed = (kind: TaskFeed, told: Pick<FeedWire, 'name' | 'value' | 'unit'>): FeedWire => {
    return { kind, ...told, withheld, missing: null, href };
  };
  const unit = isPollutant ? 'kg' : (definition?.resource.unit ?? null);
  const feeds: FeedWire[] = [];
  if (!isPollutant) feeds.push(feed('norms', { name, value: indicator.value, unit: indicator.unit }));
  const amount = balanced[name];
  const sum = { value: indicator.numerator, unit };
  if (amount !== undefined) {
    feeds.push(feed('balance', { name: amount, ...sum }));
    feeds.push(feed('balance', { name: `production/${amount}`, value: indicator.denominator, unit: 't' }));
  }
  if (isPollutant || amount === 'waste-water') {
    feeds.push(feed('waste-streams', { name: amount ?? name.split(':')[1]!, ...sum }));
  }
  return feeds;
}

/** For each resource that has a baseline what was saved against the one that counts, and where its course is told. */
async function savingFeeds(
  deps: { readonly registry: Registry; readonly seriesStore: SeriesStore },
  enterprises: readonly Enterprise[],
  moment: Moment,
): Promise<Map<string, FeedWire[]>> {
  const { registry } = deps;
  const named = new Map(
    registered(registry, 'participation', moment).map((one) => [one.id, one.baselines] as const),
  );
  const ids = new Set(enterprises.map(({ id }) => id));
  const baselines = registered(registry, 'baseline', moment).filter(({ enterprise }) => ids.has(enterprise));
  const chosen = [...Map.groupBy(baselines, ({ enterprise }) => enterprise)].flatMap(([enterprise, of]) =>
    resourceSchema.options.flatMap((resource) => {
      const choice = chooseBaseline(resource, of, named.get(enterprise) ?? []);
      return 'baseline' in choice ? [choice.baseline] : [];
    }),
  );
  const facts = await savingFacts(deps, chosen, moment);
  const feeds = new Map<string, FeedWire[]>();
  for (const { id, enterprise } of chosen) {
    feeds.set(enterprise, [...(feeds.get(enterprise) ?? []), ...ofBaseline(id, facts.get(id)!)]);
  }
  return feeds;
}

function ofBaseline(id: string, fact: SavingFact): FeedWire[] {
  const href = `/v1/savings?${new URLSearchParams({ baseline: id }).toString()}`;
  const told = { name: id, unit: null, withheld: null, missing: null, href };
  const saving =
    'missing' in fact
      ? { ...told, value: null, missing: reasonText(fact.missing) }
      : { ...told, value: fact.savingShare };
  return [
    { ...saving, kind: 'savings' },
    { ...told, value: null, kind: 'cusum' },
  ];
}
