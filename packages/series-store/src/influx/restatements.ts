import type { IndicatorEvent, IndicatorWindow } from '@songma/domain';
import type { IndicatorKey, RestatementQuery } from '../port.ts';
import type { Cell, InfluxConnection } from './connection.ts';
import { anyOf, select } from './influxql.ts';
import { queryAll } from './line-pages.ts';
import { measurement } from './names.ts';
import { eventsIn, productTag, publicationStatement } from './publications.ts';

/** Where a publication that was not the first is found. */
interface Place extends IndicatorKey {
  readonly publishedAt: number;
  readonly revision: number;
}

const fields = ['start', 'revision', 'enterprise', 'site', 'product', 'name', 'window'];

/**
 * Goes back in time until the page is full, by whole milliseconds: what was published in one has no order of its own.
 * @see SeriesStore.restatements
 */
export async function readRestatements(
  connection: InfluxConnection,
  query: RestatementQuery,
): Promise<IndicatorEvent[]> {
  const { from, after, limit, sites, products } = query;
  // A tag that is not there is an empty one, which an empty list would find.
  if (sites?.length === 0 || products?.length === 0) return [];
  const found: IndicatorEvent[] = [];
  let until = Math.min(query.to, after === undefined ? Infinity : after.publishedAt + 1);
  while (found.length < limit && until > from) {
    const places = await placesOf(connection, query, from, until, limit);
    const oldest = places.length < limit ? undefined : places.at(-1)!.publishedAt;
    const whole =
      oldest === undefined
        ? places
        : [
            ...places.filter(({ publishedAt }) => publishedAt > oldest),
            ...(await placesOf(connection, query, oldest, oldest + 1)),
          ];
    const events = await publicationsAt(connection, whole);
    found.push(...events.filter((event) => after === undefined || order(event.after, after) > 0));
    if (oldest === undefined) break;
    until = oldest;
  }
  return found.toSorted((a, b) => order(a.after, b.after)).slice(0, limit);
}

async function placesOf(
  connection: InfluxConnection,
  query: RestatementQuery,
  since: number,
  until: number,
  limit?: number,
): Promise<Place[]> {
  const tables = await connection.query([
    select({
      fields,
      from: measurement.republished,
      since,
      until,
      where: [
        ...anyOf('enterprise', query.enterprises),
        ...anyOf('site', query.sites),
        ...anyOf('product', query.products?.map(productTag)),
        ...anyOf('name', query.names),
        ...anyOf('window', query.windows),
        ...anyOf('cause', query.causes),
        ...(query.filling ? [] : ['"restates" = true']),
      ],
      latestFirst: true,
      ...(limit === undefined ? {} : { limit }),
    }),
  ]);
  return tables.flatMap(({ rows }) => rows.map(placeOf));
}

function placeOf([
  publishedAt,
  start,
  revision,
  enterprise,
  site,
  product,
  name,
  window,
]: readonly Cell[]): Place {
  return {
    publishedAt: publishedAt as number,
    start: start as number,
    revision: revision as number,
    enterprise: enterprise as string,
    ...(typeof site === 'string' && site !== '' ? { site } : {}),
    ...(typeof product === 'string' && product !== '' ? { product: decodeURIComponent(product) } : {}),
    name: name as string,
    window: window as IndicatorWindow,
  };
}

/** A place leads nowhere when its revision was published once more since: that one has a place of its own. */
async function publicationsAt(
  connection: InfluxConnection,
  places: readonly Place[],
): Promise<IndicatorEvent[]> {
  const statements = places.map((place) => publicationStatement(place, place.revision));
  const tables = await queryAll(connection, statements);
  return places.flatMap(({ publishedAt, revision }, index) =>
    eventsIn(tables[index]).filter(
      ({ after }) => after.revision === revision && after.publishedAt === publishedAt,
    ),
  );
}

/** Negative when `a` comes first: the one that was published later, then the lesser id. */
function order(a: { publishedAt: number; id: string }, b: { publishedAt: number; id: string }): number {
  return b.publishedAt - a.publishedAt || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0);
}
