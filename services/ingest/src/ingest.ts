import { join } from 'node:path';
import type { FastifyInstance, FastifyPluginAsync } from 'fastify';
import type { EventLog } from '@songma/event-log';
import type { Registry } from '@songma/registry';
import type { Logger, Metrics, ReadyCheck } from '@songma/runtime';
import { createInFlight, createRateLimit, type RateLimit } from './admission.ts';
import { BodyReader } from './body-reader.ts';
import type { IngestConfig } from './config.ts';
import { createDoor } from './door.ts';
import { createEntry, type Entry } from './entry.ts';
import type { Format } from './formats/format.ts';
import { formats as allFormats } from './formats/formats.ts';
import { createIngestMetrics } from './ingest-metrics.ts';
import { createMetersAtDoor } from './meters.ts';
import { openProjection } from './projection/projection.ts';
import { createPushers, type Pusher, type Pushers } from './pusher.ts';
import { addBatchesRoute } from './routes/batches.ts';
import { addInfluxProbes } from './routes/influx-probes.ts';
import { addInfluxWriteRoutes } from './routes/influx-write.ts';
import { addQuarantineRoutes } from './routes/quarantine.ts';
import { addReadingsRoute } from './routes/readings.ts';
import { createSources } from './sources.ts';
import { addTryRoute } from './routes/try.ts';
import { WorkTurns } from './work-turns.ts';

export { ingestSettings, type IngestConfig } from './config.ts';
export type { EnteredPush, Entry, EntryReceipt } from './entry.ts';
export { ingestProblems } from './problems.ts';

/** Groups of its routes in the documentation, and what they are about. */
export const ingestTags = {
  readings: 'Pushes, and what became of them.',
  quarantine: 'Rows that were refused: looked at, mended, replayed.',
} as const;

export interface IngestDeps {
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly eventLog: EventLog;
  readonly registry: Registry;
  /** What it takes; every format that there is, when absent. */
  readonly formats?: readonly Format[];
  /** Epoch milliseconds. */
  readonly now: () => number;
}

export interface Ingest {
  /** The routes of the plants' door. */
  readonly plugin: FastifyPluginAsync;
  /** For other doors of the same process. */
  readonly entry: Entry;
  readonly checks: readonly ReadyCheck[];
  /** Rejects when the log cannot be followed any more: end the process then. */
  readonly closed: Promise<void>;
  close(): Promise<void>;
}

/**
 * The plants' door: takes pushes of readings over HTTP, answers when the log has them durably, and keeps what it
 * refused until the plant has mended it. Ready when it has read what the log says of earlier pushes.
 */
export async function startIngest(deps: IngestDeps, config: IngestConfig): Promise<Ingest> {
  const { logger, eventLog, registry, formats = allFormats, now } = deps;
  const turns = new WorkTurns();
  const projection = await openProjection(
    { eventLog, logger, turns, now },
    {
      folder: join(config.dataDir, 'ingest'),
      receiptDays: config.receiptDays,
      quarantineDays: config.quarantineDays,
    },
  );
  const meters = createMetersAtDoor(registry);
  const sources = createSources(registry, meters);
  const pushers = createPushers(registry, now);
  const inFlight = createInFlight(config.limits);
  const bodies = new BodyReader(config.limits);
  const rateLimit = createRateLimit(config.limits.pushesPerSecondMax);
  const metrics = createIngestMetrics(deps.metrics, inFlight);
  const door = createDoor({ eventLog, registry, meters, sources, projection, metrics, turns, now }, config);
  const { identify } = pushers;
  const { limits } = config;
  const checks: ReadyCheck[] = [{ name: 'event log', check: () => eventLog.check() }, ...projection.checks];

  return {
    entry: createEntry({ formats, door, identify, rateLimit, inFlight, metrics, limits }),
    plugin: async (app) => {
      // Each in a scope of its own: the readings are read as raw bytes, the others as JSON.
      await app.register(async (scope) =>
        addReadingsRoute(scope, {
          formats,
          door,
          meters,
          identify,
          rateLimit,
          inFlight,
          bodies,
          turns,
          metrics,
          limits,
        }),
      );
      await app.register(async (scope) =>
        addInfluxWriteRoutes(scope, {
          door,
          registry,
          identify,
          rateLimit,
          inFlight,
          bodies,
          metrics,
          limits: config.limits,
        }),
      );
      await app.register(async (scope) => addInfluxProbes(scope, { identify, rateLimit, checks, now }));
      await app.register(async (scope) => {
        const pusherOf = admitPushers(scope, identify, rateLimit);
        addTryRoute(scope, { formats, door, sources, pusherOf });
        addBatchesRoute(scope, { projection, registry, pusherOf, turns });
        addQuarantineRoutes(scope, { formats, projection, eventLog, door, pusherOf, turns, now });
      });
    },
    checks,
    closed: projection.closed,
    async close() {
      meters.close();
      sources.close();
      pushers.close();
      bodies.close();
      await projection.close();
    },
  };
}

/** Lets only pushers into the scope's routes, before any body is read. @returns who sent a request */
function admitPushers(
  scope: FastifyInstance,
  identify: Pushers['identify'],
  rateLimit: RateLimit,
): (request: object) => Pusher {
  const pushers = new WeakMap<object, Pusher>();
  scope.addHook('onRequest', (request, _reply, done) => {
    try {
      const pusher = identify(request);
      rateLimit.take(pusher, performance.now());
      pushers.set(request, pusher);
      done();
    } catch (error) {
      done(error as Error);
    }
  });
  return (request) => pushers.get(request)!;
}
