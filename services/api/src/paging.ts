import { z } from 'zod';
import { problem } from './problems.ts';

/** Items of a page unless told, and at most. */
export const pageItemsDefault = 100;
export const pageItemsMax = 1000;

export const cursorQuery = z
  .string()
  .min(1)
  .max(1024)
  .optional()
  .meta({ description: '`next` of the page before. Every other parameter must stay as it was.' });

/** The two query parameters by which every collection is paged. */
export const pageQuery = {
  limit: z.coerce
    .number()
    .int()
    .min(1)
    .max(pageItemsMax)
    .default(pageItemsDefault)
    .meta({ description: `Items of a page, at most ${pageItemsMax}.`, examples: [100] }),
  cursor: cursorQuery,
};

/** The wire form of a page; `next` is null on the last. */
export function pageOf<T extends z.ZodType>(item: T) {
  return z.object({
    items: z.array(item),
    next: z.string().nullable(),
  });
}

/** Where a page ended: the sort key of its last item. Compared part by part, in the order of the collection. */
export type PageKey = readonly (string | number)[];

const cursorSchema = z.tuple([z.literal(1), z.string(), z.array(z.union([z.string(), z.number()]))]);

/** A cursor says where its page ended and which query it belongs to, so that it cannot be used with another. */
export function encodeCursor(query: string, after: PageKey): string {
  return Buffer.from(JSON.stringify([1, fingerprint(query), after])).toString('base64url');
}

/** @throws HttpProblem `cursor_invalid` when it is not ours, belongs to another query or has another shape */
export function decodeCursor(cursor: string, query: string, shape: z.ZodType<PageKey>): PageKey {
  const parsed = cursorSchema.safeParse(parseJson(Buffer.from(cursor, 'base64url').toString('utf8')));
  if (!parsed.success || parsed.data[1] !== fingerprint(query)) throw problem('cursor_invalid');
  const key = shape.safeParse(parsed.data[2]);
  if (!key.success) throw problem('cursor_invalid');
  return key.data;
}

/** How old a first page may be whose query a cursor goes on with, and how far another process's clock may be ahead. */
const firstPageAgeMsMax = 7 * 86_400_000;
const clockSkewMsMax = 60_000;

/**
 * When the first page was asked for, as its cursor says.
 * @throws HttpProblem `cursor_invalid` when that is no instant of the last days: all that is computed depends on it
 */
export function firstAskedAt(time: string | number | undefined, now: number): number {
  return placeWithin(time, now - firstPageAgeMsMax, now + clockSkewMsMax);
}

/**
 * A place that a cursor names, such as an instant of the query's span. Cursors are not signed, so each place that work
 * begins at is checked here.
 * @throws HttpProblem `cursor_invalid` when it is no whole number from `first` to `last`, both inclusive
 */
export function placeWithin(place: string | number | undefined, first: number, last: number): number {
  if (typeof place !== 'number' || !Number.isSafeInteger(place) || place < first || place > last) {
    throw problem('cursor_invalid');
  }
  return place;
}

/** The address of the page that a cursor begins, for the Link header. */
export function nextAddress(url: string, cursor: string): string {
  const address = new URL(url, 'http://host');
  address.searchParams.set('cursor', cursor);
  return `${address.pathname}${address.search}`;
}

/** What a query asks for, without where its page begins: the text that a cursor is bound to. */
export function queryText(route: string, query: Readonly<Record<string, unknown>>): string {
  const parts = Object.entries(query)
    .filter(([name, value]) => name !== 'cursor' && name !== 'limit' && value !== undefined)
    .map(([name, value]) => `${name}=${JSON.stringify(value)}`);
  return `${route}?${parts.toSorted().join('&')}`;
}

export interface PageRequest<T> {
  readonly route: string;
  readonly query: { readonly limit: number; readonly cursor?: string | undefined } & Readonly<
    Record<string, unknown>
  >;
  /** Unique per item; the items come in its order. */
  readonly keyOf: (item: T) => PageKey;
  readonly keyShape: z.ZodType<PageKey>;
  /** Negative when `a` comes first. */
  readonly compare?: (a: PageKey, b: PageKey) => number;
}

/** One page out of items that are at hand in order. An item that appears between two pages is not given twice. */
export function paginate<T>(
  items: Iterable<T>,
  request: PageRequest<T>,
): { items: T[]; next: string | null } {
  const text = queryText(request.route, request.query);
  const { cursor, limit } = request.query;
  const after = cursor === undefined ? undefined : decodeCursor(cursor, text, request.keyShape);
  const compare = request.compare ?? compareKeys;
  const page: T[] = [];
  for (const item of items) {
    if (after !== undefined && compare(request.keyOf(item), after) <= 0) continue;
    if (page.length === limit) return { items: page, next: encodeCursor(text, request.keyOf(page.at(-1)!)) };
    page.push(item);
  }
  return { items: page, next: null };
}

/** Ascending, part by part; texts by code unit, as the registry and the store sort. */
export function compareKeys(a: PageKey, b: PageKey): number {
  for (let i = 0; i < a.length; i++) {
    const x = a[i]!;
    const y = b[i]!;
    if (x === y) continue;
    return x < y ? -1 : 1;
  }
  return 0;
}

/** FNV-1a of the query: a cursor that strayed is noticed; it guards nothing, since every page is authorised anew. */
function fingerprint(text: string): string {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return (hash >>> 0).toString(36);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
