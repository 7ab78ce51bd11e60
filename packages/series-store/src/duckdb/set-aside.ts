import { rename, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { ConfigError, type Logger } from '@songma/runtime';
import { Database, databaseName, type DuckdbConfig } from './database.ts';

/** What {@link setAsideDuckdb} did. */
export interface SetAside {
  /** New paths of the files that were renamed; empty when nothing is damaged. */
  readonly moved: readonly string[];
  /** Whether the store still has what it held at its last checkpoint; the log brings the rest again, exactly. */
  readonly kept: boolean;
}

/**
 * Makes a damaged store usable without deleting anything: renames as little as lets the store be opened, first
 * DuckDB's own log (a few of the latest seconds to minutes), then the whole file. Afterwards every reading that the
 * event log still has is to be written again.
 *
 * @param options.everything renames both although nothing may be damaged, for a rebuild from nothing
 * @throws ConfigError when another process has the store open, or the directory is not accessible
 */
export async function setAsideDuckdb(
  config: DuckdbConfig,
  options: { readonly now: number; readonly everything?: boolean; readonly logger: Logger },
): Promise<SetAside> {
  const path = join(resolve(config.directory), databaseName);
  const log = `${path}.wal`;
  const suffix = `.aside-${new Date(options.now).toISOString().replace(/[-:.]/g, '')}`;
  const moved: string[] = [];
  const move = async (from: string) => {
    if (!(await exists(from))) return;
    await rename(from, from + suffix);
    moved.push(from + suffix);
  };

  let damage = await openingDamage(config, options.logger);
  if (options.everything !== true) {
    if (damage === undefined) return { moved, kept: true };
    await move(log);
    damage = await openingDamage(config, options.logger);
    if (damage === undefined) return { moved, kept: true };
  }
  await move(log);
  await move(path);
  damage = await openingDamage(config, options.logger);
  if (damage !== undefined) throw damage;
  return { moved, kept: false };
}

/** Why the store does not open; a store that is in use or out of reach is no damage but the caller's to mend. */
async function openingDamage(config: DuckdbConfig, logger: Logger): Promise<ConfigError | undefined> {
  try {
    (await Database.open(config, logger)).close();
    return undefined;
  } catch (error) {
    if (
      error instanceof ConfigError &&
      error.problems.some(({ problem }) => problem.includes('is damaged'))
    ) {
      return error;
    }
    throw error;
  }
}

async function exists(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined)) !== undefined;
}
