import { outcome } from '@songma/domain';
import { describe, expect, test } from 'vitest';
import { adapterAvailability, titleOf } from '../../../test/support/adapters.ts';
import { facts, readRows, readSite, shardedBlock, writeRows } from './blocks.ts';
import { useOwnBucket } from './influx-bucket.ts';
import { createBucket, deleteBucket, writeForeign } from './influx-subject.ts';

const { stored, duplicate, superseding, refused } = outcome;
const t0 = Date.UTC(2026, 0, 5);
const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const nothing = { rollups: [], indicators: [] };
const influx = await adapterAvailability('influx');

const row = (meter: string, minute: number, value: number) => ({
  meter,
  time: t0 + minute * minuteMs,
  value,
});

const title = titleOf('InfluxSeriesStore and its data', influx);

// oxlint-disable-next-line vitest/valid-title -- a text; the reason of a skip is known at run time only
describe.skipIf(!influx.available)(title, () => {
  const { settings, open } = useOwnBucket(influx);

  test('changes of several writers are due together, and one that lags behind in time is not lost', async () => {
    const ahead = await open({ now: () => t0 + 1000 });
    const behind = await open({ now: () => t0 });
    await writeRows(ahead, 'one', 1000, [row('a', 0, 1)]);
    const { mark } = await ahead.due('S00', 10);
    await writeRows(behind, 'two', 1001, [row('a', 0, 1)]);
    await ahead.settle('S00', mark!, nothing);
    expect((await ahead.due('S00', 10)).changes).toEqual([{ site: 'two', hour: t0 }]);
    await ahead.close();
    await behind.close();
  });

  test('settled changes are deleted after a day, and nothing else is', async () => {
    let now = t0;
    const store = await open({ now: () => now });
    const settleAll = async () => {
      const { mark } = await store.due('S00', 10);
      await store.settle('S00', mark!, nothing);
    };
    await writeRows(store, 's', 1000, [row('a', 0, 1)]);
    await settleAll();
    now += 25 * hourMs;
    await writeRows(store, 's', 2000, [row('a', 60, 1)]);
    const { mark } = await store.due('S00', 10);
    await writeRows(store, 's', 3000, [row('a', 120, 1)]);
    await store.settle('S00', mark!, nothing);
    expect((await store.due('S00', 10)).changes).toEqual([{ site: 's', hour: t0 + 2 * hourMs }]);
    await settleAll();
    now += 50 * hourMs;
    await writeRows(store, 's', 4000, [row('a', 180, 1)]);
    await settleAll();
    // A writer that was quiet for long is forgotten, and looked at anew when it writes again.
    const other = await open({ now: () => now });
    await writeRows(other, 't', 4001, [row('a', 0, 1)]);
    expect((await other.due('S00', 10)).changes).toEqual([{ site: 't', hour: t0 }]);
    expect(await readSite(store, 's')).toHaveLength(4);
    await store.close();
    await other.close();
  });

  test('a field that another program has written as an integer refuses our floats, and only them', async () => {
    await writeForeign(settings(), settings().bucket, `readings/s b=1i ${t0 + 50 * hourMs}`);
    const store = await open();
    const [result] = await store.write([
      shardedBlock('s', 1000, [
        row('a', 0, 1),
        row('b', 0, 1),
        row('time', 0, 5),
        row('b', 15, 2),
        row('c', 15, 3),
      ]),
    ]);
    expect([...result!.outcomes]).toEqual([stored, refused, stored, refused, stored]);
    expect(result!.refused[0]!.problem).toContain('already exists as type integer');
    const range = { site: 's', from: t0, to: t0 + hourMs };
    expect(facts(await readRows(store, { ranges: [range] }))).toEqual([
      ['a', t0, 1, 0],
      ['c', t0 + 15 * minuteMs, 3, 0],
      ['time', t0, 5, 0],
    ]);
    await store.close();
  });

  test('values of every size are read back to the last bit', async () => {
    const store = await open();
    const values = [0.1 + 0.2, 1e21, -1e-7, 5e-324, Number.MAX_VALUE, 2 ** 53 + 2, 959_636.71, 1 / 3];
    await writeRows(
      store,
      's',
      1000,
      values.map((value, index) => row('a', index, value)),
    );
    expect((await readSite(store, 's')).map(({ value }) => value)).toEqual(values);
    await store.close();
  });

  test('what is not held in memory any more is judged as well', async () => {
    const store = await open({ heldValuesMax: 1 });
    const rows = [row('a', 0, 1), row('b', 300, 1), row('a', 600, 1)];
    await writeRows(store, 's', 1000, rows);
    expect(await writeRows(store, 's', 2000, rows)).toEqual([duplicate, duplicate, duplicate]);
    expect(await writeRows(store, 's', 1500, [row('a', 0, 2)])).toEqual([superseding]);
    // The repeat at 2000 is what stands after the late value.
    expect(facts(await readSite(store, 's'))[0]).toEqual(['a', t0, 1, 0]);
    expect(facts(await readSite(store, 's', 1700))[0]).toEqual(['a', t0, 2, 0]);
    expect(await writeRows(store, 's', 1000, rows)).toEqual([stored, stored, stored]);
    await store.close();
  });

  test('neighbours are found for meters that report seldom, also as known then', async () => {
    const store = await open();
    const often = Array.from({ length: 600 }, (_, minute) => row('often', minute, minute));
    await writeRows(store, 's', 1000, [...often, row('daily', -700, 1), row('daily', 900, 2)]);
    await writeRows(store, 's', 1001, [{ ...row('status', -600, NaN), flags: 2 }, row('other', -601, 3)]);
    await writeRows(
      store,
      's',
      5000,
      Array.from({ length: 290 }, (_, n) => row('daily', n, 9)),
    );
    const ranges = [{ site: 's', from: t0 + 300 * minuteMs, to: t0 + 301 * minuteMs }];
    const read = async (asOfUs?: number) => {
      const query = { ranges, neighboursWithinMs: 24 * hourMs };
      const rows = await readRows(store, asOfUs === undefined ? query : { ...query, asOfUs });
      return rows.map(({ meter, time, value }) => `${meter} ${(time - t0) / minuteMs} ${value}`);
    };
    const others = ['often 299 299', 'often 300 300', 'often 301 301', 'other -601 3', 'status -600 NaN'];
    expect(await read()).toEqual(['daily 289 9', 'daily 900 2', ...others]);
    expect(await read(4000)).toEqual(['daily -700 1', 'daily 900 2', ...others]);
    await store.close();
  });

  test('a bucket with a retention limit is opened, and what is too old is refused', async () => {
    await deleteBucket(settings(), settings().bucket);
    await createBucket(settings(), settings().bucket, 86_400);
    const store = await open();
    const now = Math.floor(Date.now() / 1000) * 1000;
    const [result] = await store.write([
      shardedBlock('s', 1000, [
        { meter: 'a', time: t0 - 365 * 24 * hourMs, value: 1 },
        { meter: 'a', time: now, value: 2 },
      ]),
    ]);
    expect([...result!.outcomes]).toEqual([refused, stored]);
    expect(result!.refused[0]!.problem).toContain('retention');
    await store.close();
  });

  test('a token that is not good is an outage when opening', async () => {
    await expect(open({ token: 'expired' })).rejects.toMatchObject({ code: 'store_unauthorized' });
  });
});
