import type { Rollup } from '@songma/domain';
import type { Results, RollupQuery } from '../port.ts';
import { keepRevisions, standingAlertLines } from './alert-lines.ts';
import type { InfluxConnection } from './connection.ts';
import { select } from './influxql.ts';
import { queryAll } from './line-pages.ts';
import { fieldOf, keyText, measurement, measurementText, readField, stringText } from './names.ts';
import { keepPublications, standingLine } from './publications.ts';
import { parseRollup, rollupText } from './rollup-text.ts';
import { writeOwnLines } from './write-lines.ts';

/** From so many meters on, all fields of a line are read. */
const allMetersFrom = 40;

/**
 * Keeps rollups, of which later ones replace those of the same key, publications and alerts. What stands goes last: where it
 * is there, so is its publication.
 *
 * A rollup is one text in the field of its meter: a number each in a field of its own cost four times as much to
 * write, and a number that became null could not be taken back.
 * @throws UnavailableError
 */
export async function keepResults(connection: InfluxConnection, results: Results): Promise<void> {
  const { rollups, indicators, alerts = [], acknowledgements = [] } = results;
  await keepPublications(connection, indicators);
  await keepRevisions(connection, alerts, acknowledgements);
  await writeOwnLines(connection, [
    ...rollupLines(rollups),
    ...indicators.map(({ after }) => standingLine(after)),
    ...standingAlertLines(alerts),
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
