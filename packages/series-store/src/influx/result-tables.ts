import { indicatorSchema, type Indicator, type Rollup } from '@songma/domain';
import type { IndicatorQuery, Results, RollupQuery } from '../port.ts';
import type { InfluxConnection } from './connection.ts';
import { select, text } from './influxql.ts';
import { queryAll } from './line-pages.ts';
import { fieldOf, keyText, measurement, measurementText, readField, stringText } from './names.ts';
import { parseRollup, rollupText } from './rollup-text.ts';
import { writeOwnLines } from './write-lines.ts';

/** From so many meters on, all fields of a line are read. */
const allMetersFrom = 40;

/**
 * Keeps rollups and indicators; later ones replace those of the same key.
 *
 * A rollup is one text in the field of its meter: a number each in a field of its own cost four times as much to
 * write, and a number that became null could not be taken back.
 * @throws UnavailableError
 */
export async function keepResults(connection: InfluxConnection, results: Results): Promise<void> {
  await writeOwnLines(connection, [
    ...rollupLines(results.rollups),
    ...results.indicators.map(indicatorLine),
  ]);
}

/** @see SeriesStore.rollups */
export async function readRollups(
  connection: InfluxConnection,
  { ranges, window }: RollupQuery,
): Promise<Rollup[]> {
  const tables = await queryAll(
    connection,
    ranges.map(({ site, meters, from, to }) => {
      const fields =
        meters === undefined || meters.length >= allMetersFrom
          ? 'all'
          : meters.map((meter) => fieldOf(meter));
      return select({ fields, from: measurement.rollups(window, site), since: from, until: to });
    }),
  );
  return ranges.flatMap(({ site, meters }, index) => {
    const { columns = [], rows = [] } = tables[index] ?? {};
    const columnOf = new Map(
      columns.flatMap((field, column) => {
        const meter = readField(field)?.id;
        return meter === undefined ? [] : [[meter, column] as const];
      }),
    );
    return (meters ?? [...columnOf.keys()].toSorted()).flatMap((meter) => {
      const column = columnOf.get(meter);
      if (column === undefined) return [];
      return rows.flatMap((row) => {
        const content = row[column];
        const key = { site, meter, window, start: row[0] as number };
        return typeof content === 'string' ? [parseRollup(key, content)] : [];
      });
    });
  });
}

/** @see SeriesStore.indicators */
export async function readIndicators(
  connection: InfluxConnection,
  { enterprises, sites, names, window, from, to }: IndicatorQuery,
): Promise<Indicator[]> {
  if (enterprises?.length === 0 || sites?.length === 0 || names?.length === 0) return [];
  const tables = await connection.query([
    select({
      fields: ['json'],
      from: measurement.indicators(window),
      since: from,
      until: to,
      // A point of a whole enterprise has no tag `site`, and for InfluxQL that is the same as an empty one.
      where: [anyOf('enterprise', enterprises), anyOf('site', sites ?? ['']), anyOf('name', names)].filter(
        (condition) => condition !== '',
      ),
    }),
  ]);
  return tables
    .flatMap(({ rows }) => rows.map((row) => indicatorSchema.parse(JSON.parse(row[1] as string))))
    .toSorted(
      (a, b) =>
        compare(a.enterprise, b.enterprise) ||
        compare(a.site ?? '', b.site ?? '') ||
        compare(a.name, b.name) ||
        a.start - b.start,
    );
}

function rollupLines(rollups: readonly Rollup[]): string[] {
  const lines = new Map<string, Map<string, string>>();
  for (const rollup of rollups) {
    const key = `${measurementText(measurement.rollups(rollup.window, rollup.site))} ${rollup.start}`;
    const fields = lines.get(key) ?? new Map<string, string>();
    lines.set(key, fields);
    fields.set(keyText(fieldOf(rollup.meter)), stringText(rollupText(rollup)));
  }
  return [...lines].map(([key, fields]) => {
    const [name = '', start = ''] = key.split(' ');
    return `${name} ${[...fields].map(([field, content]) => `${field}=${content}`).join(',')} ${start}`;
  });
}

function indicatorLine(indicator: Indicator): string {
  const { enterprise, site, name, window, start } = indicator;
  const ofSite = site === undefined ? '' : `,site=${keyText(site)}`;
  const tags = `enterprise=${keyText(enterprise)},name=${keyText(name)}${ofSite}`;
  const content = stringText(JSON.stringify(indicator));
  return `${measurementText(measurement.indicators(window))},${tags} json=${content} ${start}`;
}

function anyOf(tag: string, values: readonly string[] | undefined): string {
  if (values === undefined) return '';
  return `(${values.map((value) => `"${tag}" = ${text(value)}`).join(' OR ')})`;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
