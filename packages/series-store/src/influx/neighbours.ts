import type { Version } from '../judge.ts';
import type { SeriesRange } from '../port.ts';
import type { InfluxConnection } from './connection.ts';
import { edge } from './influxql.ts';
import { queryAll, readPages, type Page } from './line-pages.ts';
import { fieldOf, measurement } from './names.ts';
import { versionAt } from './reading-columns.ts';

/** Lines that are looked at first; most sites send all of their meters at one time. */
const firstLines = 4;
/** Lines that are looked at for a meter where versions that came later have to be skipped. */
const linesPerPage = 256;

/** The nearest reading of a meter outside of a range. */
export interface Neighbour {
  readonly time: number;
  readonly version: Version;
}

/** Where neighbours are looked for: towards the past or the future. */
interface Direction {
  readonly which: 'LAST' | 'FIRST';
  readonly latestFirst: boolean;
}
const past: Direction = { which: 'LAST', latestFirst: true };
const future: Direction = { which: 'FIRST', latestFirst: false };

/** What is being looked for: `missing` shrinks as `found` grows. The span is `since` inclusive, `until` exclusive. */
interface Search {
  readonly connection: InfluxConnection;
  readonly site: string;
  readonly direction: Direction;
  readonly asOfUs: number;
  readonly missing: Set<string>;
  readonly found: Map<string, Neighbour>;
  since: number;
  until: number;
}

/** Last readings of `meters` before a time, not before `since`. @throws UnavailableError */
export function readingsBefore(
  connection: InfluxConnection,
  range: Pick<SeriesRange, 'site'> & { readonly since: number; readonly before: number },
  meters: Iterable<string>,
  asOfUs: number,
): Promise<Map<string, Neighbour>> {
  const span = { since: range.since, until: range.before };
  return search({ connection, site: range.site, direction: past, asOfUs, ...span }, meters);
}

/** First readings of `meters` at or after a time, before `until`. @throws UnavailableError */
export function readingsAfter(
  connection: InfluxConnection,
  range: Pick<SeriesRange, 'site'> & { readonly after: number; readonly until: number },
  meters: Iterable<string>,
  asOfUs: number,
): Promise<Map<string, Neighbour>> {
  const span = { since: range.after, until: range.until };
  return search({ connection, site: range.site, direction: future, asOfUs, ...span }, meters);
}

async function search(
  span: Omit<Search, 'missing' | 'found'>,
  meters: Iterable<string>,
): Promise<Map<string, Neighbour>> {
  const looking: Search = { ...span, missing: new Set(meters), found: new Map() };
  if (looking.missing.size === 0 || looking.since >= looking.until) return looking.found;
  const [page] = await readPages(
    looking.connection,
    [{ ...pageOf(looking), meters: [...looking.missing], limit: firstLines }],
    looking,
  );
  takeNearest(page!, looking.missing, looking.found);
  if (page!.lines.rows.length < firstLines || looking.missing.size === 0) return looking.found;
  continueAfter(looking, page!);
  await Promise.all(
    [...(await timesOf(looking))].map(async ([meter, time]) => {
      const neighbour = await searchFrom(looking, meter, time);
      if (neighbour !== undefined) looking.found.set(meter, neighbour);
    }),
  );
  return looking.found;
}

function pageOf({ site, since, until, direction }: Search) {
  return { site, since, until, latestFirst: direction.latestFirst };
}

/** Leaves what the page has shown out of the span. */
function continueAfter(span: Pick<Search, 'direction' | 'since' | 'until'>, { lines }: Page): void {
  const time = lines.rows.at(-1)![0] as number;
  if (span.direction.latestFirst) span.until = time;
  else span.since = time + 1;
}

/** Adds the first version of each meter that the page's order meets. */
export function takeNearest(page: Page, missing: Set<string>, found: Map<string, Neighbour>): void {
  for (const columns of page.lines.columns) {
    if (!missing.has(columns.meter)) continue;
    for (const row of page.lines.rows) {
      const version = versionAt(page.lines, columns, row, page.asKnown);
      if (version === undefined) continue;
      found.set(columns.meter, { time: row[0] as number, version });
      missing.delete(columns.meter);
      break;
    }
  }
}

/** When the missing meters have their nearest reading, of whatever version; those without one are absent. */
async function timesOf({ connection, site, direction, missing, since, until }: Search) {
  const meters = [...missing];
  const from = measurement.readings(site);
  const tables = await queryAll(
    connection,
    meters.flatMap((meter) =>
      (['value', 'flags'] as const).map((part) =>
        edge(direction.which, fieldOf(meter, part), { from, since, until }),
      ),
    ),
  );
  const times = new Map<string, number>();
  for (const [index, meter] of meters.entries()) {
    const found = [tables[2 * index], tables[2 * index + 1]].flatMap((table) =>
      table === undefined ? [] : [table.rows[0]![0] as number],
    );
    if (found.length > 0) {
      times.set(meter, direction.latestFirst ? Math.max(...found) : Math.min(...found));
    }
  }
  return times;
}

/** The nearest version of a meter, from a time on at which it has a reading. */
async function searchFrom(looking: Search, meter: string, time: number): Promise<Neighbour | undefined> {
  const { connection, direction, asOfUs } = looking;
  const limit = asOfUs === Infinity ? 1 : linesPerPage;
  const rest = direction.latestFirst ? { ...looking, until: time + 1 } : { ...looking, since: time };
  const found = new Map<string, Neighbour>();
  for (;;) {
    const [page] = await readPages(connection, [{ ...pageOf(rest), meters: [meter], limit }], { asOfUs });
    takeNearest(page!, new Set([meter]), found);
    if (found.size > 0 || page!.lines.rows.length < limit) return found.get(meter);
    continueAfter(rest, page!);
  }
}
