import { rename, rm, stat } from 'node:fs/promises';
import { DuckDBInstance, type DuckDBConnection } from '@duckdb/node-api';
import type { Logger } from '@songma/runtime';
import { schema, schemaVersion } from './schema.ts';

/** Layouts of earlier builds whose files are copied into one of this build. */
const copiedVersions: readonly number[] = [5];
/** Rows of one table that are copied between two lines of progress. */
const rowsPerPortion = 5_000_000;
/** Names of the copy in DuckDB. */
const copy = 'copied';

/** Where the copy is made, and where it lies once it is complete. */
const pathsOf = (path: string) => ({ unfinished: `${path}.copying`, finished: `${path}.copied` });

/**
 * Takes up what a copying that was killed has left: a complete copy without a store takes its place, everything else of
 * it is made again from the store.
 */
export async function resumeMigration(path: string): Promise<void> {
  const { unfinished, finished } = pathsOf(path);
  await remove(unfinished);
  if (!(await exists(finished))) return;
  if (await exists(path)) await remove(finished);
  else await swapIn(finished, path);
}

/** The log that DuckDB may have left of the old file is not the new one's. */
async function swapIn(finished: string, path: string): Promise<void> {
  await rm(`${path}.wal`, { force: true });
  await rename(finished, path);
}

/**
 * Copies the store of an earlier layout into a new file beside it, which then takes its place; the old file is kept under
 * the name of its layout. Nothing is changed in the old file, so a kill at any time costs making the copy again.
 * @returns whether the file has another layout than before: it is to be opened anew
 */
export async function migrate(
  instance: DuckDBInstance,
  { path, version, logger }: { readonly path: string; readonly version: number; readonly logger: Logger },
): Promise<boolean> {
  if (!copiedVersions.includes(version)) return false;
  const { unfinished, finished } = pathsOf(path);
  const connection = await instance.connect();
  try {
    logger.info(
      { path, from: version, to: schemaVersion },
      'the series store is copied into the layout of this build',
    );
    // A file of its own: attached to the same instance it would have to be created by it.
    const created = await DuckDBInstance.create(unfinished);
    const creating = await created.connect();
    await creating.run(`BEGIN; ${schema} COMMIT; CHECKPOINT;`);
    creating.disconnectSync();
    created.closeSync();
    await connection.run(`ATTACH '${unfinished.replaceAll("'", "''")}' AS ${copy}`);
    for (const table of await tablesOf(connection)) await copyTable(connection, table, logger);
    await connection.run(`CHECKPOINT ${copy}; DETACH ${copy};`);
    // What the old file's own log has is folded into it, so that it is whole without the log.
    await connection.run('CHECKPOINT');
  } finally {
    connection.disconnectSync();
    instance.closeSync();
  }
  const kept = `${path}.version-${version}`;
  await rename(unfinished, finished);
  await rename(path, kept);
  await swapIn(finished, path);
  logger.info({ path, kept }, 'the series store is copied; the old file is not needed any more');
  return true;
}

interface TableCopy {
  readonly name: string;
  /** Of the new table, with what is put into it. */
  readonly columns: readonly { readonly name: string; readonly from: string }[];
}

/** The tables that both layouts have. A number that the old one lacks is 0, a text empty. */
async function tablesOf(connection: DuckDBConnection): Promise<TableCopy[]> {
  const result = await connection.runAndReadAll(
    `SELECT table_name, column_name, data_type, database_name = '${copy}' FROM duckdb_columns()
     WHERE schema_name = 'main' AND NOT internal ORDER BY table_name, column_index`,
  );
  const rows = result.getRows() as [string, string, string, boolean][];
  const old = new Map<string, Set<string>>();
  for (const [table, column, , isNew] of rows) {
    if (!isNew) old.set(table, (old.get(table) ?? new Set()).add(column));
  }
  const made = Map.groupBy(
    rows.filter(([table, , , isNew]) => isNew && old.has(table)),
    ([table]) => table,
  );
  return [...made].map(([name, columns]) => ({
    name,
    columns: columns.map(([, column, type]) => {
      const missing = type === 'VARCHAR' ? "''" : '0';
      return { name: column, from: old.get(name)!.has(column) ? column : missing };
    }),
  }));
}

async function copyTable(
  connection: DuckDBConnection,
  { name, columns }: TableCopy,
  logger: Logger,
): Promise<void> {
  if (name === 'meta') {
    await connection.run(`UPDATE ${copy}.meta SET marked_to = (SELECT marked_to FROM meta)`);
    return;
  }
  const bounds = await connection.runAndReadAll(`SELECT count(*)::DOUBLE, max(rowid)::DOUBLE FROM ${name}`);
  const [rows, last] = bounds.getRows()[0] as [number, number | null];
  const from = columns.map((column) => column.from).join(', ');
  if (last === null) return;
  for (let first = 0; first <= last; first += rowsPerPortion) {
    await connection.run(
      `INSERT INTO ${copy}.${name} SELECT ${from} FROM ${name}
       WHERE rowid >= ${first} AND rowid < ${first + rowsPerPortion}`,
    );
    const share = Math.min(1, (first + rowsPerPortion) / (last + 1));
    logger.info({ table: name, rows, percent: Math.round(100 * share) }, 'copying the series store');
  }
}

async function remove(path: string): Promise<void> {
  for (const file of [path, `${path}.wal`]) await rm(file, { force: true });
}

async function exists(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined)) !== undefined;
}
