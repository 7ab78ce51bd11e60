import type { DuckDBConnection } from '@duckdb/node-api';
import type { Rollup } from '@songma/domain';
import type { Results, RollupQuery } from '../port.ts';
import { AlertWriter } from './alert-tables.ts';
import { numberRelation, TableAppender, type ColumnType } from './columns.ts';
import { PublicationWriter } from './publication-tables.ts';
import { wantedBounds, wantedRelation, wantedSeries } from './reading-query.ts';
import { spanCode } from './schema.ts';
import type { SeriesIndex } from './series-index.ts';

/** Columns of `rollups` after series, span and start, with the field that each one holds. */
const rollupFields = [
  ['end_ms', 'end', 'double'],
  ['count', 'count', 'integer'],
  ['expected', 'expected', 'double'],
  ['covered_ms', 'coveredMs', 'double'],
  ['coverage', 'coverage', 'double'],
  ['sum', 'sum', 'double'],
  ['mean', 'mean', 'double'],
  ['min', 'min', 'double'],
  ['max', 'max', 'double'],
  ['calibrating', 'calibrating', 'integer'],
  ['fault', 'fault', 'integer'],
  ['out_of_range', 'outOfRange', 'integer'],
  ['spread_ms', 'spreadMs', 'double'],
  ['irregular', 'irregular', 'integer'],
  ['revision', 'revision', 'integer'],
  ['quarters', 'quarters', 'integer'],
  ['valid_span_ms', 'validSpanMs', 'double'],
  ['calibrating_ms', 'calibratingMs', 'double'],
  ['fault_ms', 'faultMs', 'double'],
  ['out_of_range_ms', 'outOfRangeMs', 'double'],
  ['below_detection', 'belowDetection', 'integer'],
  ['valid_ms', 'validMs', 'double'],
  ['rules', 'rules', 'integer'],
] as const satisfies readonly (readonly [string, keyof Rollup, ColumnType])[];

/** Replaces rollups and keeps publications within the connection's open transaction. */
export class ResultWriter {
  private readonly connection: DuckDBConnection;
  private readonly index: SeriesIndex;
  private readonly publications: PublicationWriter;
  private readonly alerts: AlertWriter;
  private readonly appenders: Readonly<Record<'series' | 'rollups', TableAppender>>;

  private constructor(
    connection: DuckDBConnection,
    index: SeriesIndex,
    views: { readonly publications: PublicationWriter; readonly alerts: AlertWriter },
    appenders: ResultWriter['appenders'],
  ) {
    this.connection = connection;
    this.index = index;
    this.publications = views.publications;
    this.alerts = views.alerts;
    this.appenders = appenders;
  }

  static async open(connection: DuckDBConnection, index: SeriesIndex): Promise<ResultWriter> {
    const publications = await PublicationWriter.open(connection);
    const alerts = await AlertWriter.open(connection);
    return new ResultWriter(
      connection,
      index,
      { publications, alerts },
      {
        series: await TableAppender.open(connection, 'series', ['integer', 'text', 'text']),
        rollups: await TableAppender.open(connection, 'rollups', [
          'integer',
          'tiny',
          'double',
          ...rollupFields.map(([, , type]) => type),
        ]),
      },
    );
  }

  close(): void {
    this.publications.close();
    this.alerts.close();
    for (const appender of Object.values(this.appenders)) appender.close();
  }

  async replace({ rollups, indicators, alerts = [], acknowledgements = [] }: Results): Promise<void> {
    if (rollups.length > 0) await this.replaceRollups(rollups);
    if (indicators.length > 0) await this.publications.keep(indicators);
    if (alerts.length > 0) await this.alerts.keep(alerts);
    if (acknowledgements.length > 0) await this.alerts.acknowledge(acknowledgements);
  }

  private async replaceRollups(given: readonly Rollup[]): Promise<void> {
    const seriesBefore = this.index.size;
    const last = new Map<string, { id: number; rollup: Rollup }>();
    for (const rollup of given) {
      const { id } = this.index.add(rollup.site, rollup.meter);
      last.set(`${id} ${rollup.window} ${rollup.start}`, { id, rollup });
    }
    const added = this.index.since(seriesBefore);
    if (added.length > 0) {
      const { site, meter } = { site: added.map((one) => one.site), meter: added.map((one) => one.meter) };
      this.appenders.series.append([Int32Array.from(added, (one) => one.id), site, meter], added.length);
    }
    // By series and time, so that what is asked for together lies together.
    const rows = [...last.values()].toSorted((a, b) => a.id - b.id || a.rollup.start - b.rollup.start);
    const series = Int32Array.from(rows, (row) => row.id);
    const spans = Uint8Array.from(rows, (row) => spanCode(row.rollup.window));
    const starts = Float64Array.from(rows, (row) => row.rollup.start);
    const keys = numberRelation(
      {
        series: { type: 'INTEGER', values: series },
        span: { type: 'INTEGER', values: spans },
        start_ms: { type: 'BIGINT', values: starts },
      },
      rows.length,
    );
    await this.connection.run(
      `DELETE FROM rollups r USING ${keys} k
       WHERE r.series = k.series AND r.span = k.span AND r.start_ms = k.start_ms`,
    );
    const fields = rollupFields.map(([, field]) =>
      rows.map((row) => row.rollup[field] ?? (field === 'rules' ? 0 : null)),
    );
    this.appenders.rollups.append([series, spans, starts, ...fields], rows.length);
  }
}

/** Rollups that start in the ranges, in ascending (range, meter, start). */
export async function readRollups(
  connection: DuckDBConnection,
  index: SeriesIndex,
  query: RollupQuery,
): Promise<Rollup[]> {
  const wanted = wantedSeries(index, query.ranges);
  if (wanted.length === 0) return [];
  const { seriesMin, seriesMax, from, to } = wantedBounds(wanted);
  const columns = rollupFields.map(([name, , type]) =>
    type === 'double' ? `r.${name}::DOUBLE` : `r.${name}`,
  );
  const result = await connection.runAndReadAll(`
    WITH wanted AS ${wantedRelation(wanted)}
    SELECT w.rank, r.start_ms::DOUBLE, ${columns.join(', ')}
    FROM rollups r JOIN wanted w ON r.series = w.series AND r.start_ms >= w.lo AND r.start_ms < w.hi
    WHERE r.span = ${spanCode(query.window)} AND r.series BETWEEN ${seriesMin} AND ${seriesMax}
      AND r.start_ms >= ${from} AND r.start_ms < ${to}
    ORDER BY w.rank, r.start_ms`);
  return result.getRows().map((row) => {
    const { site, meter } = wanted[row[0] as number]!.series;
    // Field by field, so that all of them share one shape: there are hundreds of thousands in a backlog.
    const rollup: Record<string, unknown> = { site, meter, window: query.window, start: row[1] };
    for (let i = 0; i < rollupFields.length; i++) rollup[rollupFields[i]![1]] = row[i + 2];
    return rollup as unknown as Rollup;
  });
}
