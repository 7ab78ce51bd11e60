import type { History, Version } from '../judge.ts';
import type { Cell, Table } from './connection.ts';
import { parseConfirmations, parseVersions } from './history-text.ts';
import { standingOf } from './line-text.ts';
import { confirmedField, lineKnownField, readField, type FieldPart } from './names.ts';

/** Where a table of readings has a meter's fields; -1 where it has no such column. */
type MeterColumns = { readonly meter: string } & Record<FieldPart, number>;

/** Readings of lines as InfluxDB gives them: a row per time, columns for the meters' fields. */
export interface LineRows {
  /** Meters of the columns, ascending. */
  readonly meters: readonly string[];
  readonly rows: readonly (readonly Cell[])[];
  readonly columns: readonly MeterColumns[];
  readonly knownColumn: number;
}

/** Finds the meters' columns of a table that `SELECT` gave from a readings measurement. */
export function lineRows(table: Table | undefined): LineRows {
  const found = new Map<string, { meter: string } & Record<FieldPart, number>>();
  let knownColumn = -1;
  for (const [column, field] of (table?.columns ?? []).entries()) {
    if (field === lineKnownField) knownColumn = column;
    const part = readField(field);
    if (part === undefined) continue;
    let columns = found.get(part.id);
    if (columns === undefined) {
      columns = { meter: part.id, value: -1, flags: -1, known: -1, revision: -1 };
      found.set(part.id, columns);
    }
    columns[part.part] = column;
  }
  const columns = [...found.values()].toSorted((a, b) => (a.meter < b.meter ? -1 : 1));
  return { meters: columns.map(({ meter }) => meter), rows: table?.rows ?? [], columns, knownColumn };
}

/** `knownUs` of a row's line; null when it says nothing. */
export function lineKnown({ knownColumn }: LineRows, row: readonly Cell[]): number | null {
  return numberAt(row, knownColumn);
}

/** The reading of the meter of `columns` in a row, as it stands; undefined when there is none. */
export function readingAt(
  lines: LineRows,
  columns: LineRows['columns'][number],
  row: readonly Cell[],
): Version | undefined {
  return standingOf(
    numberAt(row, columns.value),
    numberAt(row, columns.flags),
    numberAt(row, columns.known) ?? lineKnown(lines, row),
    numberAt(row, columns.revision),
  );
}

function numberAt(row: readonly Cell[], column: number): number | null {
  const cell = column < 0 ? null : row[column];
  return typeof cell === 'number' ? cell : null;
}

/** What a table of a history measurement says, by time and meter. */
export class HistoryRows {
  private readonly versions = new Map<number, Map<string, readonly Version[]>>();
  private readonly confirmed = new Map<number, Map<string, number[]>>();

  constructor(table: Table | undefined) {
    for (const row of table?.rows ?? []) {
      const time = row[0] as number;
      const versions = new Map<string, readonly Version[]>();
      for (const [column, field] of table!.columns.entries()) {
        const cell = row[column];
        if (typeof cell !== 'string') continue;
        if (field === confirmedField) this.confirmed.set(time, parseConfirmations(cell));
        const meter = readField(field)?.id;
        if (meter !== undefined) versions.set(meter, parseVersions(cell));
      }
      this.versions.set(time, versions);
    }
  }

  /** All versions of a reading; undefined when it has only the one that stands. */
  versionsOf(time: number, meter: string): readonly Version[] | undefined {
    return this.versions.get(time)?.get(meter);
  }

  /** All that is known of a reading, given the version that stands. */
  historyOf(time: number, meter: string, stands: Version): History {
    return {
      versions: this.versionsOf(time, meter) ?? [stands],
      confirmedUs: this.confirmed.get(time)?.get(meter) ?? [],
    };
  }
}
