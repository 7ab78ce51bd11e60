import type { FastifyInstance, FastifyRequest } from 'fastify';
import { decimalMarks } from '@songma/domain';
import { language, problemBody, problemResponses, problemSchema } from '@songma/runtime';
import { z } from 'zod';
import { fileNameOf, formatOf, untypedFile } from '../body.ts';
import type { Door, Push } from '../door.ts';
import { createEnvelopes, type EnvelopeDeps } from '../envelopes.ts';
import type { Format } from '../formats/format.ts';
import { mediaTypesOf } from '../formats/formats.ts';
import { precisionOf, precisions } from '../formats/line-protocol-syntax.ts';
import type { MetersAtDoor } from '../meters.ts';
import { problem } from '../problems.ts';
import { pushPreview, pushPreviewSchema } from '../push-preview.ts';
import { quoted } from '../refusals.ts';
import { narrowed, type Pusher } from '../pusher.ts';
import { receiptAnswer, receiptAnswerSchema } from '../receipts.ts';
import type { WorkTurns } from '../work-turns.ts';

export interface ReadingsRouteDeps extends EnvelopeDeps {
  readonly formats: readonly Format[];
  readonly door: Pick<Door, 'accept' | 'preview'>;
  readonly meters: Pick<MetersAtDoor, 'get'>;
  readonly turns: WorkTurns;
}

/** A query may name one of them twice. */
interface PushQuery {
  readonly file?: unknown;
  readonly decimal?: unknown;
  readonly enterprise?: unknown;
  readonly precision?: unknown;
  readonly dryRun?: unknown;
}

const batchIdPattern = /^[\x21-\x7e]{1,128}$/;

const description =
  'Readings of any number of meters. Each row is judged on its own: the answer names the rows that were refused, ' +
  'with a code and a reason in the language of Accept-Language; the others are accepted and durable. ' +
  'When every row was refused the receipt is that of a 422. ' +
  'The same Idempotency-Key with the same body gives the same receipt.';

const readingSchema = z
  .object({
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
  })
  .meta({ title: 'PushedReading' });

/** `POST /v1/readings`: who pushes and whether there is room is settled before the body is read. */
export function addReadingsRoute(app: FastifyInstance, deps: ReadingsRouteDeps): void {
  const { door, formats, meters, turns, limits } = deps;
  const needName = formats.filter(({ needsFileName }) => needsFileName);
  const named = needName.map(({ title }) => title.en).join(', ');
  const envelopes = createEnvelopes(app, deps, (request, pusher) =>
    addressed(formats, request as FastifyRequest<{ Querystring: PushQuery }>, pusher),
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
        precision: z
          .enum(precisions)
          .optional()
          .describe('What stamps of line protocol count; ns when absent'),
        dryRun: z
          .enum(['true', 'false'])
          .optional()
          .describe('true: tell what would become of the rows (200), and keep nothing'),
      }),
      body: z
        .union([z.object({ readings: z.array(readingSchema) }).meta({ title: 'ReadingsBody' }), z.string()])
        .meta({ title: 'ReadingsInput' }),
      response: {
        200: pushPreviewSchema,
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
    ...envelopes.hooks,
    handler: async (request, reply) => {
      if (request.query.dryRun === 'true') {
        const checked = await envelopes.use(request, (body, push) => door.preview({ ...push, body }));
        const preview = pushPreview(checked, meters, language(request));
        return reply.code(200).type('application/json; charset=utf-8').send(JSON.stringify(preview));
      }
      const { receipt, isReplay } = await envelopes.use(request, (body, push) =>
        door.accept({ ...push, body }),
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

function addressed(
  formats: readonly Format[],
  { headers, query }: FastifyRequest<{ Querystring: PushQuery }>,
  pusher: Pusher,
): Omit<Push, 'body'> {
  const batch = headers['idempotency-key'];
  if (batch !== undefined && (typeof batch !== 'string' || !batchIdPattern.test(batch))) {
    throw problem('batch_id_invalid');
  }
  const named = fileNameOf(query.file, headers['content-disposition']);
  const format = formatOf(formats, headers['content-type'], named);
  if (format.needsFileName && named === undefined) {
    throw problem('file_name_missing', (spoken) => ({ format: format.title[spoken] }));
  }
  const precision = query.precision === undefined ? undefined : precisionOf(query.precision);
  return {
    pusher: narrowed(pusher, enterpriseOf(query.enterprise)),
    format,
    batch,
    fileName: named,
    decimal: decimalOf(query.decimal),
    precision,
  };
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
