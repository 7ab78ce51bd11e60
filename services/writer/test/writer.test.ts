import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  encodeReadingBlock,
  outcomeReadingsHeader,
  outcomeReadingsSchema,
  outcomesRecordSchema,
  quarantineEventSchema,
  shardOf,
  type Alert,
  type AlertWindow,
  type BlockOutcome,
  type EntityKind,
  type QuarantineEvent,
  type ReadingBlock,
  type Receipt,
  type TopicName,
} from '@songma/domain';
import { openEventLog, type OpenEventLog } from '@songma/event-log';
import { openRegistry, type Registry } from '@songma/registry';
import { createLogger, createMetrics, loadConfig, UnavailableError, type Metrics } from '@songma/runtime';
import { openSeriesStore, seriesStoreSettings, type SeriesStore } from '@songma/series-store';
import { openWakeUps, wakeUpsSettings, type WakeUps } from '@songma/wake-ups';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startWriter, writerSettings, type Writer, type WriterConfig } from '../src/writer.ts';

const logger = createLogger({ service: 'writer-test', level: 'silent' });
const config = loadConfig(writerSettings, { WRITER_WAKE_DELAY_MS: '0' });
const noon = Date.parse('2026-11-23T12:00:00+07:00');
const minuteMs = 60_000;
const decoder = new TextDecoder();

let directory: string;
let eventLog: OpenEventLog;
let registry: Registry;
let seriesStore: SeriesStore;
let wakeUps: WakeUps;
let metrics: Metrics;
let writer: Writer | undefined;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'songma-writer-'));
  eventLog = await openEventLog({ adapter: 'sqlite', dataDir: directory }, { logger });
  registry = await openRegistry({ eventLog, logger, now: () => noon });
  seriesStore = await openSeriesStore(
    loadConfig(seriesStoreSettings, { SONGMA_DATA: directory, DUCKDB_MEMORY_MIB_MAX: '256' }),
    { logger },
  );
  wakeUps = await openWakeUps(loadConfig(wakeUpsSettings, {}), { logger });
  metrics = createMetrics({ ofProcess: false });
  await register('enterprise', { id: 'mill', name: 'Mill', sector: '2394' });
  await register('site', { id: 'mill-site', enterprise: 'mill', name: 'Site' });
  await register('meter', {
    id: 'power',
    site: 'mill-site',
    name: 'Power',
    quantity: 'electricity',
    kind: 'interval',
    unit: 'kWh',
    intervalMs: 15 * minuteMs,
    time: { zone: 'Asia/Ho_Chi_Minh', stamp: 'closes', midnight: 'begins-day' },
  });
});

afterEach(async () => {
  await writer?.close();
  writer = undefined;
  await wakeUps.close();
  await seriesStore.close();
  await registry.close();
  await eventLog.close();
  await rm(directory, { recursive: true });
});

async function register(kind: EntityKind, body: { readonly id: string; readonly [field: string]: unknown }) {
  const result = await registry.submit({ kind, entity: body.id, expectedVersion: 0, body, by: 'test' });
  if (!result.ok) throw new Error(JSON.stringify(result));
}

async function start(
  parts: { seriesStore?: SeriesStore; wakeUps?: WakeUps; config?: Partial<WriterConfig> } = {},
) {
  const deps = { logger, metrics, eventLog, registry, seriesStore, wakeUps, now: () => noon, ...parts };
  writer = await startWriter(deps, { ...config, ...parts.config });
  return writer;
}

/** The store, with some calls of `write` going wrong. */
function faulty(
  write: (blocks: Parameters<SeriesStore['write']>[0]) => ReturnType<SeriesStore['write']>,
): SeriesStore {
  return new Proxy(seriesStore, {
    get: (target, name: keyof SeriesStore) =>
      name === 'write' ? write : (target[name] as () => unknown).bind(target),
  });
}

function block(batch: string, knownUs: number, values: readonly number[], from = noon): ReadingBlock {
  return {
    site: 'mill-site',
    batch,
    apiKey: 'gateway',
    knownUs,
    part: 0,
    parts: 1,
    meters: ['power'],
    meterIndex: new Uint32Array(values.length),
    times: Float64Array.from(values, (_, i) => from + i * 15 * minuteMs),
    values: Float64Array.from(values),
    flags: new Uint8Array(values.length),
    // The first row of the push was refused by the door.
    rows: Uint32Array.from(values, (_, i) => i + 1),
  };
}

async function push(...blocks: readonly ReadingBlock[]): Promise<void> {
  const records = blocks.map((one) => {
    const receipt: Receipt = {
      batch: one.batch,
      apiKey: one.apiKey,
      contentHash: '00',
      receivedAt: noon,
      rows: one.rows.length + 1,
      accepted: one.rows.length,
      refused: [[0, 'malformed', { problem: 'test' }]],
    };
    return { key: one.site, value: encodeReadingBlock(one), headers: { receipt: JSON.stringify(receipt) } };
  });
  await eventLog.append('readings', records);
}

async function all(topic: TopicName): Promise<unknown[]> {
  const values: unknown[] = [];
  const following = await eventLog.follow({ topic }, async (records) => {
    for (const { value } of records) values.push(JSON.parse(decoder.decode(value)));
  });
  await following.caughtUp;
  await following.close();
  return values;
}

async function outcomes(): Promise<BlockOutcome[]> {
  return (await all('outcomes')).flatMap((value) => outcomesRecordSchema.parse(value));
}

async function quarantined(): Promise<QuarantineEvent[]> {
  return (await all('quarantine')).map((value) => quarantineEventSchema.parse(value));
}

async function held(): Promise<number[]> {
  const values: number[] = [];
  const ranges = [{ site: 'mill-site', from: 0, to: 8.64e15 }];
  for await (const chunk of seriesStore.read({ ranges })) values.push(...chunk.values);
  return values;
}

async function handled(): Promise<void> {
  await expect.poll(() => eventLog.lag('readings', 'writer')).toBe(0);
}

describe('the writer', () => {
  it('stores what the log brings and tells what became of each row', async () => {
    await push(block('first', 1, [1, 2, 3]), block('again', 2, [1, 2, 3]), block('mended', 3, [1, 20, 3]));
    await start();
    await handled();
    expect(await held()).toEqual([1, 20, 3]);
    const found = await outcomes();
    expect(
      found.map(({ batch, stored, duplicate, superseding, refused }) => [
        batch,
        stored,
        duplicate,
        superseding,
        refused,
      ]),
    ).toEqual([
      ['first', 3, [], [], []],
      ['again', 0, [[1, 3]], [], []],
      [
        'mended',
        0,
        [
          [1, 1],
          [3, 1],
        ],
        [[2, 1]],
        [],
      ],
    ]);
    expect(found[0]!.receipt).toMatchObject({
      batch: 'first',
      rows: 4,
      refused: [[0, 'malformed', { problem: 'test' }]],
    });
  });

  it('tells beside its outcomes how many readings were of which enterprise', async () => {
    await push(block('three', 1, [1, 2, 3]), block('again', 2, [1]), block('all refused', 3, []));
    await start();
    await handled();
    const sums: Record<string, number> = {};
    const following = await eventLog.follow({ topic: 'outcomes' }, async (records) => {
      for (const { headers } of records) {
        const told = outcomeReadingsSchema.parse(JSON.parse(headers[outcomeReadingsHeader]!));
        for (const [enterprise, readings] of Object.entries(told))
          sums[enterprise] = (sums[enterprise] ?? 0) + readings;
      }
    });
    await following.caughtUp;
    await following.close();
    expect(sums).toEqual({ mill: 4 });
  });

  it('gives the receipt of a push without an accepted row', async () => {
    await push(block('all refused', 1, []));
    await start();
    await handled();
    expect(await outcomes()).toMatchObject([{ batch: 'all refused', stored: 0, receipt: { accepted: 0 } }]);
  });

  it('takes up to its bound in one write, and a larger block by itself', async () => {
    const sizes: number[] = [];
    await push(
      ...[2, 2, 2, 9, 1].map((size, i) =>
        block(
          `b${i}`,
          i + 1,
          Array.from({ length: size }, () => i),
        ),
      ),
    );
    await start({
      config: { writeReadingsMax: 4 },
      seriesStore: faulty((blocks) => {
        sizes.push(blocks.reduce((sum, { block: { times } }) => sum + times.length, 0));
        return seriesStore.write(blocks);
      }),
    });
    await handled();
    expect(sizes).toEqual([4, 2, 9, 1]);
    expect(await outcomes()).toHaveLength(5);
  });

  it('waits for a store that is out, before or after it has written', async () => {
    let failures = 0;
    await push(block('first', 1, [1, 2]));
    await start({
      seriesStore: faulty(async (blocks) => {
        const results = await seriesStore.write(blocks);
        // Once before anybody knew, and twice after it was stored: all the same to the plant.
        if (failures++ < 3) throw new UnavailableError('store_unreachable', 'out');
        return results;
      }),
    });
    await handled();
    expect(await held()).toEqual([1, 2]);
    expect(await outcomes()).toMatchObject([{ stored: 2, duplicate: [], superseding: [] }]);
  });

  it('goes on where it stopped, and says the same when a batch comes again', async () => {
    await push(block('first', 1, [1]));
    await (await start()).close();
    await push(block('second', 2, [5]));
    await start();
    await handled();
    const once = await outcomes();
    expect(
      new Set(
        once.map(({ batch, stored, superseding }) => `${batch} ${stored} ${JSON.stringify(superseding)}`),
      ),
    ).toEqual(new Set(['first 1 []', 'second 0 [[1,1]]']));
  });

  it('puts what the store refuses into quarantine, with the row as the plant can send it again', async () => {
    // Two pushes that were accepted at the same microsecond: the store cannot tell which stands.
    await push(block('one', 7, [1, 2]), { ...block('other', 7, [1, 9]) });
    await start();
    await handled();
    expect(await held()).toEqual([1, 2]);
    expect((await outcomes())[1]).toMatchObject({ batch: 'other', refused: [[2, expect.any(String)]] });
    expect(await quarantined()).toMatchObject([
      {
        event: 'refused',
        batch: 'other',
        apiKey: 'gateway',
        enterprise: 'mill',
        site: 'mill-site',
        receivedAt: noon,
        format: 'json',
        rows: [
          [
            2,
            'refused_by_store',
            { problem: expect.any(String) },
            // The meter's stamps close their quarter hour.
            JSON.stringify({
              meter: 'power',
              time: new Date(noon + 30 * minuteMs).toISOString(),
              value: 9,
            }),
          ],
        ],
      },
    ]);
  });

  it('wakes the shard of what changed, and of nothing else', async () => {
    const woken: string[] = [];
    await wakeUps.handle('rollups', async (key) => void woken.push(key));
    await push(block('first', 1, [1]));
    await start();
    await handled();
    await expect.poll(() => woken).toEqual([shardOf('mill')]);
    await push(block('again', 2, [1]));
    await handled();
    expect(await outcomes()).toHaveLength(2);
    expect(woken).toHaveLength(1);
  });

  it('does not mind when nobody can be woken', async () => {
    await wakeUps.close();
    await push(block('first', 1, [1]));
    await start();
    await handled();
    expect(await held()).toEqual([1]);
    expect(await metrics.text()).toContain('songma_writer_wake_failures_total 1');
  });

  it('ends at a record that it cannot read, with nothing committed', async () => {
    await push(block('first', 1, [1]));
    await eventLog.append('readings', [{ key: 'mill-site', value: new TextEncoder().encode('{"v":') }]);
    const { closed } = await start();
    await expect(closed).rejects.toThrow(/offset \d+ of topic readings is corrupt/);
    expect(await eventLog.lag('readings', 'writer')).toBe(2);
    expect(await outcomes()).toEqual([]);
  });

  it('waits for a site that the registry does not know yet', async () => {
    await push({ ...block('early', 1, [1]), site: 'new-site' });
    await start();
    await register('site', { id: 'new-site', enterprise: 'mill', name: 'New' });
    await handled();
    expect(await outcomes()).toMatchObject([{ site: 'new-site', stored: 1 }]);
  });

  it('counts readings by outcome, writes, lag and how soon they can be queried', async () => {
    await push(block('first', (noon - 250) * 1000, [1, 2]), block('again', noon * 1000, [1, 2]));
    await start();
    await handled();
    const text = await metrics.text();
    expect(text).toContain('songma_writer_readings_total{outcome="stored"} 2');
    expect(text).toContain('songma_writer_readings_total{outcome="duplicate"} 2');
    expect(text).toContain('songma_writer_lag_records 0');
    expect(text).toContain('songma_writer_visibility_seconds_sum 0.25');
  });
});

it('keeps what people did with alerts, once it is in the log, also while nobody was there', async () => {
  const record = (step: object) => ({ key: 'dust/1', value: new TextEncoder().encode(JSON.stringify(step)) });
  const step = { step: 'acknowledged', alert: 'dust/1', at: noon, by: 'lan' };
  // Before the writer starts, and of a kind that it does not know.
  await eventLog.append('alerts', [record(step), record({ step: 'shelved', alert: 'dust/1', at: noon })]);
  await start();
  await eventLog.append('alerts', [record({ ...step, at: noon + 1, by: 'minh' })]);
  await seriesStore.keep({ rollups: [], indicators: [], alerts: [alert] });
  await expect
    .poll(async () => (await seriesStore.alerts({ limit: 1, acknowledged: true }))[0]?.acknowledged)
    .toEqual({ alert: 'dust/1', at: noon, by: 'lan' });
});

const window: AlertWindow = {
  ...{ start: 1, end: 2, mean: 150, limitValue: 100, bound: 'max' },
  ...{ coverage: 1, ratio: 1.5, severity: 'from-1.5' },
};
const alert: Alert = {
  ...{ id: 'dust/1', kind: 'exceedance', limit: 'dust', meter: 'm', site: 's', enterprise: 'mill' },
  ...{ parameter: 'PM', unit: 'mg/Nm3', averaging: 'PT1H', document: 'QCVN 23:2009/BTNMT', verified: false },
  ...{
    origin: 1,
    state: 'open',
    since: 1,
    until: null,
    knownUntil: 2,
    windows: 1,
    coverage: 1,
    stale: false,
  },
  ...{ first: window, peak: window, latest: window },
  ...{ revision: 1, cause: 'readings', raisedAt: noon, changedAt: noon },
};
