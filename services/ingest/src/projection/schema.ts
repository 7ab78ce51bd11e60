import { renameSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { makePrivateDirectory, type Logger } from '@songma/runtime';

/** Rises when the tables change: an older file is set aside and folded anew from the log. */
const version = 1;

/**
 * What the door remembers of the log: receipts with what became of their rows, quarantine, and up to where both were
 * read. All of it can be folded again, so commits need not wait for the disk.
 */
const tables = `
  CREATE TABLE positions (
    topic TEXT NOT NULL, partition INTEGER NOT NULL, next INTEGER NOT NULL, PRIMARY KEY (topic, partition)
  ) WITHOUT ROWID;
  CREATE TABLE batches (
    seq INTEGER PRIMARY KEY, batch TEXT NOT NULL, api_key TEXT NOT NULL, received_at INTEGER NOT NULL,
    known_us INTEGER NOT NULL, receipt TEXT, fates TEXT NOT NULL, UNIQUE (batch, api_key)
  );
  CREATE TABLE quarantine (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, batch TEXT NOT NULL, api_key TEXT NOT NULL,
    enterprise TEXT, site TEXT, received_at INTEGER NOT NULL, entry TEXT NOT NULL,
    replayed_at INTEGER, replayed_in TEXT
  );
  CREATE INDEX quarantine_of_enterprise ON quarantine (enterprise, seq);
`;

/** Made where a file of before has none. A header is kept once a push, its rows name it by key and batch. */
const laterTables = `
  CREATE TABLE IF NOT EXISTS quarantine_contexts (
    push TEXT PRIMARY KEY, received_at INTEGER NOT NULL, context TEXT NOT NULL
  ) WITHOUT ROWID;
  CREATE INDEX IF NOT EXISTS quarantine_of_key ON quarantine (api_key, received_at);
`;

/** Batch ids lie all over their index: what of it is in memory is not read again, and written once for many of them. */
const cacheKib = 32 * 1024;
const checkpointPages = 8_000;

/** Opens the file in the folder, made if it is not there. One that cannot be read is renamed aside, never deleted. */
export function openDatabase(folder: string, logger: Logger, now: () => number): DatabaseSync {
  makePrivateDirectory(folder, logger);
  const path = join(folder, 'receipts.sqlite');
  try {
    const database = tryOpen(path);
    if (database !== undefined) return database;
    logger.warn({ path }, 'the receipts are of another version: they are folded anew from the log');
  } catch (error) {
    if ((error as { code?: string }).code !== 'ERR_SQLITE_ERROR') throw error;
    logger.error({ err: error, path }, 'the receipts cannot be read: they are folded anew from the log');
  }
  for (const suffix of ['', '-wal', '-shm'])
    setAside(`${path}${suffix}`, `${path}${suffix}.damaged-${now()}`);
  const database = tryOpen(path);
  if (database === undefined) throw new Error(`${path}: a new file is not empty`);
  return database;
}

/** @returns undefined when the file is of another version */
function tryOpen(path: string): DatabaseSync | undefined {
  const database = new DatabaseSync(path);
  try {
    database.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA busy_timeout = 2000;
      PRAGMA cache_size = -${cacheKib}; PRAGMA wal_autocheckpoint = ${checkpointPages}`);
    const found = Number(database.prepare('PRAGMA user_version').get()?.['user_version']);
    if (found === 0) database.exec(`BEGIN; ${tables} PRAGMA user_version = ${version}; COMMIT`);
    else if (found !== version) {
      database.close();
      return undefined;
    }
    database.exec(laterTables);
    database.prepare('SELECT count(*) FROM positions').get();
    return database;
  } catch (error) {
    if (database.isOpen) database.close();
    throw error;
  }
}

function setAside(path: string, aside: string): void {
  try {
    renameSync(path, aside);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}
