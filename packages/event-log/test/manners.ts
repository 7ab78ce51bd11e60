import assert from 'node:assert/strict';
import { UnavailableError } from '@songma/runtime';
import type { LogRecord } from '../src/index.ts';
import type { ConformanceCase } from './conformance.ts';
import { collect, numbered, patience, readAll, until } from './records.ts';

const topic = 'readings';

/** What the methods' comments say beyond the promises. */
export const manners: readonly ConformanceCase[] = [
  {
    title: 'a record comes back as it was appended: any bytes, any text, no headers, no bytes',
    async run(bench) {
      const log = await bench.open();
      const bytes = Uint8Array.from({ length: 256 }, (_, i) => i);
      const pooled = Buffer.from('a small buffer shares its memory with others');
      const records = [
        { key: 'nhà máy', value: bytes, headers: { ce_id: '1', receipt: '{"lý do":"±✓"}' } },
        { key: '', value: new Uint8Array() },
        { key: 'pooled', value: new Uint8Array(pooled) },
        { key: 'repetitive', value: new Uint8Array(100_000).fill(7) },
        { key: 'pooled', value: pooled.subarray(2, 7) },
      ];
      await log.append('quarantine', records);
      await log.append('quarantine', []);
      const found = await readAll(log, 'quarantine');
      assert.deepEqual(plain(found), plain(records));
      assert.ok(found.every((record) => record.topic === 'quarantine' && record.offset >= 0));
    },
  },
  {
    title: 'a handler that rejects with anything else ends its reader, and its records stay unhandled',
    async run(bench) {
      const log = await bench.open();
      await log.append(topic, numbered(['a'], 10));
      const bug = new Error('a bug');
      let calls = 0;
      const reading = await log.consume({ topic, group: 'g' }, async () => {
        calls++;
        throw bug;
      });
      await assert.rejects(reading.closed, bug);
      await reading.close();
      assert.equal(calls, 1);
      assert.equal(await log.lag(topic, 'g'), 10);
      const after = collect();
      await log.consume({ topic, group: 'g' }, after.handle);
      await until(() => after.has(numbered(['a'], 10)), patience.takeoverMs);
    },
  },
  {
    title:
      '`close` of a reader aborts the signal, waits for the handler under way, and nothing comes after it',
    async run(bench) {
      const log = await bench.open();
      await log.append(topic, numbered(['a'], 10));
      const started = Promise.withResolvers<void>();
      let ended = false;
      const reading = await log.consume({ topic, group: 'g' }, async (_records, signal) => {
        started.resolve();
        await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
        await new Promise((resolve) => setTimeout(resolve, 20));
        ended = true;
      });
      await started.promise;
      await reading.close();
      assert.ok(ended);
      await reading.closed;
      // What the handler resolved for is handled.
      assert.equal(await log.lag(topic, 'g'), 0);
    },
  },
  {
    title: 'a follower whose positions are beyond the end begins at the beginning',
    async run(bench) {
      const log = await bench.open();
      const sent = numbered(['a', 'b', 'c'], 10);
      await log.append(topic, sent);
      const seen = collect();
      const from = Object.fromEntries(Array.from({ length: 6 }, (_, partition) => [partition, 1_000]));
      const following = await log.follow({ topic, from }, seen.handle);
      await following.caughtUp;
      assert.ok(seen.has(sent));
    },
  },
  {
    title: 'a batch is bounded by `bytesMax`, and a larger record comes alone',
    async run(bench) {
      const log = await bench.open();
      const sent = [...numbered(['a'], 50, 1_000), ...numbered(['large'], 1, 30_000)];
      await log.append(topic, sent);
      const batches: (readonly LogRecord[])[] = [];
      await log.consume({ topic, group: 'g', bytesMax: 10_000 }, async (records) => {
        batches.push(records);
      });
      await until(() => batches.flat().length === 51);
      for (const batch of batches) {
        const bytes = batch.reduce((sum, record) => sum + record.value.byteLength, 0);
        assert.ok(bytes <= 10_000 || batch.length === 1, `${batch.length} records have ${bytes} bytes`);
      }
    },
  },
  {
    title: 'the members of a group share its records, and one goes on with what another leaves',
    async run(bench) {
      const log = await bench.open();
      const one = collect();
      const other = collect();
      const sent = numbered(['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'], 50);
      const first = await log.consume({ topic, group: 'g' }, one.handle);
      await log.consume({ topic, group: 'g' }, other.handle);
      await log.append(topic, sent.slice(0, 200));
      await until(() => one.records.length + other.records.length >= 200);
      await first.close();
      await log.append(topic, sent.slice(200));
      const seen = () => [...one.records, ...other.records];
      await until(() => collect(seen()).has(sent));
    },
  },
  {
    title: '`check` resolves while the log answers, and rejects once it is closed',
    async run(bench) {
      const log = await bench.open();
      await log.check();
      await log.close();
      await assert.rejects(log.check(), UnavailableError);
      await assert.rejects(
        log.consume({ topic, group: 'g' }, async () => {}),
        UnavailableError,
      );
    },
  },
];

function plain(records: readonly (Pick<LogRecord, 'key' | 'value'> & Partial<LogRecord>)[]): string[] {
  return records
    .map(({ key, value, headers = {} }) => JSON.stringify([key, [...value], headers]))
    .toSorted((a, b) => a.localeCompare(b));
}
