import {
  indicatorEventSchema,
  indicatorSchema,
  isRestatement,
  type Indicator,
  type IndicatorEvent,
} from '@songma/domain';
import type { HistoryQuery, IndicatorKey, IndicatorQuery } from '../port.ts';
import type { InfluxConnection, Table } from './connection.ts';
import { anyOf, select } from './influxql.ts';
import { keyText, measurement, measurementText, stringText } from './names.ts';
import { writeOwnLines } from './write-lines.ts';

/**
 * A publication lies at the start of its window plus its revision in milliseconds, so that it has a point of its own
 * and the same revision again takes its place. No two windows of an indicator begin nearer to each other than this.
 */
const revisionsMax = 1_800_000;

/**
 * When a publication was made says this index, in nanoseconds: windows published together differ in the last six
 * digits.
 */
const slots = 1_000_000n;

/** Keeps every publication, and where to find those that were not the first by the time at which they were made. */
export async function keepPublications(
  connection: InfluxConnection,
  events: readonly IndicatorEvent[],
): Promise<void> {
  const lines = events.flatMap((event) => [
    publicationLine(event),
    ...(event.after.revision > 1 ? [republishedLine(event)] : []),
  ]);
  await writeOwnLines(connection, lines, 'ns');
}

/** The line of what stands of an indicator. */
export function standingLine(indicator: Indicator): string {
  const { window, start } = indicator;
  const content = stringText(JSON.stringify(indicator));
  return `${measurementText(measurement.indicators(window))},${tagsOf(indicator)} json=${content} ${start}`;
}

function publicationLine(event: IndicatorEvent): string {
  const { after, cause, restates } = event;
  const content = stringText(JSON.stringify({ after, cause, restates }));
  const time = BigInt(timeOf(after)) * slots;
  return `${measurementText(measurement.publications(after.window))},${tagsOf(after)} json=${content} ${time}`;
}

function republishedLine(event: IndicatorEvent): string {
  const { window, start, revision, publishedAt } = event.after;
  const slot = BigInt(Math.floor(start / revisionsMax)) % slots;
  const fields = [
    `start=${start}i`,
    `revision=${revision}i`,
    `cause=${stringText(event.cause)}`,
    `restates=${isRestatement(event)}`,
  ];
  const time = BigInt(publishedAt) * slots + slot;
  return `${measurement.republished},${tagsOf(event.after)},window=${window} ${fields.join(',')} ${time}`;
}

/**
 * One of a whole enterprise has no tag `site`, one of no product none `product`: for InfluxQL the same as an empty one.
 */
function tagsOf({ enterprise, site, product, name }: Indicator): string {
  const ofProduct = product === undefined ? '' : `,product=${productTag(product)}`;
  const ofSite = site === undefined ? '' : `,site=${keyText(site)}`;
  return `enterprise=${keyText(enterprise)},name=${keyText(name)}${ofProduct}${ofSite}`;
}

/** Products are words of people; line protocol has no spelling for a backslash at the end of a tag. */
export function productTag(product: string): string {
  return encodeURIComponent(product);
}

/** Milliseconds at which a publication lies. @throws Error when there are more revisions than can lie apart */
function timeOf({ id, start, revision }: Pick<Indicator, 'id' | 'start' | 'revision'>): number {
  if (revision >= revisionsMax) throw new Error(`indicator ${id} has more than ${revisionsMax} revisions`);
  return start + revision;
}

/** @see SeriesStore.indicators */
export async function readIndicators(
  connection: InfluxConnection,
  query: IndicatorQuery,
): Promise<Indicator[]> {
  const { sites = [''], products = [''], window, from, to, asOf = Infinity } = query;
  if (sites.length === 0 || products.length === 0) return [];
  const where = [
    ...anyOf('enterprise', query.enterprises),
    ...anyOf('site', sites),
    ...anyOf('product', products === 'all' ? undefined : products.map(productTag)),
    ...anyOf('name', query.names),
  ];
  const tables = await connection.query([
    select({ fields: ['json'], from: measurement.indicators(window), since: from, until: to, where }),
  ]);
  const standing = tables.flatMap((table) => bodiesOf(table, (body) => indicatorSchema.parse(body)));
  const found = standing.filter(({ publishedAt }) => publishedAt <= asOf);
  if (found.length < standing.length) {
    const later = standing.filter(({ publishedAt }) => publishedAt > asOf);
    found.push(...(await publishedBy(connection, later, where, asOf)));
  }
  return found.toSorted(
    (a, b) =>
      compare(a.enterprise, b.enterprise) ||
      compare(a.site ?? '', b.site ?? '') ||
      compare(a.product ?? '', b.product ?? '') ||
      compare(a.name, b.name) ||
      a.start - b.start,
  );
}

/** What stood at `asOf` of indicators of one window that were published since. */
async function publishedBy(
  connection: InfluxConnection,
  indicators: readonly Indicator[],
  where: readonly string[],
  asOf: number,
): Promise<Indicator[]> {
  const starts = indicators.map(({ start }) => start);
  const tables = await connection.query([
    select({
      fields: ['json'],
      from: measurement.publications(indicators[0]!.window),
      since: Math.min(...starts),
      until: Math.max(...starts) + revisionsMax,
      where,
    }),
  ]);
  const wanted = new Set(indicators.map(({ id }) => id));
  const found = new Map<string, Indicator>();
  for (const { after } of tables.flatMap(keptIn)) {
    if (!wanted.has(after.id) || after.publishedAt > asOf) continue;
    if (after.revision > (found.get(after.id)?.revision ?? 0)) found.set(after.id, after);
  }
  return [...found.values()];
}

/** @see SeriesStore.history */
export async function readHistory(
  connection: InfluxConnection,
  { of, afterRevision, limit }: HistoryQuery,
): Promise<IndicatorEvent[]> {
  // With the revision before the first, which that one replaced.
  const span = { since: of.start + afterRevision, until: of.start + revisionsMax };
  const tables = await connection.query([select({ ...publicationsOf(of), ...span, limit: limit + 1 })]);
  return tables
    .flatMap(eventsIn)
    .filter(({ after }) => after.revision > afterRevision)
    .slice(0, limit);
}

/** The statement that reads the publication of a revision, and the one before it. */
export function publicationStatement(of: IndicatorKey, revision: number): string {
  const time = of.start + revision;
  return select({ ...publicationsOf(of), since: time - 1, until: time + 1 });
}

function publicationsOf({ enterprise, site = '', product = '', name, window }: IndicatorKey) {
  const where = Object.entries({ enterprise, site, product: productTag(product), name }).flatMap(
    ([tag, value]) => anyOf(tag, [value]),
  );
  return { fields: ['json'], from: measurement.publications(window), where };
}

/**
 * Publications of one indicator in ascending revision, each with the one that it replaced as far as that is among them.
 */
export function eventsIn(table: Table | undefined): IndicatorEvent[] {
  const kept = keptIn(table);
  return kept.map(({ after, ...rest }, index) => {
    const last = kept[index - 1]?.after;
    const before = last?.revision === after.revision - 1 ? last : null;
    return { id: after.id, before, after, ...rest };
  });
}

const keptSchema = indicatorEventSchema.pick({ after: true, cause: true, restates: true });

function keptIn(table: Table | undefined) {
  return bodiesOf(table, (body) => keptSchema.parse(body));
}

function bodiesOf<T>(table: Table | undefined, parse: (body: unknown) => T): T[] {
  return (table?.rows ?? []).map((row) => parse(JSON.parse(row[1] as string)));
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
