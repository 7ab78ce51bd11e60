import { hash } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { decimalMarks } from '@songma/domain';
import type { EventLog } from '@songma/event-log';
import { language, problemResponses, type Language } from '@songma/runtime';
import { z } from 'zod';
import type { Door, Push } from '../door.ts';
import { replayedRecord } from '../events.ts';
import type { Format } from '../formats/format.ts';
import { formatNamed } from '../formats/formats.ts';
import { ndjson } from '../formats/json.ts';
import { problem } from '../problems.ts';
import type { Projection } from '../projection/projection.ts';
import type { QuarantineEntry } from '../projection/quarantine.ts';
import type { WorkTurns } from '../work-turns.ts';
import type { Pusher } from '../pusher.ts';
import { jsonText, reasonOf } from '../refusals.ts';
import { receiptAnswer, receiptAnswerSchema } from '../receipts.ts';

const limitMax = 500;
const limitDefault = 50;

const entrySchemaOf = (formats: readonly Format[]) =>
  z.object({
    id: z.string(),
    batch: z.string(),
    row: z.int(),
    receivedAt: z.iso.datetime(),
    site: z.string().optional(),
    code: z.string(),
    reason: z.string(),
    // One that a later build has taken is listed too.
    format: z.union([z.enum(formats.map(({ name }) => name)), z.string()]),
    raw: z.string(),
    context: z.string().optional(),
    replayed: z.object({ at: z.iso.datetime(), batch: z.string() }).optional(),
  });

type Entry = z.infer<ReturnType<typeof entrySchemaOf>>;
export interface QuarantinePage {
  readonly items: readonly Entry[];
  readonly next: string | null;
}

const oneLine = z
  .string()
  .min(1)
  .regex(/^[^\r\n]*$/, 'one line');

/** The row as it should have been: a reading, or the line in the format it came in. Absent: as it came. */
const replaySchema = z
  .strictObject({
    reading: z.record(z.string(), z.unknown()).optional(),
    raw: oneLine.optional(),
    context: oneLine
      .optional()
      .describe('The header or the name of the file that the row came from, when that was wrong'),
    decimal: z
      .enum(decimalMarks)
      .optional()
      .describe('What is before decimals; as in the push that the row came in when absent'),
  })
  .refine((body) => body.reading === undefined || (body.raw === undefined && body.context === undefined), {
    message: 'either "reading", or "raw" and "context"',
  })
  .nullish();

export interface QuarantineRouteDeps {
  readonly formats: readonly Format[];
  readonly projection: Pick<Projection, 'quarantine'>;
  readonly eventLog: Pick<EventLog, 'append'>;
  readonly door: Door;
  readonly pusherOf: (request: object) => Pusher;
  readonly turns: WorkTurns;
  readonly now: () => number;
}

/** `GET /v1/quarantine`, and `POST /v1/quarantine/{id}/replay`, by which a refused row is mended and taken. */
export function addQuarantineRoutes(app: FastifyInstance, deps: QuarantineRouteDeps): void {
  const { formats, projection, eventLog, door, pusherOf, turns, now } = deps;
  const pageSchema = z.object({ items: z.array(entrySchemaOf(formats)), next: z.string().nullable() });
  const { quarantine } = projection;
  const routes = app.withTypeProvider<ZodTypeProvider>();
  const common = { tags: ['quarantine'], security: [{ bearer: [] }, { apiKey: [] }] };

  routes.get(
    '/v1/quarantine',
    {
      schema: {
        ...common,
        summary: 'Refused rows, the newest first',
        description: 'Rows that were refused, as they came, each with its reason and how to mend it.',
        querystring: z.object({
          limit: z.coerce.number().int().min(1).max(limitMax).default(limitDefault),
          cursor: z.coerce.number().int().positive().optional(),
          batch: z.string().max(128).optional(),
          state: z.enum(['open', 'replayed', 'all']).default('open'),
        }),
        response: { 200: pageSchema, ...problemResponses(400, 401, 403, 429) },
      },
    },
    async (request) => {
      const pusher = pusherOf(request);
      const { limit, cursor, batch, state } = request.query;
      const found = quarantine.list({ state, batch, before: cursor, limit: limit + 1 }, pusher);
      const page = found.slice(0, limit);
      const spoken = language(request);
      return {
        items: page.map((entry) => entryAnswer(entry, spoken)),
        next: found.length > limit ? String(page.at(-1)!.seq) : null,
      };
    },
  );

  routes.post(
    '/v1/quarantine/:id/replay',
    {
      schema: {
        ...common,
        summary: 'Take a refused row after all, as it came or mended',
        description:
          'Pushes the row again, as it came (a meter may have been registered meanwhile) or as it is mended in the body.',
        params: z.object({ id: z.string().max(64) }),
        body: replaySchema,
        response: { 202: receiptAnswerSchema, ...problemResponses(400, 401, 403, 404, 409, 422, 429, 503) },
      },
    },
    async (request, reply) => {
      const pusher = pusherOf(request);
      const { id } = request.params;
      const entry = quarantine.find(pusher, id);
      if (entry === undefined) throw problem('quarantine_unknown', { id });
      if (entry.replayed !== undefined) throw problem('already_replayed', { batch: entry.replayed.batch });
      const push = pushOf(formats, entry, request.body ?? {}, pusher);

      const draft = await door.check(push);
      if (draft.rows !== 1) throw problem('no_rows');
      const [refused] = draft.refused;
      if (refused !== undefined) {
        const { code, parameters } = refused.refusal;
        throw problem('replay_refused', (spoken) => ({ reason: reasonOf(code, parameters, spoken) }));
      }
      const { receipt, isReplay } = await door.accept(push);
      const at = now();
      const event = { event: 'replayed', id, at, batch: receipt.batch, apiKey: pusher.key } as const;
      await eventLog.append('quarantine', [replayedRecord(entry.row, event)]);
      if (isReplay) void reply.header('idempotent-replayed', 'true');
      return reply.code(202).send(await receiptAnswer(receipt, language(request), turns.begin()));
    },
  );
}

/** The row as a push of its own. Its batch id follows from what is sent, so that a repeat counts once. */
function pushOf(
  formats: readonly Format[],
  { row }: QuarantineEntry,
  mended: NonNullable<z.infer<typeof replaySchema>>,
  pusher: Pusher,
): Push {
  const context = mended.context ?? row.context ?? '';
  const raw = mended.raw ?? row.raw;
  const replay =
    mended.reading === undefined
      ? formatOfRow(formats, row).replay(raw, context)
      : ndjson.replay(jsonText(mended.reading), '');
  const decimal = decimalOf(mended, row);
  const { name } = replay.format;
  const content = `${name} ${replay.fileName ?? ''} ${decimal?.mark ?? ''} ${replay.precision ?? ''} ${replay.text}`;
  return {
    pusher,
    batch: `replay.${row.id}.${hash('sha256', content, 'hex').slice(0, 16)}`,
    body: Buffer.from(replay.text),
    format: replay.format,
    fileName: replay.fileName,
    decimal,
    precision: replay.precision,
  };
}

function decimalOf(
  { decimal, reading }: NonNullable<z.infer<typeof replaySchema>>,
  row: QuarantineEntry['row'],
): Push['decimal'] {
  if (decimal !== undefined) return { mark: decimal, isDeclared: true };
  // A mended reading is not of the push that the row was in.
  return row.decimal === undefined || reading !== undefined
    ? undefined
    : { mark: row.decimal, isDeclared: false };
}

/** @throws HttpProblem `format_unknown` */
function formatOfRow(formats: readonly Format[], { format }: QuarantineEntry['row']): Format {
  const found = formatNamed(formats, format);
  if (found === undefined) throw problem('format_unknown', { format });
  return found;
}

function entryAnswer({ row, replayed }: QuarantineEntry, spoken: Language): Entry {
  const { id, batch, site, code, parameters, format, raw, context } = row;
  return {
    id,
    batch,
    row: row.row,
    receivedAt: new Date(row.receivedAt).toISOString(),
    ...(site === undefined ? {} : { site }),
    code,
    reason: reasonOf(code, parameters, spoken),
    format,
    raw,
    ...(context === undefined ? {} : { context }),
    ...(replayed === undefined
      ? {}
      : { replayed: { at: new Date(replayed.at).toISOString(), batch: replayed.batch } }),
  };
}
