import { Readable } from 'node:stream';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { nextAddress } from '../paging.ts';
import type { SeriesFormat } from './query.ts';
import { mediaTypes, written, type Cells, type Columns, type RowStream } from './stream.ts';

/** The content of a 200 that is had in every format: the schema of the whole as JSON, and of a line of NDJSON. */
export function inEveryFormat<T extends z.ZodType>(json: T, ndjson: z.ZodType = z.string()) {
  return {
    'application/json': { schema: json },
    'text/csv': { schema: z.string() },
    'application/x-ndjson': { schema: ndjson },
    'application/vnd.apache.parquet': { schema: z.string() },
  };
}

/** Says in which format the answer is, and what else it depends on. */
export function inFormat(reply: FastifyReply, format: SeriesFormat): FastifyReply {
  return reply.type(mediaTypes[format]).header('vary', 'accept, authorization, x-api-key');
}

/** What is told of rows beside them. */
interface RowsAnswer {
  /** What stands before the items in JSON. */
  readonly head: Readonly<Record<string, unknown>>;
  /** The cursor of the next page, known once the rows are written; null: there is none. */
  readonly next: () => string | null;
  /** A page is small: it is gathered, so that all but JSON can name the next one in the Link header. */
  readonly isPage: boolean;
}

/** Answers with rows as they come, or with a page of them. */
export async function sendRows<R extends object>(
  request: FastifyRequest,
  reply: FastifyReply,
  format: SeriesFormat,
  rows: RowStream<R>,
  { head, next, isPage }: RowsAnswer,
): Promise<FastifyReply> {
  const body = written(format, rows, head, next);
  inFormat(reply, format);
  if (!isPage) return reply.send(Readable.from(body));
  const pieces = await Array.fromAsync(body);
  const cursor = next();
  if (cursor !== null) reply.header('link', `<${nextAddress(request.url, cursor)}>; rel="next"`);
  return reply.send(Readable.from(pieces));
}

/** Answers with a page that is at hand, whose rows are their own cells. */
export function sendPage(
  request: FastifyRequest,
  reply: FastifyReply,
  format: SeriesFormat,
  page: {
    readonly columns: Columns;
    readonly items: readonly Cells[];
    readonly head: RowsAnswer['head'];
    readonly cursor: string | null;
  },
): Promise<FastifyReply> {
  const { columns, items, head, cursor } = page;
  const rows = { columns, cellsOf: (row: Cells) => row, batches: only(items) };
  return sendRows(request, reply, format, rows, { head, next: () => cursor, isPage: true });
}

/** Answers with `whole` as JSON, and with its items alone in the formats in which the rest has no place. */
export function sendWhole<R extends object>(
  reply: FastifyReply,
  format: SeriesFormat,
  whole: object,
  table: { readonly columns: Columns; readonly items: readonly R[]; readonly cellsOf: (item: R) => Cells },
): FastifyReply {
  inFormat(reply, format);
  if (format === 'json') return reply.send(whole);
  const { columns, items, cellsOf } = table;
  const rows = { columns, cellsOf, batches: only(items) };
  return reply.send(Readable.from(written(format, rows, {}, () => null)));
}

async function* only<T>(batch: T): AsyncGenerator<T> {
  yield batch;
}
