import { currentLanguage } from '../state/language.ts';
import { heldKey } from '../state/held-key.ts';
import type { AnswerOf, GetPath, ItemOf, ListPath, QueryOf } from './types.ts';

/** The server wants to know who asks, or does not take the key that it was given. */
export class SignInNeeded extends Error {}

/** The server refused, in words of its own. */
export class Refused extends Error {
  readonly status: number;
  readonly code: string;
  /** Places that the server named. */
  readonly places: readonly { readonly path: string; readonly problem: string }[];
  /** Rows of a push that were refused, with the reasons. */
  readonly rows: readonly { readonly row: number; readonly reason: string }[];

  constructor(status: number, problem: Problem) {
    super(problem.detail ?? problem.title ?? `HTTP ${status}`);
    this.status = status;
    this.code = problem.code ?? '';
    this.places = problem.errors ?? [];
    this.rows = problem.refused ?? [];
  }
}

interface Problem {
  readonly title?: string;
  readonly detail?: string;
  readonly code?: string;
  readonly errors?: readonly { readonly path: string; readonly problem: string }[];
  readonly refused?: readonly { readonly row: number; readonly reason: string }[];
}

export interface Asking {
  /** Parts of the address, by name. */
  readonly params?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal | undefined;
}

const pageItemsMax = 1000;
/** So many items of a collection are taken into the page; a screen that may have more asks in narrower words. */
const itemsMaxDefault = 5000;

/** A request of this page to its own origin. @throws SignInNeeded, Refused, TypeError when there is no answer */
export async function request(address: string, init: RequestInit = {}): Promise<Response> {
  const headers = new Headers(init.headers);
  if (!headers.has('accept')) headers.set('accept', 'application/json');
  headers.set('accept-language', currentLanguage());
  const key = heldKey.value;
  if (key !== undefined) headers.set('authorization', `Bearer ${key}`);
  const response = await fetch(address, { ...init, headers, credentials: 'same-origin' });
  if (response.ok || response.status === 304) return response;
  const problem = (await response.json().catch(() => ({}))) as Problem;
  if (response.status === 401 || problem.code === 'host_refused')
    throw new SignInNeeded(problem.detail ?? '');
  throw new Refused(response.status, problem);
}

/** The answer to a GET, as the description of the api has it. */
export async function get<P extends GetPath>(
  path: P,
  query: QueryOf<P>,
  { params, signal }: Asking = {},
): Promise<AnswerOf<P>> {
  const response = await request(addressOf(path, query, params), signal === undefined ? {} : { signal });
  return (await response.json()) as AnswerOf<P>;
}

/** Every item of a collection, page by page, up to `itemsMax`. */
export async function getAll<P extends ListPath>(
  path: P,
  query: QueryOf<P>,
  {
    params,
    signal,
    itemsMax = itemsMaxDefault,
    pageMax = pageItemsMax,
  }: Asking & { readonly itemsMax?: number; readonly pageMax?: number } = {},
): Promise<ItemOf<P>[]> {
  const items: ItemOf<P>[] = [];
  for (let cursor: string | undefined; ;) {
    const asked = { ...query, limit: Math.min(pageMax, itemsMax), cursor } as QueryOf<P>;
    const page = (await get(path, asked, { ...(params && { params }), signal })) as unknown as {
      items: ItemOf<P>[];
      next: string | null;
    };
    items.push(...page.items);
    if (page.next === null || items.length >= itemsMax) return items;
    cursor = page.next;
  }
}

/** Sends a change as JSON and gives what was answered. */
export async function send<Answer>(
  method: 'POST' | 'PUT' | 'DELETE',
  address: string,
  body?: unknown,
  headers: Readonly<Record<string, string>> = {},
): Promise<Answer> {
  const response = await request(address, {
    method,
    headers: { ...headers, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  return (text === '' ? undefined : JSON.parse(text)) as Answer;
}

/** The address of a question, with its parts and its query filled in. */
export function addressOf(
  path: string,
  query: Readonly<Record<string, unknown>> = {},
  params: Readonly<Record<string, string>> = {},
): string {
  const filled = path.replace(/\{(\w+)\}/g, (_place, name: string) => encodeURIComponent(params[name] ?? ''));
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    for (const single of Array.isArray(value) ? value : [value]) {
      if (single !== undefined && single !== null && single !== '') search.append(name, String(single));
    }
  }
  const text = search.toString();
  return text === '' ? filled : `${filled}?${text}`;
}

const revokeAfterMs = 10_000;

/** The answer as a file for the reader to keep. By script, so that a key goes with it. */
export async function download(address: string, name: string): Promise<void> {
  const response = await request(address, { headers: { accept: '*/*' } });
  keepAs(await response.blob(), name);
}

/** Hands a file to the reader. */
export function keepAs(blob: Blob, name: string): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), revokeAfterMs);
}
