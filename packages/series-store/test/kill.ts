import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { ShardedBlock } from '../src/index.ts';
import { shardedBlock, type Row } from './blocks.ts';
import type { Subject } from './subject.ts';

const t0 = Date.UTC(2026, 0, 5);
const minuteMs = 60_000;
const firstKnownUs = 1_767_571_200_000_000;

/** Sites that {@link killCall} writes for, each in a shard of its own. */
export const killCallSites = ['kill-a', 'kill-b'] as const;
const meters = ['m0', 'm1', 'm2', 'm3', 'm4', 'm5', 'm6', 'm7'];

/** The `n`th call of a child that is killed: new, late, repeated and corrected readings, the same every time. */
export function killCall(n: number): ShardedBlock[] {
  return killCallSites.flatMap((site, index) => {
    const row = (meter: number, minute: number, value: number): Row => ({
      meter: meters[meter]!,
      time: t0 + minute * minuteMs,
      value,
    });
    const fresh = meters.map((_, meter) => row(meter, n, n + meter / 8));
    const again =
      n < 2 ? [] : [row(0, n - 1, n - 1), row(1, n - 2, -n), row(2, n + 1000, n), row(3, n + 999, n)];
    const knownUs = firstKnownUs + n * 10 + index * 2;
    const shard = `S0${index}`;
    return [shardedBlock(site, knownUs, fresh, shard), shardedBlock(site, knownUs + 1, again, shard)];
  });
}

/** A call that had been answered before its process died. */
export interface JournalEntry {
  readonly n: number;
  readonly outcomes: readonly (readonly number[])[];
}

/**
 * Lets a process of its own make the calls `from`, `from + 1`, … one after the other, kills it with SIGKILL as soon as
 * `killAfter` of them are answered (it is then in the middle of a later one), and gives every call that was answered.
 */
export async function writeUntilKilled(
  subject: Pick<Subject, 'config' | 'entry'>,
  options: { readonly from: number; readonly killAfter: number; readonly settle?: boolean },
): Promise<JournalEntry[]> {
  const entry = subject.entry ?? fileURLToPath(new URL('../src/index.ts', import.meta.url));
  const program = fileURLToPath(new URL('write-until-killed.ts', import.meta.url));
  const argument = JSON.stringify({
    config: subject.config,
    entry,
    from: options.from,
    settle: options.settle,
  });
  const child = spawn(process.execPath, ['--no-warnings', program, argument], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exited = once(child, 'exit') as Promise<[number | null, NodeJS.Signals | null]>;
  const journal: JournalEntry[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    journal.push(JSON.parse(line) as JournalEntry);
    if (journal.length === options.killAfter) child.kill('SIGKILL');
  }
  const [code, signal] = await exited;
  if (signal !== 'SIGKILL') throw new Error(`the child ended by itself: exit code ${code}`);
  return journal;
}
