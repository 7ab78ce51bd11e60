import { closeSync, existsSync, fsyncSync, linkSync, mkdirSync, openSync, rmSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { FileProblemError } from './file-problem.ts';
import type { OpenOptions } from './requests.ts';

/** Marks a file as an event log of ours ("SGML"), and says in which layout. */
const applicationId = 0x53_47_4d_4c;
const layoutVersion = 2;

/** Large pages: records of 10 to 20 kB are stored in one or two, a third faster than in pages of 4 kB. */
const pageBytes = 16 * 1024;
const cacheKib = 8 * 1024;
/** How long to wait for a process that is about to end. */
const lockWaitMs = 1_000;
/** A file up to this size is checked whole when it is opened (0.1 s); of a larger one the edges of each table. */
const checkedWholeBytesMax = 128 * 1024 * 1024;

/**
 * Opens the log file for this process alone, makes it when it is not there, and checks it.
 * @throws FileProblemError or an error of SQLite or the file system, see `fileProblemOf`
 */
export function openFile({ file, topics, fileBytesMax }: OpenOptions): DatabaseSync {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  if (existsSync(file)) {
    // A fresh log is linked into place when it is complete, so an empty file has been cut off by something else.
    if (statSync(file).size === 0) throw new FileProblemError('damaged', 'the file is empty');
  } else {
    if (existsSync(`${file}-wal`)) {
      throw new FileProblemError('damaged', 'the file is gone although its write-ahead log is there');
    }
    create(file);
  }
  const database = new DatabaseSync(file, { timeout: lockWaitMs });
  try {
    // Held until the process ends, however it ends; it also spares the shared-memory file.
    database.exec('PRAGMA locking_mode = EXCLUSIVE');
    checkKind(database);
    database.exec('PRAGMA journal_mode = WAL');
    // FULL syncs the write-ahead log at each commit; NORMAL would not.
    database.exec('PRAGMA synchronous = FULL');
    // Checkpoints are made by hand, in small steps.
    database.exec('PRAGMA wal_autocheckpoint = 0');
    database.exec(`PRAGMA cache_size = -${cacheKib}`);
    if (fileBytesMax !== undefined) {
      database.exec(`PRAGMA max_page_count = ${Math.floor(fileBytesMax / pageBytes)}`);
    }
    makeTables(database, topics);
    check(database, file, topics);
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

/** Made under another name and linked into place: there is never a log file that is half made. */
function create(file: string): void {
  const unfinished = `${file}.${process.pid}.new`;
  rmSync(unfinished, { force: true });
  const database = new DatabaseSync(unfinished);
  database.exec(`
    PRAGMA page_size = ${pageBytes};
    PRAGMA application_id = ${applicationId};
    PRAGMA user_version = ${layoutVersion};
    CREATE TABLE positions (
      reader TEXT NOT NULL, topic TEXT NOT NULL, next INTEGER NOT NULL, PRIMARY KEY (reader, topic)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE probe (value BLOB NOT NULL) STRICT;
  `);
  database.close();
  try {
    linkSync(unfinished, file);
  } catch (error) {
    // Another process was quicker; which of the two may use the file is decided by its lock.
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    rmSync(unfinished, { force: true });
  }
  const directory = openSync(dirname(file), 'r');
  fsyncSync(directory);
  closeSync(directory);
}

function checkKind(database: DatabaseSync): void {
  const id = pragma(database, 'application_id');
  const layout = pragma(database, 'user_version');
  if (id !== applicationId) throw new FileProblemError('foreign', 'it is not an event log');
  if (layout !== layoutVersion) {
    throw new FileProblemError('foreign', `its layout is ${layout}, this version knows ${layoutVersion}`);
  }
}

function makeTables(database: DatabaseSync, topics: readonly string[]): void {
  for (const topic of topics) {
    database.exec(`
      CREATE TABLE IF NOT EXISTS "${topic}" (
        offset INTEGER PRIMARY KEY, at INTEGER NOT NULL, key TEXT NOT NULL, headers TEXT NOT NULL,
        encoding INTEGER NOT NULL, value BLOB NOT NULL
      ) STRICT
    `);
  }
}

/**
 * Finds a file that was cut off or overwritten: its length against its header, and its trees. What this does not
 * see, changed bytes inside a value, a reader sees when it parses the value.
 */
function check(database: DatabaseSync, file: string, topics: readonly string[]): void {
  database.exec('PRAGMA wal_checkpoint(TRUNCATE)');
  const bytes = statSync(file).size;
  const bytesExpected = pragma(database, 'page_count') * pragma(database, 'page_size');
  if (bytes < bytesExpected) {
    throw new FileProblemError('damaged', `the file has ${bytes} bytes and should have ${bytesExpected}`);
  }
  if (bytes <= checkedWholeBytesMax) {
    quickCheck(database, 'PRAGMA quick_check(1)');
    return;
  }
  quickCheck(database, 'PRAGMA quick_check(positions)');
  for (const topic of topics) {
    database.prepare(`SELECT * FROM "${topic}" ORDER BY offset LIMIT 1`).get();
    database.prepare(`SELECT * FROM "${topic}" ORDER BY offset DESC LIMIT 1`).get();
  }
}

function quickCheck(database: DatabaseSync, sql: string): void {
  const finding = Object.values(database.prepare(sql).get() ?? {})[0];
  if (finding !== 'ok') throw new FileProblemError('damaged', String(finding));
}

function pragma(database: DatabaseSync, name: string): number {
  return Number(Object.values(database.prepare(`PRAGMA ${name}`).get() ?? {})[0]);
}
