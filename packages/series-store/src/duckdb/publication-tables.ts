import { listValue, type DuckDBConnection } from '@duckdb/node-api';
import { isRestatement, type Indicator, type IndicatorEvent } from '@songma/domain';
import type { HistoryQuery, IndicatorQuery, RestatementQuery } from '../port.ts';
import { TableAppender } from './columns.ts';
import { Filter } from './filter.ts';
import { wholeTime } from './reading-query.ts';
import { spanCode } from './schema.ts';

/** Added to `restates` where the publication says it itself. */
const told = 2;

/** Keeps publications within the connection's open transaction. */
export class PublicationWriter {
  private readonly connection: DuckDBConnection;
  private readonly appenders: Readonly<Record<'indicators' | 'publications', TableAppender>>;

  private constructor(connection: DuckDBConnection, appenders: PublicationWriter['appenders']) {
    this.connection = connection;
    this.appenders = appenders;
  }

  static async open(connection: DuckDBConnection): Promise<PublicationWriter> {
    const key = ['text', 'text', 'text', 'text', 'text', 'tiny', 'double', 'integer'] as const;
    return new PublicationWriter(connection, {
      indicators: await TableAppender.open(connection, 'indicators', [...key, 'text']),
      publications: await TableAppender.open(connection, 'publications', [
        ...key,
        'double',
        'text',
        'tiny',
        'text',
      ]),
    });
  }

  close(): void {
    for (const appender of Object.values(this.appenders)) appender.close();
  }

  /** What stands is kept apart, since nearly every question is about it. At least one event. */
  async keep(events: readonly IndicatorEvent[]): Promise<void> {
    const standing = [...new Map(events.map(({ after }) => [after.id, after])).values()];
    const held = await this.takeStanding(standing);
    const rows = [...new Map(events.map((event) => [nameOf(event.after), event])).values()];
    await this.forget(rows.map(({ after }) => after).filter((after) => after.revision <= held(after.id)));
    this.appenders.publications.append(
      [
        ...keyColumns(rows.map(({ after }) => after)),
        Float64Array.from(rows, ({ after }) => after.publishedAt),
        rows.map(({ cause }) => cause),
        Uint8Array.from(
          rows,
          (event) => (isRestatement(event) ? 1 : 0) + (event.restates === undefined ? 0 : told),
        ),
        rows.map(({ after }) => JSON.stringify(after)),
      ],
      rows.length,
    );
    const bodies = standing.map((indicator) => JSON.stringify(indicator));
    this.appenders.indicators.append([...keyColumns(standing), bodies], standing.length);
  }

  /** Takes away what stands of the ids; tells the revision that an id had, 0 for none. */
  private async takeStanding(indicators: readonly Indicator[]): Promise<(id: string) => number> {
    const taken = await this.connection.runAndReadAll(
      `DELETE FROM indicators WHERE ${startsAmong(indicators)} AND id IN (SELECT unnest($1::VARCHAR[]))
       RETURNING id, revision`,
      [listValue(indicators.map(({ id }) => id))],
    );
    const revisions = new Map(taken.getRows().map(([id, revision]) => [id as string, revision as number]));
    return (id) => revisions.get(id) ?? 0;
  }

  /** Takes away publications that are made again: rare, so that the table is not searched for them each time. */
  private async forget(indicators: readonly Indicator[]): Promise<void> {
    if (indicators.length === 0) return;
    await this.connection.run(
      `DELETE FROM publications
       WHERE ${startsAmong(indicators)} AND id || '/' || revision IN (SELECT unnest($1::VARCHAR[]))`,
      [listValue(indicators.map(nameOf))],
    );
  }
}

const nameOf = ({ id, revision }: Pick<Indicator, 'id' | 'revision'>) => `${id}/${revision}`;

function keyColumns(rows: readonly Indicator[]) {
  return [
    rows.map(({ id }) => id),
    rows.map(({ enterprise }) => enterprise),
    rows.map(({ site = '' }) => site),
    rows.map(({ product = '' }) => product),
    rows.map(({ name }) => name),
    Uint8Array.from(rows, ({ window }) => spanCode(window)),
    Float64Array.from(rows, ({ start }) => start),
    Int32Array.from(rows, ({ revision }) => revision),
  ];
}

/** Lets DuckDB skip row groups by their least and greatest start. */
function startsAmong(indicators: readonly Pick<Indicator, 'start'>[]): string {
  const starts = indicators.map(({ start }) => start);
  return `start_ms BETWEEN ${Math.min(...starts)} AND ${Math.max(...starts)}`;
}

/** @see SeriesStore.indicators */
export async function readIndicators(
  connection: DuckDBConnection,
  { enterprises, sites = [''], products = [''], names, window, from, to, asOf }: IndicatorQuery,
): Promise<Indicator[]> {
  const filter = new Filter()
    .where(`span = ${spanCode(window)}`, `start_ms >= ${wholeTime(from)}`, `start_ms < ${wholeTime(to)}`)
    .among('enterprise', enterprises)
    .among('site', sites)
    .among('product', products === 'all' ? undefined : products)
    .among('name', names);
  if (asOf === undefined) {
    return readBodies(
      connection,
      `SELECT body FROM indicators ${filter.sql} ORDER BY enterprise, site, product, name, start_ms`,
      filter,
    );
  }
  filter.where(`published_ms <= ${Math.floor(asOf)}`);
  const sql = `SELECT arg_max(body, revision) FROM publications ${filter.sql}
    GROUP BY enterprise, site, product, name, start_ms ORDER BY enterprise, site, product, name, start_ms`;
  return readBodies(connection, sql, filter);
}

/** @see SeriesStore.history */
export function readHistory(
  connection: DuckDBConnection,
  { of, afterRevision, limit }: HistoryQuery,
): Promise<IndicatorEvent[]> {
  const filter = new Filter()
    .where(`span = ${spanCode(of.window)}`, `start_ms = ${of.start}`, `revision > ${afterRevision}`)
    .among('enterprise', [of.enterprise])
    .among('site', [of.site ?? ''])
    .among('product', [of.product ?? ''])
    .among('name', [of.name]);
  return readEvents(connection, `${filter.sql} ORDER BY revision LIMIT ${limit}`, filter);
}

/** @see SeriesStore.restatements */
export function readRestatements(
  connection: DuckDBConnection,
  query: RestatementQuery,
): Promise<IndicatorEvent[]> {
  const { enterprises, sites, products, names, windows, causes, from, to, filling, after, limit } = query;
  const filter = new Filter()
    .where(filling ? 'revision > 1' : `restates % ${told} = 1`)
    .where(`published_ms >= ${wholeTime(from)}`, `published_ms < ${wholeTime(to)}`)
    .among('enterprise', enterprises)
    .among('site', sites)
    .among('product', products)
    .among('name', names)
    .among('cause', causes);
  if (windows !== undefined) {
    filter.where(windows.length === 0 ? 'false' : `span IN (${windows.map(spanCode).join()})`);
  }
  if (after !== undefined) {
    const at = after.publishedAt;
    filter.where(`(published_ms < ${at} OR (published_ms = ${at} AND id > ${filter.value(after.id)}))`);
  }
  const order = 'ORDER BY published_ms DESC, id';
  // Bodies are long: they are fetched for the rows of the page only.
  const page = `SELECT rowid FROM publications ${filter.sql} ${order} LIMIT ${limit}`;
  return readEvents(connection, `WHERE rowid IN (${page}) ${order}`, filter);
}

async function readBodies(
  connection: DuckDBConnection,
  sql: string,
  { values }: Filter,
): Promise<Indicator[]> {
  const result = await connection.runAndReadAll(sql, values);
  return result.getRows().map(([body]) => JSON.parse(body as string) as Indicator);
}

/** Publications by conditions and order, with what each one replaced: the revision before it, which is kept once. */
async function readEvents(
  connection: DuckDBConnection,
  conditions: string,
  { values }: Filter,
): Promise<IndicatorEvent[]> {
  const result = await connection.runAndReadAll(
    `SELECT cause, body, restates FROM publications ${conditions}`,
    values,
  );
  const found = result.getRows().map(([cause, body, restates]) => ({
    cause: cause as IndicatorEvent['cause'],
    ...((restates as number) < told ? {} : { restates: (restates as number) > told }),
    after: JSON.parse(body as string) as Indicator,
  }));
  if (found.length === 0) return [];
  const replaced = found.map(({ after: { id, start, revision } }) => ({ id, start, revision: revision - 1 }));
  const filter = new Filter()
    .where(startsAmong(replaced))
    .among("id || '/' || revision", replaced.map(nameOf));
  const bodies = await readBodies(connection, `SELECT body FROM publications ${filter.sql}`, filter);
  const before = new Map(bodies.map((indicator) => [nameOf(indicator), indicator]));
  return found.map(({ after, ...rest }, index) => ({
    id: after.id,
    before: before.get(nameOf(replaced[index]!)) ?? null,
    after,
    ...rest,
  }));
}
