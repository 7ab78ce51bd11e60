import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { EventLogConfig } from '../src/index.ts';

/** What the child process does; see `child-main.ts`. */
export interface ChildTask {
  readonly role: 'append' | 'consume' | 'fill' | 'open';
  readonly config: EventLogConfig;
  readonly mutant?: string;
}

export interface Child {
  readonly pid: number;
  /** Lines of its journal so far, readable after its end too. */
  readonly lines: () => string[];
  /** By SIGKILL; resolves when it is gone. */
  readonly kill: () => Promise<void>;
}

/**
 * Starts a process that opens the log and works until it is killed. What it knows to be true it writes into a journal
 * outside of the log, by a call of the system that returns when it is written.
 * @param via a command in front of it, such as one that limits it
 */
export async function startChild(task: ChildTask, via: readonly string[] = []): Promise<Child> {
  const directory = mkdtempSync(join(tmpdir(), 'songma-journal-'));
  const journal = join(directory, 'journal');
  const main = join(import.meta.dirname, 'child-main.ts');
  const command = [process.execPath, main, journal, JSON.stringify(task)];
  const [file = '', ...args] = [...via, ...command] as readonly string[];
  const child = spawn(file, args, { stdio: ['ignore', 'ignore', 'inherit'] });
  process.once('exit', () => child.kill('SIGKILL'));
  let kept: string[] | undefined;
  const exited = once(child, 'exit').then(() => {
    kept = linesOf(journal);
    rmSync(directory, { recursive: true, force: true });
  });
  return {
    pid: child.pid ?? 0,
    lines: () => kept ?? linesOf(journal),
    async kill() {
      child.kill('SIGKILL');
      await exited;
    },
  };
}

/** The records that the child has journaled, in its order. */
export function journalOf(child: Child): { key: string; number: number }[] {
  return child
    .lines()
    .filter((line) => /^\w \d+$/.test(line))
    .map((line) => {
      const [key = '', number] = line.split(' ');
      return { key, number: Number(number) };
    });
}

/** Whole lines only: the last one may be half written. */
function linesOf(path: string): string[] {
  if (!existsSync(path)) return [];
  return readFileSync(path, 'utf8').split('\n').slice(0, -1);
}
