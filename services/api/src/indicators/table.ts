import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import {
  cursorQuery,
  encodeCursor,
  pageItemsDefault,
  pageItemsMax,
  pageOf,
  type PageKey,
} from '../paging.ts';
import { inEveryFormat, inFormat, sendRows } from '../series/answers.ts';
import { pageRows, type Page, type Placed } from '../series/pages.ts';
import { formatOf, formatQuery, type SeriesFormat } from '../series/query.ts';
import { primed, type Cells, type Columns } from '../series/stream.ts';

/** Query parameters by which a collection is had as pages of JSON or as a whole table. */
export const tableQuery = {
  format: formatQuery,
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
  return { description: 'The items.', content: inEveryFormat(pageOf(item)) };
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
  const batches = pageRows(table.batches, page);
  if (format === 'json') {
    const items = (await Array.fromAsync(batches)).flat();
    return inFormat(reply, format).send({ items, next: next() });
  }
  const { columns, cellsOf } = table;
  const rows = { columns, cellsOf, batches: await primed(batches) };
  return sendRows(request, reply, format, rows, { head: {}, next, isPage: limit !== Infinity });
}
