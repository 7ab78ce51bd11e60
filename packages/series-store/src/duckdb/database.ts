import { join, resolve } from 'node:path';
import { DuckDBInstance, type DuckDBConnection } from '@duckdb/node-api';
import { ConfigError, UnavailableError, makePrivateDirectory, type Logger } from '@songma/runtime';
import { migrate, resumeMigration } from './migration.ts';
import { schema, schemaVersion } from './schema.ts';

export interface DuckdbConfig {
  /** Holds the database, its log and its temporary files; nothing else may write there. */
  readonly directory: string;
  readonly memoryMiBMax: number;
  readonly threads: number;
}

export const databaseName = 'series.duckdb';

/**
 * Log size at which DuckDB folds it into the file, within a commit: larger means rarer but longer pauses (40 ms at
 * 32 MB here, 400 to 800 ms at 128 MB), more memory and a longer replay.
 */
const checkpointThreshold = '32MB';

/** Databases that this process has open. The file lock does not tell two stores of one process apart. */
const openHere = new Set<string>();

/** The open file and the connections to it. */
export class Database {
  readonly path: string;
  private readonly instance: DuckDBInstance;
  private readonly connections = new Set<DuckDBConnection>();

  private constructor(path: string, instance: DuckDBInstance) {
    this.path = path;
    this.instance = instance;
  }

  /**
   * Creates the file when there is none, and copies one of an earlier layout into this build's.
   * @throws ConfigError when the file is in use, damaged, of a version that is not known here or not accessible
   */
  static async open(config: DuckdbConfig, logger: Logger): Promise<Database> {
    const directory = resolve(config.directory);
    const path = join(directory, databaseName);
    if (openHere.has(path)) throw inUse(directory, 'this process');
    openHere.add(path);
    try {
      makePrivateDirectory(directory, logger);
      await resumeMigration(path);
      const create = () =>
        DuckDBInstance.create(path, {
          memory_limit: `${config.memoryMiBMax}MiB`,
          threads: String(config.threads),
          temp_directory: join(directory, 'tmp'),
          checkpoint_threshold: checkpointThreshold,
          // Gives memory back when nothing runs: 160 MiB less after a large read.
          allocator_background_threads: 'true',
          autoinstall_known_extensions: 'false',
          autoload_known_extensions: 'false',
        });
      let instance = await create();
      const version = await versionOf(instance);
      if (version !== undefined && version < schemaVersion) {
        if (await migrate(instance, { path, version, logger })) instance = await create();
      }
      const database = new Database(path, instance);
      try {
        await database.prepare();
      } catch (error) {
        database.closeInstance();
        throw error;
      }
      return database;
    } catch (error) {
      openHere.delete(path);
      throw openingError(directory, path, error);
    }
  }

  async connect(): Promise<DuckDBConnection> {
    const connection = await this.instance.connect();
    this.connections.add(connection);
    return connection;
  }

  disconnect(connection: DuckDBConnection): void {
    if (this.connections.delete(connection)) connection.disconnectSync();
  }

  close(): void {
    this.closeInstance();
    openHere.delete(this.path);
  }

  private closeInstance(): void {
    for (const connection of this.connections) this.disconnect(connection);
    this.instance.closeSync();
  }

  private async prepare(): Promise<void> {
    const version = await versionOf(this.instance);
    const connection = await this.connect();
    if (version === undefined) {
      await connection.run(`BEGIN; ${schema} COMMIT; CHECKPOINT;`);
    } else if (version !== schemaVersion) {
      throw new ConfigError([
        {
          setting: 'SONGMA_DATA',
          problem: `${this.path} was written by another version (its tables are of version ${String(version)}, this one needs ${schemaVersion})`,
          remedy: 'Run the version that wrote it, or move the file aside and rebuild it from the log.',
        },
      ]);
    }
    this.disconnect(connection);
  }
}

/** Of the layout of a file's tables; undefined when it has none yet. */
async function versionOf(instance: DuckDBInstance): Promise<number | undefined> {
  const connection = await instance.connect();
  try {
    const tables = await connection.runAndReadAll(
      "SELECT count(*)::INTEGER FROM duckdb_tables() WHERE table_name = 'meta'",
    );
    if (tables.getRows()[0]![0] === 0) return undefined;
    const version = (await connection.runAndReadAll('SELECT version FROM meta')).getRows()[0]?.[0];
    return typeof version === 'number' ? version : Number.NaN;
  } finally {
    connection.disconnectSync();
  }
}

/**
 * Texts of errors that a full or lost disk, too little memory or an interruption give. DuckDB's errors carry no code,
 * only the kind at the start of their text, and sometimes that is lost on the way.
 */
const outage =
  /\b(IO|Out of Memory|TransactionContext|FATAL|INTERRUPT) Error\b|No space left on device|Could not (write|read|sync)/;

/** Translates what DuckDB rejects with: outages become `UnavailableError`, anything else is a bug and stays. */
export function storeError(error: unknown): unknown {
  if (!(error instanceof Error) || error instanceof UnavailableError) return error;
  if (!outage.test(error.message)) return error;
  return new UnavailableError('series_store_unavailable', `DuckDB: ${error.message}`, { cause: error });
}

function openingError(directory: string, path: string, error: unknown): unknown {
  if (error instanceof ConfigError || !(error instanceof Error)) return error;
  const { message } = error;
  if (message.includes('Could not set lock')) {
    const holder = /held in (.+?) \(PID (\d+)\)/.exec(message);
    return inUse(
      directory,
      holder === null ? 'another process' : `process ${holder[2]} (${holder[1]})`,
      error,
    );
  }
  const problem =
    /Permission denied|Read-only file system|EACCES|EROFS|ENOTDIR|EEXIST|ENOSPC|No space left/.test(message)
      ? {
          setting: 'SONGMA_DATA',
          problem: `the series store in ${directory} cannot be opened: ${message}`,
          remedy: 'Set SONGMA_DATA to a directory on a disk with room that this user may write to.',
        }
      : {
          setting: 'SONGMA_DATA',
          problem: `the series store's file ${path} is damaged: ${message}`,
          remedy:
            'Nothing is lost that the log still has: start once with `pnpm start --rebuild`, which keeps the file under another name and fills a new one from the log.',
        };
  return new ConfigError([problem], { cause: error });
}

function inUse(directory: string, holder: string, cause?: unknown): ConfigError {
  return new ConfigError(
    [
      {
        setting: 'SONGMA_DATA',
        problem: `the series store in ${directory} is open in ${holder}`,
        remedy: 'Stop that process, or set SONGMA_DATA to another directory.',
      },
    ],
    { cause },
  );
}
