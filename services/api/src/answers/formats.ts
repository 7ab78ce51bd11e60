import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import { problem } from '../problems.ts';

/** Formats of an answer, with the media types that they are written as. */
export const mediaTypes = {
  json: 'application/json; charset=utf-8',
  csv: 'text/csv; charset=utf-8; header=present',
  ndjson: 'application/x-ndjson; charset=utf-8',
  parquet: 'application/vnd.apache.parquet',
  xlsx: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
} as const;
export type AnswerFormat = keyof typeof mediaTypes;

const formats = Object.keys(mediaTypes) as [AnswerFormat, ...AnswerFormat[]];
const locales = ['en', 'vi'] as const;

/** Media types by which a format is asked for in Accept, beside its own. */
const otherNames: Readonly<Record<string, AnswerFormat>> = {
  'application/ndjson': 'ndjson',
  'application/*': 'json',
  '*/*': 'json',
};

/** How an answer is written. */
export interface AnswerForm {
  readonly format: AnswerFormat;
  /**
   * For whom a CSV is: `en` as RFC 4180 has it, for programs; `vi` for spreadsheets that are set to Vietnamese: a byte
   * order mark, `;` between cells, a decimal comma, and stamps as the site's clock shows them.
   */
  readonly locale: (typeof locales)[number];
}

/** Query parameters by which the form of an answer is chosen. */
export const formQuery = {
  format: z.enum(formats).optional().meta({ description: 'Goes before Accept.' }),
  locale: z
    .enum(locales)
    .optional()
    .meta({
      description:
        'Of CSV: `vi` is for spreadsheets set to Vietnamese (byte order mark, `;`, decimal comma, local stamps ' +
        'without offset). Other formats do not depend on it.',
    }),
};

interface FormQuery {
  readonly format?: AnswerFormat | undefined;
  readonly locale?: AnswerForm['locale'] | undefined;
}

/**
 * The form that is wanted: `format`, else the first that `Accept` names; JSON when it takes anything.
 * @throws HttpProblem `not_acceptable`
 */
export function formOf({ format, locale = 'en' }: FormQuery, accept: string | undefined): AnswerForm {
  return { format: format ?? formatAccepted(accept), locale };
}

function formatAccepted(accept: string | undefined): AnswerFormat {
  if (accept === undefined) return 'json';
  for (const item of accept.split(',')) {
    const type = item.split(';')[0]!.trim().toLowerCase();
    const format = formats.find((name) => mediaTypes[name].split(';')[0] === type) ?? otherNames[type];
    if (format !== undefined) return format;
  }
  throw problem('not_acceptable');
}

const bytes = z.string().meta({ format: 'binary' });

/** The content of a 200 that is had in every format: the schema of the whole as JSON, and of a line of NDJSON. */
export function inEveryFormat<T extends z.ZodType>(json: T, ndjson: z.ZodType = z.string()) {
  return {
    'application/json': { schema: json },
    'text/csv': { schema: z.string() },
    'application/x-ndjson': { schema: ndjson },
    [mediaTypes.parquet]: { schema: bytes },
    [mediaTypes.xlsx]: { schema: bytes },
  };
}

/** Says in which format the answer is, and what else it depends on. */
export function inFormat(reply: FastifyReply, { format }: AnswerForm): FastifyReply {
  reply.header('vary', 'accept, accept-encoding, accept-language, authorization, x-api-key');
  return reply.type(mediaTypes[format]);
}
