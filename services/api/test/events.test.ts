import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EventStreams } from '../src/live/streams.ts';
import { noon, openApi, raised, type ApiWorld, type Asked } from './api-world.ts';

interface Told {
  readonly id: string;
  readonly event: string;
  readonly data: Record<string, unknown>;
}

let world: ApiWorld;
beforeAll(async () => {
  world = await openApi();
});
afterAll(() => world.close());

/** Opens the live stream; `next` waits for the next event. */
async function listen(asked: Asked & { readonly query?: string; readonly lastId?: string } = {}) {
  const { query = '', lastId, ...rest } = asked;
  const headers = lastId === undefined ? {} : { 'last-event-id': lastId };
  const response = await world.stream(`/v1/events${query}`, { as: 'analyst', ...rest, headers });
  expect(response.statusCode).toBe(200);
  const stream = response.stream();
  const pieces = stream[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
  let text = '';
  return {
    response,
    close: () => stream.destroy(),
    async next(): Promise<Told> {
      for (;;) {
        const end = text.indexOf('\n\n');
        if (end >= 0) {
          const block = text.slice(0, end);
          text = text.slice(end + 2);
          const field = (name: string) => new RegExp(`^${name}: (.*)$`, 'm').exec(block)?.[1];
          const type = field('event');
          if (type !== undefined) {
            return { id: field('id') ?? '', event: type, data: JSON.parse(field('data')!) as Told['data'] };
          }
          continue;
        }
        const piece = await pieces.next();
        if (piece.done === true) throw new Error('the stream ended');
        text += piece.value.toString();
      }
    },
  };
}

const alertOf = ({ data }: Told) => (data['alert'] as { id: string }).id;

describe('the live stream', () => {
  it('says that it is ready, then tells what happens', async () => {
    const stream = await listen();
    expect(stream.response.headers).toMatchObject({
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store, no-transform',
    });
    expect((await stream.next()).event).toBe('ready');
    const alert = raised(100);
    await world.alert(alert);
    const told = await stream.next();
    expect(told).toMatchObject({
      event: 'alert',
      data: { step: 'raised', alert: { id: alert.id, state: 'open' } },
    });
    await world.ask(`/v1/alerts/${encodeURIComponent(alert.id)}/acknowledge`, { method: 'POST' });
    expect(await stream.next()).toMatchObject({
      data: { step: 'acknowledged', alert: { state: 'acknowledged' } },
    });
    stream.close();
  });

  it('goes on after the last event that was seen, without a gap and without a repeat', async () => {
    const before = await listen();
    await before.next();
    const [one, two, three] = [raised(200), raised(201), raised(202)];
    await world.alert(one);
    const seen = await before.next();
    before.close();
    await world.alert(two);
    await world.alert(three);
    const after = await listen({ lastId: seen.id });
    // What the api has not read from the log yet when the reader comes back follows after `ready`.
    const told = [await after.next(), await after.next(), await after.next()];
    const alerts = told.filter((item) => item.event === 'alert');
    expect(told.map((item) => item.event).toSorted()).toEqual(['alert', 'alert', 'ready']);
    expect(alerts.map(alertOf).toSorted()).toEqual([two.id, three.id].toSorted());
    after.close();
  });

  it.each(['nonsense', ''])('tells of a gap when "%s" is the last event that was seen', async (lastId) => {
    const old = raised(300, { changedAt: noon - 3_600_000 });
    const watching = await listen();
    await watching.next();
    await world.alert(old, raised(lastId === '' ? 301 : 302));
    await watching.next();
    watching.close();
    const stream = await listen({ lastId });
    expect((await stream.next()).event).toBe('gap');
    stream.close();
  });

  it('tells a plant of its own only, and everybody what they asked for', async () => {
    const plant = await listen({ as: 'sugar' });
    const indicators = await listen({ query: '?types=indicator' });
    const other = await listen({ query: '?enterprise=sugar' });
    for (const stream of [plant, indicators, other]) expect((await stream.next()).event).toBe('ready');
    const own = raised(401, {
      enterprise: 'sugar',
      site: 'sugar-site',
      meter: 'sugar-power',
      id: 'sugar-limit/401',
      origin: 401,
      limit: 'sugar-limit',
    });
    await world.alert(raised(400));
    await world.alert(own);
    expect(alertOf(await plant.next())).toBe(own.id);
    expect(alertOf(await other.next())).toBe(own.id);
    const published = indicatorEvent();
    await world.eventLog.append('indicators', [
      { key: 'cement', value: new TextEncoder().encode(JSON.stringify(published)) },
    ]);
    expect(await indicators.next()).toMatchObject({
      event: 'indicator',
      data: {
        before: null,
        after: { enterprise: 'cement', start: '2026-11-22T00:00:00+07:00' },
        cause: 'readings',
        restatement: false,
      },
    });
    const { after } = published;
    const restated = {
      id: published.id,
      before: after,
      after: { ...after, revision: 2, publishedAt: noon + 1 },
      cause: 'registry',
    };
    await world.eventLog.append('indicators', [
      { key: 'cement', value: new TextEncoder().encode(JSON.stringify(restated)) },
    ]);
    expect((await indicators.next()).data).toMatchObject({ restatement: true, cause: 'registry' });
    for (const stream of [plant, indicators, other]) stream.close();
  });
});

function event(length: number) {
  return { type: 'alert', enterprise: 'cement', site: undefined, data: 'x'.repeat(length) } as const;
}

describe('the streams', () => {
  const reader = {
    role: 'analyst',
    id: 'a',
    token: undefined,
    enterprise: undefined,
    sites: undefined,
  } as const;
  const subscription = { reader, types: ['alert'], enterprise: undefined, lastEventId: undefined } as const;
  const limits = {
    ringEventsMax: 4,
    streamsMax: 2,
    streamsPerKeyMax: 2,
    waitingBytesMax: 1000,
    heartbeatMs: 3_600_000,
  };

  it('are as many as may be, and one more when one is left', () => {
    const streams = new EventStreams({ limits, inForce: () => true, onCut: () => undefined });
    const [first] = [streams.open(subscription), streams.open(subscription)];
    const other = { ...reader, id: 'b' };
    expect(() => streams.requireRoom(other)).toThrow('too_many_streams:');
    first.destroy();
    return new Promise<void>((resolve) => {
      first.once('close', () => {
        streams.requireRoom(other);
        streams.close();
        resolve();
      });
    });
  });

  it('of one key are a share of them: others find room whatever one opens', () => {
    const shared = { ...limits, streamsMax: 3 };
    const streams = new EventStreams({ limits: shared, inForce: () => true, onCut: () => undefined });
    for (let i = 0; i < shared.streamsPerKeyMax; i++) streams.open(subscription);
    expect(() => streams.requireRoom(reader)).toThrow('too_many_streams_of_key');
    streams.requireRoom({ ...reader, id: 'b' });
    streams.close();
  });

  it('cut off a reader that does not read, and count it', () => {
    let cut = 0;
    const streams = new EventStreams({ limits, inForce: () => true, onCut: () => cut++ });
    const slow = streams.open(subscription);
    for (let offset = 0; offset < 20; offset++) streams.publish({ partition: 'a0', offset }, event(100));
    expect([cut, slow.destroyed, streams.size]).toEqual([1, true, 0]);
    streams.close();
  });

  it('end at the heartbeat after the key is no longer in force', async () => {
    let isInForce = true;
    const streams = new EventStreams({ limits, inForce: () => isInForce, onCut: () => undefined });
    const stream = streams.open(subscription);
    streams.heartbeat();
    isInForce = false;
    streams.heartbeat();
    const text = (await Array.fromAsync(stream)).map(String).join('');
    expect(text.match(/^event: .*$/gm)).toEqual(['event: ready', 'event: heartbeat']);
    streams.close();
  });

  it('tell of a gap when the events after the last seen are no longer held', () => {
    const streams = new EventStreams({ limits, inForce: () => true, onCut: () => undefined });
    for (let offset = 0; offset < 9; offset++) streams.publish({ partition: 'a0', offset }, event(1));
    const textOf = (lastEventId: string) => String(streams.open({ ...subscription, lastEventId }).read());
    expect(textOf('a0.1')).toContain('event: gap');
    expect(textOf('a0.7')).not.toContain('event: gap');
    streams.close();
  });
});

function indicatorEvent() {
  const after = {
    id: 'cement/electricity-intensity/P1D/1',
    enterprise: 'cement',
    name: 'electricity-intensity',
    window: 'P1D',
    start: noon - 36 * 3_600_000,
    end: noon - 12 * 3_600_000,
    value: null,
    unit: 'kWh/t',
    coverage: 0.4,
    withheld: 'coverage',
    numerator: null,
    denominator: null,
    revision: 1,
    inputs: [],
    publishedAt: noon,
  };
  return { id: `${after.id}/1`, before: null, after, cause: 'readings' };
}
