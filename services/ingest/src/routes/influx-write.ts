import { createHash } from 'node:crypto';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { HttpProblem, language, problemBody, problemResponses, type Language } from '@songma/runtime';
import { z } from 'zod';
import type { Accepted, Door } from '../door.ts';
import { createEnvelopes, type EnvelopeDeps } from '../envelopes.ts';
import { lineProtocol } from '../formats/line-protocol.ts';
import { precisionOf, type Precision } from '../formats/line-protocol-syntax.ts';
import { linePortions } from '../formats/line-portions.ts';
import { problem } from '../problems.ts';
import type { Pusher, Pushers } from '../pusher.ts';
import { reasonOf } from '../refusals.ts';
import { identifyInfluxClient } from './influx-credentials.ts';
import { influxAnswer, type InfluxVersion } from './influx-answers.ts';

export interface InfluxWriteDeps extends Omit<EnvelopeDeps, 'identify'> {
  readonly identify: Pushers['identify'];
  readonly door: Pick<Door, 'accept'>;
  /** How far the registry is: what was refused may be known after a change. */
  readonly registry: { foldedTo(): number };
}

interface Write {
  readonly pusher: Pusher;
  readonly precision: Precision;
}

/** What became of the lines of one request. */
interface Written {
  readonly batches: string[];
  accepted: number;
  refused: number;
  /** Why the first of them was refused. */
  reason: ((spoken: Language) => string) | undefined;
}

const addresses: readonly {
  readonly url: string;
  readonly version: InfluxVersion;
  readonly summary: string;
}[] = [
  { url: '/api/v2/write', version: 2, summary: "Push line protocol, as InfluxDB 2's clients do" },
  { url: '/write', version: 1, summary: "Push line protocol, as InfluxDB 1's clients do" },
];

const description =
  'Each field of a line is a reading; the source mappings of the enterprise tell which meter it is. 204 when any was ' +
  'accepted; the refused ones (their number is in Songma-Refused) wait in quarantine. Organisation, bucket and database ' +
  'are not looked at. The key is given as Token, Bearer or the password of Basic, or as `p`.';

/** `POST /api/v2/write` and `POST /write`: what writes to InfluxDB pushes here as it is. */
export function addInfluxWriteRoutes(app: FastifyInstance, deps: InfluxWriteDeps): void {
  const { door, registry, limits, identify } = deps;
  const envelopes = createEnvelopes<Write>(
    app,
    { ...deps, identify: (request) => identifyInfluxClient(request, identify) },
    ({ query }, pusher) => ({
      pusher,
      precision: precisionOf((query as { readonly precision?: unknown }).precision ?? 'ns'),
    }),
  );

  async function write(body: Buffer, { pusher, precision }: Write): Promise<Written> {
    const written: Written = { batches: [], accepted: 0, refused: 0, reason: undefined };
    for (const portion of linePortions(body, limits.rowsMax)) {
      const batch = portion.isStamped ? batchOf(portion.body, precision, registry.foldedTo()) : undefined;
      const push = { pusher, batch, body: portion.body, format: lineProtocol, precision };
      const accepted = await acceptRows(door, { ...push, fileName: undefined, decimal: undefined });
      if (accepted === undefined) continue;
      const { receipt } = accepted;
      written.batches.push(receipt.batch);
      written.accepted += receipt.accepted;
      written.refused += receipt.refused.length;
      const [first] = receipt.refused;
      if (first !== undefined) written.reason ??= (spoken) => reasonOf(first[1], first[2], spoken);
    }
    return written;
  }

  for (const { url, version, summary } of addresses) {
    app.route({
      method: 'POST',
      url,
      bodyLimit: limits.bodyBytesMax,
      validatorCompiler: () => () => true,
      schema: {
        // The description tells it once.
        hide: version === 1,
        tags: ['readings'],
        summary,
        description,
        consumes: ['text/plain'],
        querystring: z.object({
          precision: z.string().optional().describe('What stamps count: ns (when absent), us, ms, s'),
        }),
        body: z.string(),
        response: {
          204: z.undefined().describe('Durable, but for what was refused and is kept.'),
          ...problemResponses(400, 401, 403, 413, 415, 422, 429, 503),
        },
        security: [{ bearer: [] }, { apiKey: [] }],
      },
      ...envelopes.hooks,
      onSend: influxAnswer(version),
      handler: async (request, reply) => {
        const written = await envelopes.use(request, write);
        const { batches, accepted, refused } = written;
        if (refused > 0) request.log.info({ batches, refused }, 'lines refused');
        if (accepted === 0 && refused > 0) return sendRefused(request, reply, written);
        void reply.header('songma-refused', refused);
        if (batches.length > 0) void reply.header('songma-batch', batches[0]);
        return reply.code(204).send();
      },
    });
  }
}

/** @returns undefined when there are no values in it, or none that anybody wants: InfluxDB takes that too */
async function acceptRows(
  door: Pick<Door, 'accept'>,
  push: Parameters<Door['accept']>[0],
): Promise<Accepted | undefined> {
  try {
    return await door.accept(push);
  } catch (error) {
    if (error instanceof HttpProblem && error.code === 'no_rows') return undefined;
    throw error;
  }
}

/**
 * The same lines are the same push, so that a client that repeats them gets the same answer and nothing is kept twice;
 * but after a change of the registry they are looked at again.
 */
function batchOf(body: Buffer, precision: Precision, registered: number): string {
  const digest = createHash('sha256').update(body).update(`\0${precision}`).digest('base64url').slice(0, 27);
  return `influx.${digest}.${registered.toString(36)}`;
}

/** No line was taken: clients show the message to their people, and do not repeat. */
function sendRefused(
  request: FastifyRequest,
  reply: FastifyReply,
  { reason, refused, batches }: Written,
): FastifyReply {
  const spoken = language(request);
  const refusal = problem('lines_all_refused', (told) => ({ count: refused, reason: reason?.(told) ?? '' }));
  return reply
    .code(refusal.status)
    .header('content-language', spoken)
    .header('songma-refused', refused)
    .type('application/problem+json; charset=utf-8')
    .send(JSON.stringify({ ...problemBody(refusal, spoken, request.id), batch: batches[0] }));
}
