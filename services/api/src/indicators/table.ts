import { Readable } from 'node:stream';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import {
  cursorQuery,
  encodeCursor,
  nextAddress,
  pageItemsDefault,
  pageItemsMax,
  pageOf,
  type PageKey,
} from '../paging.ts';
import { pageRows, type Page, type Placed } from '../series/pages.ts';
import { formatOf, seriesFormats, type SeriesFormat } from '../series/query.ts';
import { mediaTypes, primed, written, type Cells, type Columns } from '../series/stream.ts';

/** Query parameters by which a collection is had as pages of JSON or as a whole table. */
export const tableQuery = {
  format: z.enum(seriesFormats).optional().meta({ description: 'Goes before Accept.' }),
  limit: z.coerce
    .number()
    .int()
    .min(1)
    .max(pageItemsMax)
    .optional()
    .meta({
      description:
        `Items of a page, at most ${pageItemsMax}. Unless told ${pageItemsDefault} as JSON; the others then hold ` +
        'everything, streamed.',
    }),
  cursor: cursorQuery,
};

/** The 200 of such a collection. */
export function tableResponse<T extends z.ZodType>(item: T) {
  return {
    description: 'The items.',
    content: {
      'application/json': { schema: pageOf(item) },
      'text/csv': { schema: z.string() },
      'application/x-ndjson': { schema: z.string() },
      'application/vnd.apache.parquet': { schema: z.string() },
    },
  };
}

/** What a collection is made of. */
export interface Table<R extends object> {
  /** What its cursors are bound to. */
  readonly route: string;
  /** In the order of the collection, each with the key after which the next page begins. */
  readonly batches: AsyncGenerator<readonly Placed<R, PageKey>[]>;
  readonly columns: Columns;
  readonly cellsOf: (row: R) => Cells;
}

/**
 * Answers with a collection in the format that is wanted: one page of it, or everything. Of a page in other
 * formats than JSON the Link header names the next.
 */
export async function sendTable<R extends object>(
  request: FastifyRequest,
  reply: FastifyReply,
  query: { readonly format?: SeriesFormat | undefined; readonly limit?: number | undefined },
  table: Table<R>,
): Promise<FastifyReply> {
  const format = formatOf(query, request.headers.accept);
  const limit = query.limit ?? (format === 'json' ? pageItemsDefault : Infinity);
  const page: Page<PageKey> = { limit, next: undefined };
  const next = () => (page.next === undefined ? null : encodeCursor(table.route, page.next));
  reply.type(mediaTypes[format]).header('vary', 'accept, authorization, x-api-key');
  if (format === 'json') {
    const items = (await Array.fromAsync(pageRows(table.batches, page))).flat();
    return reply.send({ items, next: next() });
  }
  const { columns, cellsOf } = table;
  const body = written(
    format,
    { columns, cellsOf, batches: await primed(pageRows(table.batches, page)) },
    {},
    next,
  );
  if (limit === Infinity) return reply.send(Readable.from(body));
  const pieces = await Array.fromAsync(body);
  const cursor = next();
  if (cursor !== null) reply.header('link', `<${nextAddress(request.url, cursor)}>; rel="next"`);
  return reply.send(Readable.from(pieces));
}
