import { computed, signal } from '@preact/signals';
import { screenPaths, type ScreenName } from '../../src/screen-paths.ts';

/** What the reader is at: everything that a screen shows follows from its address. */
export interface Place {
  readonly screen: ScreenName | undefined;
  readonly params: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
}

const address = signal(location.pathname + location.search);

export const place = computed<Place>(() => {
  const url = new URL(address.value, location.origin);
  for (const [screen, pattern] of Object.entries(screenPaths)) {
    const params = matched(pattern, url.pathname);
    if (params !== undefined) return { screen: screen as ScreenName, params, query: url.searchParams };
  }
  return { screen: undefined, params: {}, query: url.searchParams };
});

/** The moment as of which everything is asked; undefined is now. */
export const asOf = computed(() => {
  const text = place.value.query.get('asOf');
  return text !== null && Number.isFinite(Date.parse(text)) ? text : undefined;
});

/** The address of a screen. The time machine stays where it stands. */
export function hrefOf(
  screen: ScreenName,
  query: Readonly<Record<string, string | number | undefined>> = {},
  params: Readonly<Record<string, string>> = {},
): string {
  const path = screenPaths[screen].replace(/:(\w+)/g, (_place, name: string) =>
    encodeURIComponent(params[name] ?? ''),
  );
  const search = new URLSearchParams();
  const all: Record<string, string | number | undefined> = { asOf: asOf.value, ...query };
  for (const [name, value] of Object.entries(all)) {
    if (value !== undefined && value !== '') search.set(name, String(value));
  }
  const text = search.toString();
  return text === '' ? path : `${path}?${text}`;
}

/** Goes to an address of the page. `replace` leaves no step back: for what is chosen within a screen. */
export function go(href: string, { replace = false } = {}): void {
  if (replace) history.replaceState(null, '', href);
  else history.pushState(null, '', href);
  const before = new URL(address.value, location.origin).pathname;
  address.value = location.pathname + location.search;
  if (location.pathname !== before) scrollTo(0, 0);
}

/** Changes parts of the query of the screen that is shown; undefined and empty ones go. */
export function choose(
  changes: Readonly<Record<string, string | number | undefined>>,
  { replace = false } = {},
): void {
  const url = new URL(address.value, location.origin);
  for (const [name, value] of Object.entries(changes)) {
    if (value === undefined || value === '') url.searchParams.delete(name);
    else url.searchParams.set(name, String(value));
  }
  go(url.pathname + url.search, { replace });
}

/** Follows links within the page and the steps back and forth of the browser. */
export function startRouter(): void {
  addEventListener('popstate', () => {
    address.value = location.pathname + location.search;
  });
  document.addEventListener('click', (event) => {
    const link = (event.target as Element | null)?.closest('a');
    if (
      !link ||
      event.defaultPrevented ||
      event.button !== 0 ||
      link.target !== '' ||
      link.hasAttribute('download')
    )
      return;
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    const url = new URL(link.href);
    if (url.origin !== location.origin || !isScreen(url.pathname)) return;
    if (url.hash !== '' && url.pathname === location.pathname) return;
    event.preventDefault();
    go(url.pathname + url.search);
  });
}

function isScreen(path: string): boolean {
  return Object.values(screenPaths).some((pattern) => matched(pattern, path) !== undefined);
}

function matched(pattern: string, path: string): Record<string, string> | undefined {
  const wanted = pattern.split('/');
  const given = path.split('/');
  if (wanted.length !== given.length) return undefined;
  const params: Record<string, string> = {};
  for (const [index, part] of wanted.entries()) {
    const value = given[index]!;
    if (part.startsWith(':') && value !== '') {
      try {
        params[part.slice(1)] = decodeURIComponent(value);
      } catch {
        return undefined;
      }
    } else if (part !== value) return undefined;
  }
  return params;
}
