import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { ReadyCheck } from '@songma/runtime';
import type { RateLimit } from '../admission.ts';
import { problem } from '../problems.ts';
import type { Pushers } from '../pusher.ts';
import { influxAnswer } from './influx-answers.ts';
import { identifyInfluxClient } from './influx-credentials.ts';

export interface InfluxProbesDeps {
  readonly identify: Pushers['identify'];
  readonly rateLimit: RateLimit;
  readonly checks: readonly ReadyCheck[];
  readonly now: () => number;
}

/** Statements are short; what is longer is none that is answered. */
const statementBytesMax = 16 * 1024;
/** The interface that is spoken, and by whom. */
const version = 'v2.7-songma';
/** The only database there is, by name. */
const database = 'songma';

type Answer = Record<string, unknown>;
const series = (name: string, columns: readonly string[], ...values: readonly unknown[][]): Answer => ({
  series: [{ name, columns, values }],
});

/** What clients ask before they write: that a database is there, or shall be. */
const statements: readonly (readonly [RegExp, Answer])[] = [
  [/^create\s+(database|retention\s+policy)\b/i, {}],
  [/^show\s+databases$/i, series('databases', ['name'], [database])],
  [
    /^show\s+retention\s+policies\b/i,
    series(
      '',
      ['name', 'duration', 'shardGroupDuration', 'replicaN', 'default'],
      ['autogen', '0s', '168h0m0s', 1, true],
    ),
  ],
  [/^show\s+(measurements|users|diagnostics)\b/i, {}],
];

/** What InfluxDB's clients ask beside writing: `/ping`, `/health`, `/ready`, and statements at `/query`. */
export function addInfluxProbes(app: FastifyInstance, deps: InfluxProbesDeps): void {
  const { identify, rateLimit, checks, now } = deps;
  const started = now();
  const hidden = { schema: { hide: true } };

  app.addHook('onSend', (_request, reply, payload, done) => {
    void reply.headers({ 'x-influxdb-version': version, 'x-influxdb-build': 'songma' });
    done(null, payload);
  });
  // What is asked has no body, or a form with one field.
  app.removeAllContentTypeParsers();
  app.addContentTypeParser(
    '*',
    { parseAs: 'string', bodyLimit: statementBytesMax },
    (_request, body, done) => {
      done(null, body);
    },
  );

  app.get('/ping', hidden, async (_request, reply) => reply.code(204).send());

  app.get('/health', hidden, async (_request, reply) => {
    const failed = await firstFailure(checks);
    return reply.code(failed === undefined ? 200 : 503).send({
      name: 'songma',
      status: failed === undefined ? 'pass' : 'fail',
      message: failed === undefined ? 'ready for writes' : `${failed} does not answer`,
      checks: [],
      version,
    });
  });

  app.get('/ready', hidden, async () => ({
    status: 'ready',
    started: new Date(started).toISOString(),
    up: `${Math.round((now() - started) / 1000)}s`,
  }));

  app.route({
    method: ['GET', 'POST'],
    url: '/query',
    ...hidden,
    bodyLimit: statementBytesMax,
    onRequest: (request, _reply, done) => {
      try {
        rateLimit.take(identifyInfluxClient(request, identify), performance.now());
        done();
      } catch (error) {
        done(error as Error);
      }
    },
    onSend: influxAnswer(1),
    handler: async (request, reply) => {
      const asked = statementOf(request).trim().replace(/;$/, '').trim();
      const known = statements.find(([pattern]) => pattern.test(asked));
      if (known === undefined || asked.includes(';')) throw problem('influx_query_unsupported');
      return reply.send({ results: [{ statement_id: 0, ...known[1] }] });
    },
  });
}

async function firstFailure(checks: readonly ReadyCheck[]): Promise<string | undefined> {
  for (const each of checks) {
    try {
      await each.check();
    } catch {
      return each.name;
    }
  }
  return undefined;
}

function statementOf({ query, body }: FastifyRequest): string {
  const { q } = query as { readonly q?: unknown };
  if (typeof q === 'string') return q;
  return typeof body === 'string' ? (new URLSearchParams(body).get('q') ?? '') : '';
}
