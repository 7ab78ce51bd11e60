import type { IncomingMessage } from 'node:http';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { decimalMarks } from '@songma/domain';
import {
  HttpProblem,
  UnavailableError,
  language,
  problemBody,
  problemResponses,
  problemSchema,
} from '@songma/runtime';
import { z } from 'zod';
import type { InFlight, PushInFlight, RateLimit } from '../admission.ts';
import type { BodyReader } from '../body-reader.ts';
import { encodingOf, fileNameOf, formatOf, unpack, untypedFile, type BodyEncoding } from '../body.ts';
import type { IngestLimits } from '../config.ts';
import type { Accepted, Door, Push } from '../door.ts';
import type { Format } from '../formats/format.ts';
import { mediaTypesOf } from '../formats/formats.ts';
import type { IngestMetrics } from '../ingest-metrics.ts';
import { problem } from '../problems.ts';
import { quoted } from '../refusals.ts';
import { narrowed, type Pusher, type Pushers } from '../pusher.ts';
import { receiptAnswer, receiptAnswerSchema } from '../receipts.ts';
import type { WorkTurns } from '../work-turns.ts';

export interface ReadingsRouteDeps {
  readonly formats: readonly Format[];
  readonly door: Pick<Door, 'accept'>;
  readonly identify: Pushers['identify'];
  readonly rateLimit: RateLimit;
  readonly inFlight: InFlight;
  readonly bodies: BodyReader;
  readonly turns: WorkTurns;
  readonly metrics: IngestMetrics;
  readonly limits: IngestLimits;
}

/** A query may name one of them twice. */
interface PushQuery {
  readonly file?: unknown;
  readonly decimal?: unknown;
  readonly enterprise?: unknown;
}

/** What is known of a push before its body is read. */
interface Envelope {
  readonly pusher: Pusher;
  readonly format: Format;
  readonly encoding: BodyEncoding;
  readonly batch: string | undefined;
  readonly fileName: string | undefined;
  readonly decimal: Push['decimal'];
  readonly inFlight: PushInFlight;
  /** The body is there: from now on the push is under way until it is answered, whether or not anybody listens. */
  isHandled: boolean;
}

const batchIdPattern = /^[\x21-\x7e]{1,128}$/;
/** A refused body up to this size is read and thrown away, so that the connection can be used again. */
const drainedBytesMax = 64 * 1024;

const description =
  'Readings of any number of meters. Each row is judged on its own: the answer names the rows that were refused, ' +
  'with a code and a reason in the language of Accept-Language; the others are accepted and durable. ' +
  'When every row was refused the receipt is that of a 422. ' +
  'The same Idempotency-Key with the same body gives the same receipt.';

const readingSchema = z.object({
  meter: z.string(),
  time: z.string().describe('ISO 8601, or local to the meter as yyyy-MM-ddTHH:mm:ss or yyyyMMddHHmmss'),
  value: z
    .union([z.number(), z.string()])
    .nullish()
    .describe(
      'A number, also as text, or below detection (<0.5, ND); absent only with status fault or calibrating',
    ),
  unit: z.string().nullish().describe("UCUM; the meter's unit when absent"),
  status: z.enum(['measured', 'calibrating', 'fault']).nullish(),
});

/** `POST /v1/readings`: who pushes and whether there is room is settled before the body is read. */
export function addReadingsRoute(app: FastifyInstance, deps: ReadingsRouteDeps): void {
  const { bodies, door, formats, metrics, turns, limits } = deps;
  const needName = formats.filter(({ needsFileName }) => needsFileName);
  const named = needName.map(({ title }) => title.en).join(', ');
  const envelopes = new WeakMap<FastifyRequest, Envelope>();

  async function take(sent: Buffer, envelope: Envelope): Promise<Accepted> {
    const { pusher, format, encoding, batch, fileName, decimal, inFlight } = envelope;
    const body = await unpack(sent, encoding, limits);
    if (body.length > sent.length) inFlight.grow(body.length - sent.length);
    metrics.received(sent.length, body.length);
    return door.accept({ pusher, batch, body, format, fileName, decimal });
  }

  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', (request: FastifyRequest, payload: IncomingMessage) =>
    bodies.read(payload, envelopes.get(request)!.inFlight),
  );

  app.route<{ Body: Buffer | undefined; Querystring: PushQuery }>({
    method: 'POST',
    url: '/v1/readings',
    bodyLimit: limits.bodyBytesMax,
    // The body is documented here and checked row by row: a schema would refuse the whole push for one row.
    validatorCompiler: () => () => true,
    schema: {
      tags: ['readings'],
      summary: 'Push readings',
      description,
      consumes: [...mediaTypesOf(formats), untypedFile],
      querystring: z.object({
        file: z
          .string()
          .optional()
          .describe(`Name of ${named}, or of a file of type ${untypedFile}, whose end tells the format`),
        decimal: z
          .enum(decimalMarks)
          .optional()
          .describe('What is before decimals in numbers that are text; found out when absent'),
        enterprise: z
          .string()
          .optional()
          .describe('Rows of this enterprise only; for an administrator’s key that pushes for others'),
      }),
      body: z
        .union([z.object({ readings: z.array(readingSchema) }), z.string()])
        .meta({ title: 'ReadingsInput' }),
      response: {
        202: receiptAnswerSchema,
        ...problemResponses(400, 401, 403, 408, 413, 415, 429, 503),
        422: {
          description:
            'Every row was refused: a problem with the receipt in it. Or batch_reused, without one.',
          content: {
            'application/problem+json': {
              schema: problemSchema
                .extend(receiptAnswerSchema.partial().shape)
                .meta({ title: 'RefusedPush' }),
            },
          },
        },
      },
      security: [{ bearer: [] }, { apiKey: [] }],
    },
    onRequest: (request, reply, done) => {
      try {
        const envelope = open(request, deps);
        envelopes.set(request, envelope);
        // Also when the client breaks off in the middle of its body, and there is no response that could end.
        reply.raw.once('close', () => {
          if (!envelope.isHandled) envelope.inFlight.leave();
        });
        done();
      } catch (error) {
        if (declaredBytes(request.headers, Infinity) > drainedBytesMax)
          void reply.header('connection', 'close');
        done(error as Error);
      }
    },
    onError: async (request, reply, error: Error) => {
      // What is left of the body is not waited for.
      if (!request.raw.complete) void reply.header('connection', 'close');
      metrics.refused(
        error instanceof HttpProblem || error instanceof UnavailableError ? error.code : 'other_problem',
      );
    },
    handler: async (request, reply) => {
      const envelope = envelopes.get(request)!;
      envelope.isHandled = true;
      const { receipt, isReplay } = await take(request.body ?? Buffer.alloc(0), envelope).finally(() =>
        envelope.inFlight.leave(),
      );
      if (receipt.refused.length > 0) {
        request.log.info(
          { key: receipt.apiKey, batch: receipt.batch, refused: receipt.refused.length },
          'rows refused',
        );
      }
      if (isReplay) void reply.header('idempotent-replayed', 'true');
      const spoken = language(request);
      const answer = await receiptAnswer(receipt, spoken, turns.begin());
      if (receipt.accepted > 0) {
        return reply.code(202).type('application/json; charset=utf-8').send(JSON.stringify(answer));
      }
      const refused = problem('rows_all_refused');
      return reply
        .code(refused.status)
        .header('content-language', spoken)
        .type('application/problem+json; charset=utf-8')
        .send(JSON.stringify({ ...problemBody(refused, spoken, request.id), ...answer }));
    },
  });
}

function open(request: FastifyRequest<{ Querystring: PushQuery }>, deps: ReadingsRouteDeps): Envelope {
  const { formats, identify, rateLimit, inFlight, limits } = deps;
  const { headers } = request;
  const pusher = narrowed(identify(request), enterpriseOf(request.query.enterprise));
  rateLimit.take(pusher, performance.now());
  const batch = headers['idempotency-key'];
  if (batch !== undefined && (typeof batch !== 'string' || !batchIdPattern.test(batch))) {
    throw problem('batch_id_invalid');
  }
  const named = fileNameOf(request.query.file, headers['content-disposition']);
  const format = formatOf(formats, headers['content-type'], named);
  const encoding = encodingOf(headers['content-encoding']);
  const fileName = format.needsFileName ? named : undefined;
  if (format.needsFileName && fileName === undefined) {
    throw problem('file_name_missing', (spoken) => ({ format: format.title[spoken] }));
  }
  const decimal = decimalOf(request.query.decimal);
  const declared = declaredBytes(headers, limits.bodyBytesMax);
  if (declared > limits.bodyBytesMax) throw problem('body_too_large', { limit: limits.bodyBytesMax });
  const entered = inFlight.enter(pusher, declared);
  return { pusher, format, encoding, batch, fileName, decimal, inFlight: entered, isHandled: false };
}

/** @throws HttpProblem `decimal_mark_unknown` */
function decimalOf(query: unknown): Push['decimal'] {
  if (query === undefined) return undefined;
  const mark = decimalMarks.find((known) => known === query);
  if (mark === undefined) throw problem('decimal_mark_unknown', { decimal: quoted(query) });
  return { mark, isDeclared: true };
}

/** A query that names it twice names none that there is. */
function enterpriseOf(query: unknown): string | undefined {
  if (query === undefined) return undefined;
  return typeof query === 'string' ? query : '';
}

/** What Content-Length says; `unknown` for a body whose length is not told before. */
function declaredBytes(headers: FastifyRequest['headers'], unknown: number): number {
  const length = headers['content-length'];
  if (length !== undefined) return Number(length);
  return headers['transfer-encoding'] === undefined ? 0 : unknown;
}
