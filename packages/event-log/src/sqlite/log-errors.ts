import { readFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { ConfigError } from '@songma/runtime';
import { FileProblemError } from './file-problem.ts';

/** Holds the number of the process that has the log open; the lock itself is SQLite's and ends with the process. */
export const ownerFile = (file: string) => join(dirname(file), 'owner.pid');

/** What a person is told when the log cannot be opened. */
export async function openingError(error: FileProblemError, file: string, dataDir: string): Promise<Error> {
  const config = (problem: string, remedy: string) =>
    new ConfigError([{ setting: 'SONGMA_DATA', problem, remedy }], { cause: error });
  switch (error.kind) {
    case 'locked': {
      const pid = (await readFile(ownerFile(file), 'utf8').catch(() => '')).trim();
      const owner = pid === '' ? 'another process' : `another process (pid ${pid})`;
      return config(
        `the data directory ${resolve(dataDir)} is open in ${owner}`,
        'Stop that process, or give this one a directory of its own in SONGMA_DATA.',
      );
    }
    case 'damaged':
      return config(`the event log ${file} is damaged: ${error.message}`, damagedRemedy(file));
    case 'foreign':
      return config(
        `the event log ${file} cannot be used: ${error.message}`,
        'Name another directory in SONGMA_DATA, or run the version that made the file.',
      );
    case 'unusable':
      return config(
        `the event log ${file} cannot be opened: ${error.message}`,
        'Make the directory writable for this user, or name another one in SONGMA_DATA.',
      );
    case 'full':
      return config(
        `there is no space for the event log ${file}`,
        'Free some space, or move the data directory and name the new one in SONGMA_DATA.',
      );
    case 'failed':
    case 'bug':
      return error;
  }
}

function damagedRemedy(file: string): string {
  return (
    `Nothing was removed. Restore the directory ${dirname(file)} from a backup, or move it away to start with an ` +
    'empty log (what the series store has taken over stays there), and look into the disk that lost it.'
  );
}

/** What a person is told when an open log can no longer be trusted. */
export function failedError(error: unknown, file: string): Error {
  if (error instanceof FileProblemError && error.kind === 'damaged') {
    const problem = `the event log ${file} is damaged: ${error.message}`;
    return new ConfigError([{ setting: 'SONGMA_DATA', problem, remedy: damagedRemedy(file) }], {
      cause: error,
    });
  }
  const reason = error instanceof Error ? error.message : String(error);
  return new Error(`the event log ${file} failed, the process has to end: ${reason}`, { cause: error });
}
