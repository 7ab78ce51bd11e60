import { it } from 'vitest';
import { UnavailableError } from '@songma/runtime';
import assert from 'node:assert/strict';
import type { EventLog, LogRecord, Positions } from '../src/index.ts';
import { journalOf, type Child, type ChildTask } from './child.ts';
import { manners } from './manners.ts';
import { collect, groupBy, numbered, patience, readAll, until } from './records.ts';

/** One log to be tried out, and what a case may do to it. */
export interface LogBench {
  /** Opens the log, the same each time. The bench closes what a case leaves open. */
  open(): Promise<EventLog>;
  /** Opens it in such a way that `fault` then keeps records from becoming durable. */
  openFaulty(): Promise<{ readonly log: EventLog; readonly fault: () => Promise<void> }>;
  /** Starts a process that opens it too; the bench kills what a case leaves running. */
  startChild(role: ChildTask['role']): Promise<Child>;
  remove(): Promise<void>;
}

export interface ConformanceCase {
  readonly title: string;
  readonly run: (bench: LogBench) => Promise<void>;
}

/** A plant waits about ten seconds for its answer, and on a busy machine no longer than this. */
const answerMsMax = 15_000;
const topic = 'readings';

/** What `port.ts` promises, in its order and words. */
export const promises: readonly ConformanceCase[] = [
  {
    title: '`append` resolves when the records are durable: they survive `kill -9` and reopening',
    async run(bench) {
      const child = await bench.startChild('append');
      await until(() => journalOf(child).length >= 300);
      await child.kill();
      const acknowledged = journalOf(child);

      const log = await bench.open();
      const stored = groupBy(await readAll(log));
      for (const { key, number } of acknowledged) {
        assert.ok(stored.get(key)?.includes(number), `${key} ${number} was acknowledged and is gone`);
      }
      for (const numbers of stored.values()) assertFirstTimesAscend(numbers);
    },
  },
  {
    title: 'records of one key arrive in the order in which they were appended',
    async run(bench) {
      const log = await bench.open();
      const sent = numbered(['a', 'b', 'c', 'd', 'e'], 400);
      const appends: Promise<void>[] = [];
      for (let i = 0; i < sent.length; i += 7) appends.push(log.append(topic, sent.slice(i, i + 7)));
      await Promise.all(appends);
      const stored = groupBy(await readAll(log));
      for (const [key, numbers] of groupBy(sent)) {
        assertFirstTimesAscend(stored.get(key) ?? []);
        assert.deepEqual([...new Set(stored.get(key))], numbers);
      }
    },
  },
  {
    title: 'every appended record reaches every group at least once, also a group that is new',
    async run(bench) {
      const log = await bench.open();
      const sent = numbered(['a', 'b'], 100);
      await log.append(topic, sent.slice(0, 100));
      const early = collect();
      await log.consume({ topic, group: 'early' }, early.handle);
      await until(() => early.has(sent.slice(0, 100)));
      await log.append(topic, sent.slice(100));
      const late = collect();
      await log.consume({ topic, group: 'late' }, late.handle);
      await until(() => early.has(sent) && late.has(sent));
    },
  },
  {
    title:
      'a batch whose handler rejects with `UnavailableError` is delivered again, before any later record of its keys',
    async run(bench) {
      const log = await bench.open();
      const sent = numbered(['a', 'b', 'c'], 60);
      await log.append(topic, sent.slice(0, 90));
      const refused: LogRecord[][] = [];
      const handled = collect();
      let refusalsLeft = 3;
      await log.consume({ topic, group: 'g' }, async (records) => {
        if (refusalsLeft-- > 0) {
          refused.push([...records]);
          throw new UnavailableError('store_unavailable', 'the store is out');
        }
        await handled.handle(records);
      });
      await until(() => refused.length > 0);
      await log.append(topic, sent.slice(90));
      await until(() => handled.has(sent));
      assert.ok(refused.length >= 3);
      for (const numbers of groupBy(handled.records).values()) assertFirstTimesAscend(numbers);
    },
  },
  {
    title: 'a group goes on where its handlers last resolved, after closing and after `kill -9`',
    async run(bench) {
      const first = await bench.open();
      await first.append(topic, numbered(['closed'], 100));
      const before = collect();
      const reading = await first.consume({ topic, group: 'g' }, before.handle);
      await until(() => before.records.length === 100);
      await reading.close();
      await first.close();

      // The child's reader handles 100 records, then 100 more for ever.
      const child = await bench.startChild('consume');
      await until(() => child.lines().includes('stuck'));
      await child.kill();

      const log = await bench.open();
      const after = collect();
      await log.consume({ topic, group: 'g' }, after.handle);
      await until(() => after.has(numbered(['unhandled'], 100)), patience.takeoverMs);
      const keys = new Set(after.records.map((record) => record.key));
      assert.deepEqual([...keys], ['unhandled']);
    },
  },
  {
    title: '`follow` delivers from the given positions and tells when it has caught up',
    async run(bench) {
      const log = await bench.open();
      const nothing = await log.follow({ topic }, async () => {});
      await nothing.caughtUp;

      const sent = numbered(['a', 'b', 'c'], 100);
      await log.append(topic, sent.slice(0, 200));
      const all = collect();
      const following = await log.follow({ topic }, async (records) => {
        await new Promise((resolve) => setTimeout(resolve, 5));
        await all.handle(records);
      });
      await following.caughtUp;
      assert.ok(all.has(sent.slice(0, 200)));
      const positions = positionsAfter(all.records);
      await following.close();

      await log.append(topic, sent.slice(200, 250));
      const rest = collect();
      const again = await log.follow({ topic, from: positions }, rest.handle);
      await again.caughtUp;
      assert.ok(rest.has(sent.slice(200, 250)));
      assert.equal(rest.records.length, 50);
      // It goes on living.
      await log.append(topic, sent.slice(250));
      await until(() => rest.has(sent.slice(200)));
    },
  },
  {
    title:
      '`append` rejects with `UnavailableError` when it cannot make the records durable, or cannot know whether it did',
    async run(bench) {
      const { log, fault } = await bench.openFaulty();
      const acknowledged = numbered(['before'], 20);
      await log.append(topic, acknowledged);
      await fault();
      const failed = numbered(['during'], 3, 200_000);
      const startedAt = performance.now();
      const outcomes = await Promise.allSettled(failed.map((record) => log.append(topic, [record])));
      assert.ok(performance.now() - startedAt < answerMsMax);
      for (const outcome of outcomes) {
        assert.equal(outcome.status, 'rejected');
        assert.ok(outcome.reason instanceof UnavailableError, String(outcome.reason));
      }
      await assert.rejects(log.check(), UnavailableError);
      await log.close();
      await assert.rejects(log.append(topic, failed), UnavailableError);

      const healthy = await bench.open();
      await healthy.append(topic, numbered(['after'], 1));
      const keys = new Set((await readAll(healthy)).map((record) => record.key));
      assert.ok(keys.has('before') && keys.has('after'));
    },
  },
  {
    title:
      'a reader with a pace has steady small appends delivered in few batches, and what comes after a silence at once',
    async run(bench) {
      const log = await bench.open();
      const paceMs = 5_000;
      const batches: number[] = [];
      const handle = async (records: readonly LogRecord[]): Promise<void> => {
        batches.push(records.length);
      };
      await log.consume({ topic, group: 'g', paceMs }, handle);
      await log.follow({ topic, paceMs }, handle);
      const [first, ...others] = numbered(['a'], 31);
      await log.append(topic, [first!]);
      await until(() => batches.length === 2, 0.9 * paceMs);
      const startedAt = performance.now();
      for (const one of others) await log.append(topic, [one]);
      await until(() => batches.reduce((sum, count) => sum + count, 0) === 62, 6 * paceMs);
      const intervals = Math.ceil((performance.now() - startedAt) / paceMs);
      assert.ok(
        batches.length <= 2 + 2 * (intervals + 1),
        `${batches.length} batches in ${intervals} intervals`,
      );
    },
  },
  {
    title: '`lag` counts what a group has not handled',
    async run(bench) {
      const log = await bench.open();
      assert.equal(await log.lag(topic, 'g'), 0);
      const sent = numbered(['a', 'b', 'c'], 20);
      await log.append(topic, sent);
      assert.equal(await log.lag(topic, 'g'), 60);
      const handled = collect();
      const reading = await log.consume({ topic, group: 'g' }, handled.handle);
      await until(async () => (await log.lag(topic, 'g')) === 0);
      assert.ok(handled.has(sent));
      await reading.close();
      await log.append(topic, sent.slice(0, 7));
      assert.equal(await log.lag(topic, 'g'), 7);
      assert.equal(await log.lag(topic, 'other'), 67);
    },
  },
];

/** Runs every case, each on a bench of its own. */
export function describeConformance(openBench: () => Promise<LogBench>): void {
  it.for([...promises, ...manners])('$title', ({ run }) => assertCase(openBench, run));
}

/** Runs one case on a bench of its own. @throws Error when the log does not keep the promise */
export async function assertCase(
  openBench: () => Promise<LogBench>,
  run: (bench: LogBench) => Promise<void>,
): Promise<void> {
  const bench = await openBench();
  try {
    await run(bench);
  } finally {
    await bench.remove();
  }
}

function positionsAfter(records: readonly LogRecord[]): Positions {
  const positions: Record<number, number> = {};
  for (const { partition, offset } of records) {
    positions[partition] = Math.max(positions[partition] ?? 0, offset + 1);
  }
  return positions;
}

/** Repeats are allowed anywhere; the first delivery of each must be in order. */
function assertFirstTimesAscend(numbers: readonly number[]): void {
  const firstTimes = [...new Set(numbers)];
  assert.deepEqual(
    firstTimes,
    firstTimes.toSorted((a, b) => a - b),
  );
}
