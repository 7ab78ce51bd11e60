import { randomBytes } from 'node:crypto';
import { roundTo15Digits, shardOf, type NoticeStep, type ReadingBlock } from '@songma/domain';
import { canonicalBytes, verifyEvidence, type SealedEvidence } from '@songma/evidence';
import { createLogger } from '@songma/runtime';
import { openSeriesStore, type SeriesStore } from '@songma/series-store';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createBucket, deleteBucket } from '../../../packages/series-store/test/influx-subject.ts';
import { adapterAvailability, titleOf } from '../../../test/support/adapters.ts';
import { evidenceOf } from '../src/evidence/evidence-document.ts';
import { firstKnownUs, noon, openApi, raised, refusalOf, type ApiWorld } from './api-world.ts';

const hourMs = 3_600_000;
const intervalMs = 300_000;
const began = noon - 5 * hourMs;
const alert = raised(5, { knownUntil: noon - 3 * hourMs, windows: 2 });
const acknowledgedAt = noon - 30_000;
/** When a reading of the first hour was corrected, and with what. */
const correctedUs = firstKnownUs + 60_000_000;
const corrected = [began + intervalMs, 170] as const;

/** Five hours: kept, two beyond the limit, kept, and half an hour. */
const readings = Array.from({ length: 54 }, (_, at) => {
  const time = began - hourMs + at * intervalMs;
  const isBeyond = time >= began && time < began + 2 * hourMs;
  return [time, isBeyond ? 150 : 50, at === 20 ? 1 : 0];
});

let world: ApiWorld;
beforeAll(async () => {
  world = await openApi();
  await world.store('kiln-pm', readings);
  await world.store('kiln-pm', [corrected], correctedUs);
  await world.alert(alert);
});
afterAll(() => world.close());

const addressOf = (query: string) => `/v1/cases/${encodeURIComponent(alert.id)}/evidence?${query}`;
const isoOf = (timeUs: number) => {
  const text = new Date(Math.floor(timeUs / 1000)).toISOString();
  return encodeURIComponent(text);
};

async function evidence(query = ''): Promise<SealedEvidence> {
  return (await world.ask(addressOf(`format=json&${query}`))).json();
}

async function keys(): Promise<Parameters<typeof verifyEvidence>[1]> {
  return (await world.ask('/.well-known/jwks.json', { as: 'none' })).json<{ keys: [] }>().keys;
}

describe('Evidence of a case', () => {
  it('tells each window, what it was made of, what was superseded, and what it may be taken for', async () => {
    const { document } = await evidence();
    expect(document.finding.en).toContain('the authority concludes');
    expect(document.document).toEqual({ name: 'QCVN 23:2009/BTNMT', verified: false, assurance: 'memory' });
    expect(document.bounds).toEqual({ min: null, max: 100 });
    const judged = document.verdicts.map(({ start, state, mean }) => [start.slice(11, 16), state, mean]);
    expect(judged).toEqual([
      ['06:00', 'kept', 50],
      ['07:00', 'broken', roundTo15Digits(1670 / 11)],
      ['08:00', 'broken', 150],
      ['09:00', 'kept', 50],
    ]);
    expect(document.readings).toHaveLength(24);
    const standing = document.readings.find(({ revision }) => revision === 1)!;
    expect(standing).toMatchObject({ meter: 'kiln-pm', value: 170, supersededAt: null });
    expect(document.superseded).toMatchObject([
      { time: standing.time, value: 150, revision: 0, supersededAt: standing.knownAt },
    ]);
    expect(document.readings.filter(({ status }) => status === 'calibrating')).toHaveLength(1);
    expect(document.limit).toMatchObject({ id: 'kiln-dust', version: 1, body: { value: 100 } });
    expect(document.meter).toMatchObject({ id: 'kiln-pm', body: { unit: 'mg/Nm3' } });
    expect(document.timeline).toMatchObject([{ what: 'raised', alert: alert.id, by: null }]);
    expect(document.software).toMatchObject({ name: 'Songma', version: '1.2.3' });
  });

  it('as of before a correction has what was known then', async () => {
    // An alert that was known before the correction was.
    const early = raised(5, {
      id: 'kiln-dust/7',
      origin: 7,
      changedAt: noon - hourMs,
      raisedAt: noon - hourMs,
    });
    await world.alert(early);
    const answer = await world.ask(
      `/v1/cases/${encodeURIComponent(early.id)}/evidence?format=json&asOf=${isoOf(firstKnownUs)}`,
    );
    const { document } = answer.json<SealedEvidence>();
    expect(document.verdicts[1]).toMatchObject({ state: 'broken', mean: 150 });
    expect(document.superseded).toEqual([]);
  });

  it('is sealed by a key that everybody can read, and a changed byte shows', async () => {
    const sealed = await evidence();
    expect(await verifyEvidence(sealed, await keys())).toEqual({ ok: true });
    const forged = structuredClone(sealed) as { document: { verdicts: { mean: number }[] } } & SealedEvidence;
    forged.document.verdicts[1]!.mean = 99;
    expect(await verifyEvidence(forged, await keys())).toEqual({ ok: false, reason: 'changed' });
  });

  it('has the same bytes when it is asked again as of the same time, whatever came since', async () => {
    const asOf = `asOf=${isoOf(noon * 1000)}`;
    const first = await world.ask(addressOf(`format=json&${asOf}`));
    await world.store('kiln-pm', [[began + 2 * intervalMs, 10]], (noon + 60_000) * 1000);
    world.setClock(noon + hourMs);
    const second = await world.ask(addressOf(`format=json&${asOf}`));
    expect(first.statusCode).toBe(200);
    expect(Buffer.compare(first.rawPayload, second.rawPayload)).toBe(0);
    world.setClock(noon);
  });

  it('is a PDF unless told, in the language that is asked for', async () => {
    const answer = await world.ask(addressOf('language=en'));
    expect(answer.headers['content-type']).toBe('application/pdf');
    expect(answer.headers['content-disposition']).toContain('.pdf');
    const text = answer.rawPayload.toString('latin1');
    expect(text).toMatch(/^%PDF-1\.7/);
    expect(text).toContain('/Lang (en)');
    expect(text).toContain('/AFRelationship /Source');
  });

  it('is led to by each alert of the chain, under the name of the first', async () => {
    const later = raised(3, { id: 'kiln-dust/8', origin: 8, raisedAt: noon - 50_000, replaces: [alert.id] });
    await world.alert(later, {
      ...alert,
      revision: 2,
      state: 'replaced',
      replacedBy: later.id,
      changedAt: noon - 50_000,
    });
    const answer = await world.ask(`/v1/cases/${encodeURIComponent(later.id)}/evidence?format=json`);
    const { document } = answer.json<SealedEvidence>();
    expect(document.case).toBe(alert.id);
    expect(document.alerts).toHaveLength(2);
    expect(document.timeline.map(({ what }) => what).toSorted()).toEqual(['raised', 'raised', 'replaced']);
  });

  it('tells who has taken the case up', async () => {
    world.setClock(acknowledgedAt);
    await world.ask(`/v1/alerts/${encodeURIComponent('kiln-dust/8')}/acknowledge`, {
      method: 'POST',
      as: 'officer',
      body: { note: 'Đã gọi' },
    });
    world.setClock(noon);
    const { document } = await evidence();
    expect(document.timeline.find(({ what }) => what === 'acknowledged')).toMatchObject({
      alert: 'kiln-dust/8',
      detail: { note: 'Đã gọi' },
    });
  });

  it('tells what people did and whom the desk told, the same as of a time whatever came since', async () => {
    const acted = noon + 2 * hourMs;
    const comment = (id: string, at: number, text: string) =>
      ({
        step: 'commented',
        id,
        case: alert.id,
        at,
        by: 'le-binh',
        via: 'api',
        text,
        visibility: 'office',
      }) as const;
    const notice: NoticeStep = {
      step: 'planned',
      notice: 'notice-1',
      at: acted + 1000,
      person: 'le-binh',
      channel: 'mail',
      address: { kind: 'mail', mail: 'binh@example.vn' },
      language: 'vi',
      purpose: 'raised',
      items: [{ key: `${alert.id}/raised/1`, case: alert.id, purpose: 'raised', severity: 'warning' }],
      subject: 'Vượt giới hạn',
      text: 'Vượt giới hạn',
    };
    await expect.poll(() => world.book.facts.alert(alert.id)?.revision, { timeout: 10_000 }).toBe(2);
    await world.book.append([comment('said-1', acted, 'Đã gọi nhà máy')]);
    await world.book.appendNotices([notice]);
    world.setClock(acted + hourMs);
    const asOf = `asOf=${isoOf((acted + 60_000) * 1000)}`;
    const first = await world.ask(addressOf(`format=json&${asOf}`));
    const { timeline } = first.json<SealedEvidence>().document;
    expect(timeline.slice(-2)).toMatchObject([
      { what: 'step', by: 'le-binh', detail: { step: 'commented', text: 'Đã gọi nhà máy' } },
      { what: 'notice', by: null, detail: { notice: notice.notice, person: 'le-binh', state: 'planned' } },
    ]);
    const ofPlant = await world.ask(addressOf(`format=json&${asOf}`), { as: 'cement' });
    expect(ofPlant.statusCode).toBe(200);
    expect(ofPlant.body).not.toContain('Đã gọi nhà máy');
    await world.book.append([comment('said-2', acted + 120_000, 'Later')]);
    await world.book.appendNotices([{ step: 'sent', notice: notice.notice, at: acted + 120_000, ref: 'm' }]);
    const second = await world.ask(addressOf(`format=json&${asOf}`));
    expect(Buffer.compare(first.rawPayload, second.rawPayload)).toBe(0);
    world.setClock(noon);
  });

  it('is given to its own plant and to no other, and to nobody without a key', async () => {
    expect((await world.ask(addressOf('format=json'), { as: 'cement' })).statusCode).toBe(200);
    expect(refusalOf(await world.ask(addressOf('format=json'), { as: 'sugar' }))).toEqual([404, 'not_found']);
    expect(refusalOf(await world.ask(addressOf('format=json'), { as: 'none' }))).toEqual([
      401,
      'key_missing',
    ]);
    expect(refusalOf(await world.ask('/v1/cases/none%2F1/evidence'))).toEqual([404, 'not_found']);
  });
});

const influx = await adapterAvailability('influx');

describe.skipIf(!influx.available)(titleOf('Evidence from InfluxDB', influx), () => {
  const bucket = `songma-test-${randomBytes(6).toString('hex')}`;
  let other: SeriesStore;
  beforeAll(async () => {
    if (!influx.available) return;
    await createBucket(influx.settings, bucket);
    const duckdb = { memoryMiBMax: 256, threads: 1 };
    const config = {
      adapter: 'influx',
      dataDirectory: '',
      duckdb,
      influx: { ...influx.settings, bucket },
    } as const;
    other = await openSeriesStore(config, { logger: createLogger({ service: 'test', level: 'silent' }) });
  });
  afterAll(async () => {
    if (!influx.available) return;
    await other.close();
    await deleteBucket(influx.settings, bucket);
  });

  it('has the bytes of that from DuckDB', async () => {
    // Far from the other tests, so that both stores hold the same of it.
    const since = noon - 40 * 24 * hourMs;
    const own = raised(40 * 24, { knownUntil: since + 2 * hourMs, windows: 2 });
    const moved = readings.map(([time, value, flags]) => [time! - began + since, value!, flags!]);
    for (const store of [world.seriesStore, other]) {
      await store.write([
        { shard: shardOf('cement'), block: blockOf(moved, firstKnownUs) },
        { shard: shardOf('cement'), block: blockOf([[since, 170]], correctedUs) },
      ]);
      await store.keep({ rollups: [], indicators: [], alerts: [own] });
    }
    const [first, second] = await Promise.all(
      [world.seriesStore, other].map(async (seriesStore) => {
        const [found] = await seriesStore.alerts({ ids: [own.id], limit: 1 });
        return evidenceOf({ registry: world.registry, seriesStore, version: '1.2.3' }, found!, noon * 1000);
      }),
    );
    expect(first!.superseded).toHaveLength(1);
    expect(Buffer.compare(canonicalBytes(first), canonicalBytes(second))).toBe(0);
  });
});

function blockOf(rows: readonly (readonly number[])[], knownUs: number): ReadingBlock {
  return {
    site: 'mill-site',
    batch: `evidence-${knownUs}`,
    apiKey: 'test',
    knownUs,
    part: 0,
    parts: 1,
    meters: ['kiln-pm'],
    meterIndex: new Uint32Array(rows.length),
    times: Float64Array.from(rows, ([time]) => time!),
    values: Float64Array.from(rows, ([, value]) => value!),
    flags: Uint8Array.from(rows, ([, , flags = 0]) => flags),
    rows: Uint32Array.from(rows, (_row, at) => at),
  };
}
