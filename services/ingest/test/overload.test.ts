import { connect } from 'node:net';
import { listen } from '@songma/runtime';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createInFlight, createRateLimit } from '../src/admission.ts';
import { makeDataDir, openDoor, push, pushed, reading, type DoorWorld } from './door-world.ts';

let world: DoorWorld;
let dir: Awaited<ReturnType<typeof makeDataDir>>;
beforeEach(async () => {
  dir = await makeDataDir();
});
afterEach(async () => {
  await world.close();
  await dir.remove();
});
const open = async (env: Record<string, string>) => {
  world = await openDoor({ dataDir: dir.path, env });
};

describe('while the log is down', () => {
  it('a push is answered with 503 and Retry-After, and never with a receipt', async () => {
    await open({});
    await world.eventLog.close();
    const answer = await push(world, [reading()], { batch: 'b-1' });
    expect(answer.statusCode).toBe(503);
    expect(Number(answer.headers['retry-after'])).toBeGreaterThan(0);
    expect(answer.json()).toMatchObject({ status: 503, code: expect.stringMatching(/^[a-z_]+$/) as string });
    const again = await push(world, [reading()], { batch: 'b-1' });
    expect(again.statusCode).toBe(503);
  });

  it('the door is not ready', async () => {
    await open({});
    await world.eventLog.close();
    const answer = await world.app.inject('/health/ready');
    expect(answer.statusCode).toBe(503);
    expect(answer.json<{ checks: { name: string; ok: boolean }[] }>().checks).toContainEqual(
      expect.objectContaining({ name: 'event log', ok: false }),
    );
  });
});

describe('when too much is under way', () => {
  it('a push more than is taken at once is answered with 503, and the next one is taken', async () => {
    await open({ INGEST_IN_FLIGHT_PUSHES_MAX: '2' });
    const power = [reading({ meter: 'sugar-power' })];
    const answers = await Promise.all([
      push(world, [reading()]),
      push(world, power, { key: 'sugar' }),
      push(world, [reading()], { key: 'admin' }),
    ]);
    expect(answers.map(({ statusCode }) => statusCode)).toEqual([202, 202, 503]);
    const refused = answers[2];
    expect(refused.json()).toMatchObject({ code: 'overloaded' });
    expect(refused.headers['retry-after']).toBe('1');
    await pushed(world, [reading()], { key: 'admin' });
    expect(await world.blocks()).toHaveLength(3);
  });

  it('a key has its share and no more: it is answered with 429, and others are taken', async () => {
    await open({ INGEST_IN_FLIGHT_PUSHES_MAX: '8' });
    const greedy = Array.from({ length: 20 }, () => push(world, [reading()]));
    const modest = push(world, [reading({ meter: 'sugar-power' })], { key: 'sugar' });
    const statuses = (await Promise.all(greedy)).map(({ statusCode }) => statusCode);
    expect(statuses.filter((status) => status === 202)).toHaveLength(2);
    expect(statuses.filter((status) => status === 429)).toHaveLength(18);
    expect((await greedy[19]!).json()).toMatchObject({ code: 'key_overloaded' });
    expect((await modest).statusCode).toBe(202);
  });

  it('bytes more than are taken at once are answered with 503, but one push always fits', async () => {
    await open({ INGEST_IN_FLIGHT_BYTES_MAX: '10' });
    const answers = await Promise.all([
      push(world, [reading()]),
      push(world, [reading({ meter: 'sugar-power' })], { key: 'sugar' }),
    ]);
    expect(answers.map(({ statusCode }) => statusCode).toSorted((a, b) => a - b)).toEqual([202, 503]);
    await pushed(world, [reading()]);
  });
});

describe('a key that pushes too often', () => {
  it('is answered with 429 and Retry-After, and others are not', async () => {
    await open({ INGEST_PUSHES_PER_SECOND_MAX: '1' });
    await pushed(world, [reading()]);
    const answer = await push(world, [reading()]);
    expect(answer.statusCode).toBe(429);
    expect(answer.headers['retry-after']).toBe('1');
    expect(answer.json()).toMatchObject({ code: 'too_many_pushes' });
    await pushed(world, [reading({ meter: 'sugar-power' })], { key: 'sugar' });
  });
});

describe('the rate of a key', () => {
  const key = { key: 'a' };

  it('allows a burst of one second and then what the time has brought', async () => {
    await open({});
    const rate = createRateLimit(10);
    for (let i = 0; i < 10; i++) rate.take(key, 0);
    expect(() => rate.take(key, 0)).toThrow('too_many_pushes');
    expect(() => rate.take(key, 99)).toThrow('too_many_pushes');
    rate.take(key, 100);
    expect(() => rate.take(key, 100)).toThrow('too_many_pushes');
    for (let i = 0; i < 10; i++) rate.take(key, 60_000);
    expect(() => rate.take(key, 60_000)).toThrow('too_many_pushes');
  });
});

describe('what is under way', () => {
  it('is given back once, however often a push leaves', async () => {
    await open({});
    const inFlight = createInFlight({ inFlightPushesMax: 8, inFlightBytesMax: 100 });
    const [a, b] = [{ key: 'a' }, { key: 'b' }];
    const first = inFlight.enter(a, 60);
    expect([inFlight.pushes, inFlight.bytes]).toEqual([1, 0]);
    first.grow(60);
    first.grow(30);
    expect([inFlight.pushes, inFlight.bytes]).toEqual([1, 90]);
    expect(() => inFlight.enter(a, 1)).toThrow('key_overloaded');
    expect(() => inFlight.enter(b, 11)).toThrow('overloaded');
    const second = inFlight.enter(b, 10);
    second.grow(10);
    expect(() => second.grow(1)).toThrow('overloaded');
    // The larger one is alone again with its key, and may grow.
    second.leave();
    first.grow(11);
    first.leave();
    first.leave();
    expect([inFlight.pushes, inFlight.bytes]).toEqual([0, 0]);
  });

  it('is given back by a client that breaks off in the middle of its body', async () => {
    await open({});
    const { port } = new URL(await listen(world.app, { host: '127.0.0.1', port: 0 }));
    const underWay = async (pushes: number) => {
      while (!(await world.metrics.text()).includes(`songma_ingest_in_flight_pushes ${pushes}\n`)) {
        await new Promise((resolve) => setImmediate(resolve));
      }
    };
    const socket = connect(Number(port), '127.0.0.1');
    socket.write(
      'POST /v1/readings HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 1000\r\n' +
        `authorization: Bearer ${world.tokens.cement}\r\n\r\n{"readings":`,
    );
    await underWay(1);
    socket.destroy();
    await underWay(0);
    expect(await world.blocks()).toEqual([]);
  });

  it('is empty again after pushes of every end, and counted', async () => {
    await open({});
    await Promise.all([
      push(world, [reading(), reading({ meter: 'nowhere' })], { batch: 'b-1' }),
      push(world, [reading(), reading({ meter: 'nowhere' })], { batch: 'b-1' }),
      push(world, '{'),
      push(world, [reading()], { key: 'expired' }),
      push(world, 'x', { headers: { 'content-encoding': 'gzip' } }),
    ]);
    const text = await world.metrics.text();
    for (const line of [
      'songma_ingest_in_flight_pushes 0',
      'songma_ingest_in_flight_bytes 0',
      'songma_ingest_readings_total{outcome="accepted"} 1',
      'songma_ingest_readings_total{outcome="refused"} 1',
      'songma_ingest_refusals_total{code="meter_unknown"} 1',
      'songma_ingest_pushes_total{outcome="accepted"} 1',
      'songma_ingest_pushes_total{outcome="replayed"} 1',
      'songma_ingest_pushes_total{outcome="body_not_json"} 1',
      'songma_ingest_pushes_total{outcome="key_expired"} 1',
      'songma_ingest_pushes_total{outcome="gzip_damaged"} 1',
      'songma_ingest_append_seconds_count 1',
    ]) {
      expect(text).toContain(line);
    }
  });
});
