import { shards } from '@songma/domain';
import type { EventLog } from '@songma/event-log';
import type { Registry } from '@songma/registry';
import { UnavailableError, type HttpApp } from '@songma/runtime';
import type { SeriesStore } from '@songma/series-store';
import { z } from 'zod';
import { mayKnow, readers, type Gate, type Reader } from '../access.ts';
import { houseZone, isoInZone } from '../iso-time.ts';
import { described, documented, isoTimeSchema } from '../routes.ts';
import type { ReadingRate } from './reading-rate.ts';
import type { ServiceState } from './services.ts';

/** What runs, told by whoever put it together. */
export interface Build {
  readonly version: string;
  /** Adapter of each port: `{ eventLog: 'sqlite', seriesStore: 'duckdb', wakeUps: 'process' }`. */
  readonly furnishing: Readonly<Record<string, string>>;
}

export interface StatusRoutesDeps {
  readonly gate: Gate;
  readonly registry: Registry;
  readonly eventLog: Pick<EventLog, 'lag'>;
  readonly seriesStore: Pick<SeriesStore, 'due'>;
  readonly rate: ReadingRate;
  readonly build: Build;
  readonly startedAt: number;
  readonly now: () => number;
  readonly askServices: () => Promise<readonly ServiceState[]>;
}

/** Group of the writer: how far it lags behind is how late a reading shows. */
const writerGroup = 'writer';
const keptMs = 2_000;

const statusSchema = z.object({
  at: isoTimeSchema,
  version: z.string(),
  furnishing: z
    .record(z.string(), z.string())
    .meta({ examples: [{ eventLog: 'sqlite', seriesStore: 'duckdb' }] }),
  startedAt: isoTimeSchema,
  ready: z.boolean(),
  services: z.array(
    z.object({
      name: z.string(),
      ready: z.boolean(),
      problems: z.array(z.object({ name: z.string(), error: z.string() })),
    }),
  ),
  readings: z.object({
    perSecond: z
      .number()
      .nullable()
      .meta({
        description:
          'Reaching the store, mean of ten seconds; of a plant: its own. Null to a key that is bound to sites: it is ' +
          'counted by enterprise.',
      }),
    recent: z.array(z.number()).meta({ description: 'In each of the last 59 whole seconds, oldest first.' }),
  }),
  lag: z
    .number()
    .nullable()
    .meta({ description: 'Pushes that are accepted and not yet stored; null: the log does not answer.' }),
  due: z.int().nullable().meta({
    description:
      'Shards, of sixteen, with changes that are not rolled up yet; null: the store does not answer.',
  }),
  registered: z
    .object({ enterprises: z.int(), sites: z.int(), meters: z.int() })
    .meta({ description: 'Of a plant: its own.' }),
});

/** `GET /v1/status`: what runs, how it is, and how much goes through it. */
export function addStatusRoutes(app: HttpApp, deps: StatusRoutesDeps): void {
  const { gate, registry, rate, build, now } = deps;
  const services = kept(deps.askServices, now);
  const lag = kept(() => orNull(() => deps.eventLog.lag('readings', writerGroup)), now);
  const due = kept(() => orNull(() => shardsDue(deps.seriesStore)), now);
  const text = described({
    tag: 'live',
    roles: readers,
    anonymous: true,
    summary: 'What runs, and how it is',
  });
  app.get(
    '/v1/status',
    {
      onRequest: gate.allow(readers, { anonymous: true }),
      schema: { ...documented(text), response: { 200: statusSchema, ...text.problems } },
    },
    async (request, reply) => {
      const reader = gate.reader(request);
      const { enterprise } = reader;
      const isCounted = reader.sites === undefined;
      const [states, behind, unsettled] = await Promise.all([services(), lag(), due()]);
      return reply.send({
        at: isoInZone(now(), houseZone),
        version: build.version,
        furnishing: { ...build.furnishing },
        startedAt: isoInZone(deps.startedAt, houseZone),
        ready: states.every(({ ready }) => ready),
        services: states.map(({ problems, ...state }) => ({ ...state, problems: [...problems] })),
        readings: {
          perSecond: isCounted ? rate.perSecond(enterprise) : null,
          recent: isCounted ? rate.recent(enterprise) : [],
        },
        lag: behind,
        due: unsettled,
        registered: registeredOf(registry, reader),
      });
    },
  );
}

function registeredOf(registry: Registry, reader: Reader) {
  const { enterprise } = reader;
  if (enterprise === undefined) {
    return {
      enterprises: registry.list('enterprise').length,
      sites: registry.list('site').length,
      meters: registry.list('meter').length,
    };
  }
  const sites = registry
    .sitesOfEnterprise(enterprise)
    .filter((site) => mayKnow(reader, { enterprise, site: site.id }));
  return {
    enterprises: registry.get('enterprise', enterprise) === undefined ? 0 : 1,
    sites: sites.length,
    meters: sites.reduce((sum, { id }) => sum + registry.metersOfSite(id).length, 0),
  };
}

async function shardsDue(seriesStore: Pick<SeriesStore, 'due'>): Promise<number> {
  const due = await Promise.all(shards.map((shard) => seriesStore.due(shard, 1)));
  return due.filter(({ mark }) => mark !== null).length;
}

async function orNull(ask: () => Promise<number>): Promise<number | null> {
  try {
    return await ask();
  } catch (error) {
    if (error instanceof UnavailableError) return null;
    throw error;
  }
}

/** The answer is kept for two seconds: many pages that look on cost one question. */
function kept<T>(ask: () => Promise<T>, now: () => number): () => Promise<T> {
  let answer: { at: number; value: Promise<T> } | undefined;
  return () => {
    const at = now();
    if (answer === undefined || at - answer.at >= keptMs) {
      const value = ask();
      answer = { at, value };
      value.catch(() => (answer = undefined));
    }
    return answer.value;
  };
}
