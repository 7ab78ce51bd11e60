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
import { sendRows } from './answer.ts';
import type { Cells, Columns } from './cells.ts';
import { formOf, formQuery, inEveryFormat, type AnswerForm } from './formats.ts';
import { pageRows, type Page, type Placed } from './pages.ts';
import { primed } from './written.ts';

/** Query parameters by which a collection is had as pages of JSON or as a whole table. */
export const tableQuery = {
  ...formQuery,
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
  /** What JSON tells before the items. */
  readonly head?: Readonly<Record<string, unknown>>;
}

/** What of a query says how a table is written. */
export interface TableQuery {
  readonly format?: AnswerForm['format'] | undefined;
  readonly locale?: AnswerForm['locale'] | undefined;
  readonly limit?: number | undefined;
}

/**
 * Answers with a collection in the form that is wanted: one page of it, or everything. Of a page in other formats than
 * JSON the Link header names the next.
 */
export async function sendTable<R extends object>(
  request: FastifyRequest,
  reply: FastifyReply,
  query: TableQuery,
  { route, batches, columns, cellsOf, head = {} }: Table<R>,
): Promise<FastifyReply> {
  const form = formOf(query, request.headers.accept);
  const limit = itemsWanted(query, form);
  const page: Page<PageKey> = { limit, next: undefined };
  const next = () => (page.next === undefined ? null : encodeCursor(route, page.next));
  const rows = { columns, cellsOf, batches: await primed(pageRows(batches, page)) };
  return sendRows(request, reply, form, rows, { head, next, isPage: limit !== Infinity });
}

/** How many items are asked for: a page of them, or without `limit` all as a table. */
export function itemsWanted({ limit }: TableQuery, { format }: AnswerForm): number {
  return limit ?? (format === 'json' ? pageItemsDefault : Infinity);
}

/** Rows that are made of one batch of what is at hand at a time. */
const itemsPerBatch = 500;

/** Items that are at hand as the batches of a table; a row is made when it is come to. */
export async function* atHand<T, R>(
  items: readonly T[],
  placed: (item: T) => Placed<R, PageKey>,
): AsyncGenerator<readonly Placed<R, PageKey>[]> {
  for (let first = 0; first < items.length; first += itemsPerBatch) {
    yield items.slice(first, first + itemsPerBatch).map(placed);
  }
}
