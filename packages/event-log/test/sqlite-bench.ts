import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLogger } from '@songma/runtime';
import type { EventLog, EventLogConfig } from '../src/index.ts';
import { SqliteEventLog } from '../src/sqlite/sqlite-event-log.ts';
import { startChild, type Child } from './child.ts';
import type { LogBench } from './conformance.ts';
import { mutate } from './mutants.ts';
import { noise } from './records.ts';

export const silent = createLogger({ service: 'test', level: 'silent' });

export const temporaryDir = () => mkdtemp(join(tmpdir(), 'songma-event-log-'));

/** A log in a directory of its own, broken in the named way if one is named. */
export async function openSqliteBench(mutant?: string): Promise<LogBench & { readonly dataDir: string }> {
  const dataDir = await temporaryDir();
  const opened: EventLog[] = [];
  const children: Child[] = [];
  const open = async (fileBytesMax?: number) => {
    const log = await SqliteEventLog.open({
      dataDir,
      logger: silent,
      ...(fileBytesMax === undefined ? {} : { fileBytesMax }),
    });
    opened.push(log);
    return mutate(log, mutant);
  };
  return {
    dataDir,
    open: () => open(),
    async openFaulty() {
      const log = await open(1024 * 1024);
      const whole = opened.at(-1)!;
      const fault = async () => {
        const filler = { key: 'filler', value: noise(100_000) };
        for (let isFull = false; !isFull;) {
          isFull = await whole.append('readings', [filler]).then(
            () => false,
            () => true,
          );
        }
      };
      return { log, fault };
    },
    async startChild(role) {
      const config: EventLogConfig = { adapter: 'sqlite', dataDir };
      const child = await startChild({ role, config, ...(mutant === undefined ? {} : { mutant }) });
      children.push(child);
      return child;
    },
    async remove() {
      await Promise.all(children.map((child) => child.kill()));
      await Promise.all(opened.map((log) => log.close()));
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}
