import {
  sourceMappingProblems,
  sourceMappingSchema,
  type MappingDoor,
  type SourceMapping,
  type SourceOrigin,
} from '@songma/domain';
import { language, problemResponses, type Language } from '@songma/runtime';
import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { formatOf } from '../body.ts';
import type { Door } from '../door.ts';
import type { Format } from '../formats/format.ts';
import { precisions } from '../formats/line-protocol-syntax.ts';
import { problem } from '../problems.ts';
import type { Pusher } from '../pusher.ts';
import { reasonOf } from '../refusals.ts';
import type { FoundSource, PushSources, Sources } from '../sources.ts';

export interface TryRouteDeps {
  readonly formats: readonly Format[];
  readonly door: Pick<Door, 'check'>;
  readonly sources: Sources;
  readonly pusherOf: (request: object) => Pusher;
}

/** A few rows are tried; those of a whole file are pushed. */
const bodyCharsMax = 256 * 1024;
const bodyBytesMax = 2 * 1024 * 1024;
/** Different sources, and refused rows, that are told. */
const toldMax = 200;

const tryBodySchema = z
  .strictObject({
    contentType: z
      .string()
      .max(200)
      .describe('As it would be pushed with; line protocol: text/vnd.influxdata.line-protocol'),
    body: z.string().min(1).max(bodyCharsMax),
    file: z.string().max(255).optional().describe('Name of the file, for formats that need one'),
    precision: z.enum(precisions).optional(),
    mapping: z
      .record(z.string(), z.unknown())
      .optional()
      .describe('A source mapping as it would be registered, tried beside those that are'),
  })
  .meta({ title: 'TriedPushInput' });

const tryAnswerSchema = z
  .object({
    rows: z.int(),
    accepted: z.int(),
    sources: z
      .array(
        z.object({
          origin: z.record(z.string(), z.string()),
          outcome: z.enum(['meter', 'ignored', 'refused']),
          meter: z.string().optional(),
          unit: z.string().optional(),
          mapping: z.string().optional(),
          reason: z.string().optional(),
        }),
      )
      .describe('Each different source once, by what it is called'),
    refused: z.array(z.object({ row: z.int(), code: z.string(), reason: z.string(), raw: z.string() })),
  })
  .meta({ title: 'TriedPush' });

interface Tried {
  readonly origin: SourceOrigin;
  readonly found: FoundSource;
}

/** `POST /v1/readings/try`: what would become of some rows, and which meters they would be, without taking them. */
export function addTryRoute(app: FastifyInstance, deps: TryRouteDeps): void {
  const { formats, door, sources, pusherOf } = deps;
  app.withTypeProvider<ZodTypeProvider>().post(
    '/v1/readings/try',
    {
      bodyLimit: bodyBytesMax,
      schema: {
        tags: ['readings'],
        summary: 'Try rows and a source mapping',
        description:
          'Checks rows as a push of them would be, by the registered source mappings and the one that is given, and takes ' +
          'nothing. Tells which source would be which meter, and which rows would be refused.',
        body: tryBodySchema,
        response: { 200: tryAnswerSchema, ...problemResponses(400, 401, 403, 413, 415, 429) },
        security: [{ bearer: [] }, { apiKey: [] }],
      },
    },
    async (request) => {
      const pusher = pusherOf(request);
      const { contentType, body, file, precision, mapping } = request.body;
      const format = formatOf(formats, contentType, file);
      const known =
        mapping === undefined ? sources.of(pusher) : sources.trying(pusher, mappingIn(mapping, pusher));
      const tried: Tried[] = [];
      const push = {
        pusher,
        batch: undefined,
        body: Buffer.from(body),
        format,
        fileName: file,
        decimal: undefined,
        precision,
      };
      const draft = await door.check(push, watched(known, tried));
      const spoken = language(request);
      return {
        rows: draft.rows,
        accepted: draft.rows - draft.refused.length,
        sources: tried.slice(0, toldMax).map((source) => sourceAnswer(source, spoken)),
        refused: draft.refused.slice(0, toldMax).map(({ row, refusal, raw }) => ({
          row,
          code: refusal.code,
          reason: reasonOf(refusal.code, refusal.parameters, spoken),
          raw,
        })),
      };
    },
  );
}

/** Notes what is asked: each source once. */
function watched(known: PushSources, tried: Tried[]): PushSources {
  const asked = new Set<string>();
  return {
    find(door: MappingDoor, origin: SourceOrigin) {
      const found = known.find(door, origin);
      const name = JSON.stringify([...origin]);
      if (tried.length < toldMax && !asked.has(name)) {
        asked.add(name);
        tried.push({ origin, found });
      }
      return found;
    },
  };
}

/** @throws HttpProblem `mapping_invalid` */
function mappingIn(body: Readonly<Record<string, unknown>>, pusher: Pusher): SourceMapping {
  const parsed = sourceMappingSchema
    .strict()
    .safeParse({ id: 'tried', ...body, ...(pusher.isAdmin ? {} : { enterprise: pusher.enterprise }) });
  const first = parsed.success
    ? sourceMappingProblems(parsed.data)[0]
    : { path: parsed.error.issues[0]!.path.join('.'), problem: parsed.error.issues[0]!.message };
  if (first !== undefined) throw problem('mapping_invalid', { path: first.path, problem: first.problem });
  return parsed.data!;
}

function sourceAnswer(
  { origin, found }: Tried,
  spoken: Language,
): z.infer<typeof tryAnswerSchema>['sources'][number] {
  const told = {
    origin: Object.fromEntries(origin),
    ...(found.mapping === undefined ? {} : { mapping: found.mapping }),
  };
  switch (found.kind) {
    case 'ignored':
      return { ...told, outcome: 'ignored' };
    case 'refused': {
      const { code, parameters } = found.refusal;
      return { ...told, outcome: 'refused', reason: reasonOf(code, parameters, spoken) };
    }
    case 'meter':
      return {
        ...told,
        outcome: 'meter',
        meter: found.meter.id,
        unit: found.unit ?? found.meter.unit,
      };
  }
}
