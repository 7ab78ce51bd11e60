import compress from '@fastify/compress';
import swaggerUi from '@fastify/swagger-ui';
import type { CaseBook } from '@songma/cases';
import { openDeskKey } from '@songma/channels';
import type { EventLog } from '@songma/event-log';
import type { Registry } from '@songma/registry';
import { docsPage, type HttpApp, type Logger, type Metrics, type ReadyCheck } from '@songma/runtime';
import { seeingMeters, seeingVoids, type SeriesStore } from '@songma/series-store';
import { createGate } from './access.ts';
import { SpooledAnswers } from './answers/spooled-answers.ts';
import { ensureAdminKey } from './admin-key.ts';
import { addAcknowledgeRoute } from './alerts/acknowledge-route.ts';
import { addAlertRoutes } from './alerts/alert-routes.ts';
import { addAvailabilityRoutes } from './availability/availability-routes.ts';
import { addCaseRoutes } from './cases/case-routes.ts';
import { addNoticeRoutes } from './cases/notice-routes.ts';
import { addDeskRoutes } from './cases/desk-routes.ts';
import { addLinkRoute } from './cases/link-route.ts';
import { addStepRoutes } from './cases/step-routes.ts';
import type { ApiConfig } from './config.ts';
import { evidenceEvents } from './cases/case-evidence.ts';
import { addEvidenceRoutes } from './evidence/evidence-routes.ts';
import { addFeedRoutes } from './feeds/feed-routes.ts';
import { addOwedRoutes } from './feeds/owed-routes.ts';
import { ensureFactors } from './factor-packs.ts';
import { addIndicatorRoutes } from './indicators/indicator-routes.ts';
import { addLimitNormRoutes } from './limit-norms/limit-norm-routes.ts';
import { addPublicationRoutes } from './indicators/publication-routes.ts';
import { addEventRoutes } from './live/event-routes.ts';
import { openLiveFeed } from './live/live-feed.ts';
import { EventStreams, streamLimits } from './live/streams.ts';
import { addAssessmentRoutes } from './programme/assessment-routes.ts';
import { addProgrammeRoutes } from './programme/programme-routes.ts';
import { addRankingRoutes } from './programme/ranking-routes.ts';
import { QuestionShares, questionLimits } from './question-shares.ts';
import { addKeyRoutes } from './registry/key-routes.ts';
import { addRegistryRoutes } from './registry/registry-routes.ts';
import { addSavingsRoutes } from './savings/savings-routes.ts';
import { addLatestRoutes } from './series/latest-routes.ts';
import { meterAsOf } from './series/meter-as-of.ts';
import { addSeriesRoutes } from './series/series-routes.ts';
import { openCredentials } from './sign-in/credentials.ts';
import { addSessionRoutes } from './sign-in/session-routes.ts';
import { addSignInRoutes } from './sign-in/sign-in-routes.ts';
import { openReadingRate } from './status/reading-rate.ts';
import { askServices, type LocalService } from './status/services.ts';
import { addStatusRoutes, type Build } from './status/status-routes.ts';

export { apiSettings, type ApiConfig } from './config.ts';
export { apiProblems } from './problems.ts';
export { apiTags } from './routes.ts';
export type { Build } from './status/status-routes.ts';
export type { LocalService } from './status/services.ts';

export interface ApiDeps {
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly eventLog: EventLog;
  readonly registry: Registry;
  readonly seriesStore: SeriesStore;
  readonly book: CaseBook;
  /** Epoch milliseconds. */
  readonly now: () => number;
  /** What runs, for `GET /v1/status`. */
  readonly build: Build;
  /** Persons whom whoever sits at this machine may be without a password. */
  readonly samplePersons?: readonly string[];
  /** Services of this process beside the api. */
  readonly services?: readonly LocalService[];
}

export interface Api {
  /** Every route of the api, and the page to try them at `/docs`. */
  readonly plugin: (app: HttpApp) => Promise<void>;
  readonly checks: readonly ReadyCheck[];
  /** Rejects when the log cannot be followed any more: end the process then. */
  readonly closed: Promise<void>;
  close(): Promise<void>;
}

/** Answers that are shorter go as they are. */
const gzipBytesMin = 1024;

/** Questions and the registry over HTTP, for analysts, officers, plants and administrators. */
export async function startApi(deps: ApiDeps, config: ApiConfig): Promise<Api> {
  const { eventLog, registry, metrics, now } = deps;
  const seriesStore = seeingMeters(
    seeingVoids(deps.seriesStore, (meter, asOf) => registry.voidsOfMeter(meter, asOf)),
    (meter, asOf) =>
      asOf === undefined ? registry.get('meter', meter)?.body : meterAsOf(registry, meter, asOf)?.meter,
  );
  if (config.adminToken !== undefined)
    await ensureAdminKey(registry, config.adminToken, { now: now(), logger: deps.logger });
  await ensureFactors(registry);
  const questions = new QuestionShares(questionLimits);
  metrics.gauge('songma_api_questions', 'Questions that are being answered.', [], (gauge) =>
    gauge.set(questions.open),
  );
  const gate = createGate({
    registry,
    questions,
    now,
    ...config,
    anonymousRead: config.anonymousRead ?? false,
  });
  const cut = metrics.counter(
    'songma_api_streams_cut_total',
    'Live streams that were cut off: their readers were slow.',
  );
  const spooledAnswers = new SpooledAnswers();
  const streams = new EventStreams({
    limits: streamLimits,
    inForce: (reader) => gate.inForce(reader),
    onCut: () => cut.inc(),
  });
  metrics.gauge('songma_api_streams', 'Live streams that are open.', [], (gauge) => gauge.set(streams.size));
  const feed = await openLiveFeed({ eventLog, registry, seriesStore, now }, streams);
  const rate = await openReadingRate(eventLog, now);
  const credentials = await openCredentials(eventLog, deps.logger);
  const checks: ReadyCheck[] = [
    { name: 'event log', check: () => eventLog.check() },
    { name: 'series store', check: () => seriesStore.check() },
  ];
  const local = [...(deps.services ?? []), { name: 'api', checks }];

  return {
    checks,
    closed: Promise.race([feed.closed, rate.closed, credentials.closed]),
    plugin: async (app) => {
      // What describes the routes must be there before them: otherwise /openapi.json does not know them.
      await app.after();
      // A stream of events is left as it is: what is held back to be compressed comes late.
      app.decorate('spooledAnswers', spooledAnswers);
      await app.register(compress, {
        encodings: ['gzip'],
        threshold: gzipBytesMin,
        globalDecompression: false,
      });
      // A stream never ends by itself: without this the app would wait for it when it closes.
      app.addHook('preClose', async () => streams.close());
      addRegistryRoutes(app, { registry, gate });
      addKeyRoutes(app, { registry, gate, now });
      addSeriesRoutes(app, { registry, seriesStore, gate, now });
      addLatestRoutes(app, { registry, seriesStore, gate, now });
      addFeedRoutes(app, { registry, seriesStore, gate, now });
      addOwedRoutes(app, { registry, seriesStore, gate, now });
      addLimitNormRoutes(app, { gate });
      addAvailabilityRoutes(app, { registry, seriesStore, gate, now });
      addIndicatorRoutes(app, { registry, seriesStore, gate, now });
      addPublicationRoutes(app, { registry, seriesStore, gate, now });
      addSavingsRoutes(app, { registry, seriesStore, gate, now });
      addProgrammeRoutes(app, { registry, seriesStore, gate, now });
      addAssessmentRoutes(app, { registry, seriesStore, gate, now });
      addRankingRoutes(app, { registry, seriesStore, gate, now });
      addAlertRoutes(app, { registry, seriesStore, gate, now });
      addEvidenceRoutes(app, {
        registry,
        seriesStore,
        gate,
        now,
        version: deps.build.version,
        desk: config.desk,
        eventsOf: (reader, caseId, asOf) =>
          evidenceEvents({ book: deps.book, registry }, reader, caseId, asOf),
      });
      addAcknowledgeRoute(app, { registry, seriesStore, eventLog, gate, now });
      const caseDeps = { registry, seriesStore, eventLog, book: deps.book, gate, now };
      addCaseRoutes(app, caseDeps);
      addStepRoutes(app, caseDeps);
      addDeskRoutes(app, caseDeps);
      addNoticeRoutes(app, caseDeps);
      let deskKey: Promise<Uint8Array> | undefined;
      addLinkRoute(app, { ...caseDeps, deskKey: () => (deskKey ??= openDeskKey(config.desk)) });
      addEventRoutes(app, { gate, streams });
      const signIn = {
        registry,
        gate,
        credentials,
        logger: deps.logger,
        now,
        samplePersons: deps.samplePersons ?? [],
      };
      addSignInRoutes(app, signIn);
      addSessionRoutes(app, signIn);
      addStatusRoutes(app, {
        gate,
        registry,
        eventLog,
        seriesStore,
        rate,
        build: deps.build,
        startedAt: now(),
        now,
        askServices: () => askServices(local, config.services),
      });
      await app.register(swaggerUi, docsPage('Songma API'));
    },
    async close() {
      streams.close();
      await spooledAnswers.close();
      await credentials.close();
      await rate.close();
      await feed.close();
    },
  };
}
