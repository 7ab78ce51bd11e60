import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { EventLog, LogRecord, NewRecord } from '../src/index.ts';

/** A record that says in its header which of its key's it is. */
export interface Numbered extends NewRecord {
  readonly headers: { readonly n: string };
}

type WithHeaders = Pick<LogRecord, 'key' | 'headers'>;

/** Records 0 to `count` − 1 of each key, by number and then by key. */
export function numbered(keys: readonly string[], count: number, valueBytes = 200): Numbered[] {
  const value = noise(valueBytes);
  return Array.from({ length: count }, (_, n) =>
    keys.map((key) => ({ key, value, headers: { n: String(n) } })),
  ).flat();
}

/** Bytes that do not shrink when they are compressed. */
export function noise(bytes: number): Uint8Array {
  return new Uint8Array(randomBytes(bytes));
}

export function numberOf(record: Pick<LogRecord, 'headers'>): number {
  return Number(record.headers.n);
}

/** The numbers of each key, in the order of the records. */
export function groupBy(records: readonly WithHeaders[]): Map<string, number[]> {
  const groups = new Map<string, number[]>();
  for (const record of records) {
    const numbers = groups.get(record.key) ?? [];
    groups.set(record.key, numbers);
    numbers.push(numberOf(record));
  }
  return groups;
}

/** A handler that remembers what it was given. */
export function collect(records: LogRecord[] = []) {
  return {
    records,
    handle: async (batch: readonly LogRecord[]): Promise<void> => {
      records.push(...batch);
    },
    /** Whether each of these has come. */
    has(expected: readonly WithHeaders[]): boolean {
      const came = new Set(records.map((record) => `${record.key} ${record.headers.n}`));
      return expected.every((record) => came.has(`${record.key} ${record.headers.n}`));
    },
  };
}

/** How long tests wait for what must come; those that wait in vain shorten it. */
export const patience = {
  untilMs: 60_000,
  /** Longer than any adapter takes to notice that a reader was killed. */
  takeoverMs: 60_000,
};

/** Resolves as soon as the condition holds. @throws Error when it does not in time */
export async function until(
  condition: () => boolean | Promise<boolean>,
  withinMs = patience.untilMs,
): Promise<void> {
  const deadline = performance.now() + withinMs;
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error(`not within ${withinMs} ms: ${String(condition)}`);
    await delay(10);
  }
}

/** All that the topic holds now. */
export async function readAll(
  log: EventLog,
  of: 'readings' | 'quarantine' = 'readings',
): Promise<LogRecord[]> {
  const { records, handle } = collect();
  const following = await log.follow({ topic: of }, handle);
  await following.caughtUp;
  await following.close();
  return records;
}
