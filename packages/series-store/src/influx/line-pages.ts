import type { InfluxConnection, Table } from './connection.ts';
import { select } from './influxql.ts';
import { HistoryRows, lineRows, readingAt, type LineRows } from './line-rows.ts';
import { fieldOf, lineKnownField, measurement, type FieldPart } from './names.ts';
import type { AsKnown } from './reading-columns.ts';

/** Most statements in one request. */
const statementsMax = 50;
/** From so many meters on, all fields of a line are read. */
const allMetersFrom = 10;
const parts: readonly FieldPart[] = ['value', 'flags', 'known', 'revision'];

/** Lines of a site that are wanted: at most `limit`, those nearest to where the order begins. */
export interface PageRequest {
  readonly site: string;
  /** Absent: all meters. More may be given than are asked for. */
  readonly meters?: readonly string[] | undefined;
  readonly since: number;
  /** Exclusive. */
  readonly until: number;
  readonly latestFirst?: boolean;
  readonly limit?: number;
}

/** Lines in the order asked for, and how they are to be understood. */
export interface Page {
  readonly lines: LineRows;
  readonly asKnown: AsKnown;
}

/**
 * Reads lines, as known now or (`asOfUs`) as known then. Answers are in the order of the requests. Where they are likely
 * to be empty it is asked first whether they are: that is one field to look into, and not four of every meter.
 */
export async function readPages(
  connection: InfluxConnection,
  requests: readonly PageRequest[],
  {
    asOfUs = Infinity,
    isLikelyEmpty = false,
  }: { readonly asOfUs?: number; readonly isLikelyEmpty?: boolean },
): Promise<Page[]> {
  const indices = isLikelyEmpty ? await thatHaveLines(connection, requests) : [...requests.keys()];
  const found = await queryAll(
    connection,
    indices.map((index) => statementOf(requests[index]!)),
  );
  const tables = Array.from<Table | undefined>({ length: requests.length });
  for (const [at, index] of indices.entries()) tables[index] = found[at];
  const lines = tables.map(lineRows);
  if (asOfUs === Infinity) return lines.map((page) => ({ lines: page, asKnown: { asOfUs } }));

  // Only lines that hold something later than asked for have a history to look at.
  const late = [...lines.keys()].filter((index) => isLate(lines[index]!, asOfUs));
  const histories = await queryAll(
    connection,
    late.map((index) => historyStatementOf(requests[index]!, lines[index]!)),
  );
  const historyOf = new Map(late.map((index, at) => [index, new HistoryRows(histories[at])]));
  return lines.map((page, index) => ({ lines: page, asKnown: { asOfUs, history: historyOf.get(index) } }));
}

/** Indices of the requests for which there are lines of ours: each of them says when it became known. */
async function thatHaveLines(
  connection: InfluxConnection,
  requests: readonly PageRequest[],
): Promise<number[]> {
  const firsts = await queryAll(
    connection,
    requests.map(({ site, since, until }) =>
      select({ fields: [lineKnownField], from: measurement.readings(site), since, until, limit: 1 }),
    ),
  );
  return [...requests.keys()].filter((index) => firsts[index] !== undefined);
}

/** The first table of each statement, in requests of bounded size. */
export async function queryAll(
  connection: InfluxConnection,
  statements: readonly string[],
): Promise<(Table | undefined)[]> {
  const found = Array.from<Table | undefined>({ length: statements.length });
  for (let at = 0; at < statements.length; at += statementsMax) {
    for (const table of await connection.query(statements.slice(at, at + statementsMax))) {
      found[at + table.statement] ??= table;
    }
  }
  return found;
}

function statementOf({ site, meters, ...rest }: PageRequest): string {
  const fields =
    meters === undefined || meters.length >= allMetersFrom
      ? 'all'
      : [...meters.flatMap((meter) => parts.map((part) => fieldOf(meter, part))), lineKnownField];
  return select({ fields, from: measurement.readings(site), ...rest });
}

function historyStatementOf({ site, meters }: PageRequest, { rows }: LineRows): string {
  const times = [rows[0]![0] as number, rows.at(-1)![0] as number];
  const fields =
    meters === undefined || meters.length >= allMetersFrom ? 'all' : meters.map((meter) => fieldOf(meter));
  const from = measurement.history(site);
  return select({ fields, from, since: Math.min(...times), until: Math.max(...times) + 1 });
}

function isLate(lines: LineRows, asOfUs: number): boolean {
  return lines.rows.some((row) =>
    lines.columns.some((columns) => (readingAt(lines, columns, row)?.knownUs ?? 0) > asOfUs),
  );
}
