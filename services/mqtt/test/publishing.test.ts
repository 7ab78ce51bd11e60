import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { UnavailableError, HttpProblem } from '@songma/runtime';
import type { MqttClient } from 'mqtt';
import type { PushDoor } from '../src/mqtt.ts';
import { noon, openMqttWorld, type MqttWorld } from './mqtt-world.ts';

const arrived = new Date(noon).toISOString();
const at = (minute: number) => new Date(noon - 3_600_000 + minute * 60_000).toISOString();

describe('A message', () => {
  let world: MqttWorld;
  let plant: MqttClient;
  beforeAll(async () => {
    world = await openMqttWorld();
    plant = await world.client('cement');
  });
  afterAll(() => world.close());

  const publish = (topic: string, payload: string | Buffer, qos: 0 | 1 | 2 = 1) =>
    plant.publishAsync(topic, payload, { qos });
  const newest = async (payload: string | Buffer, topic = 'songma/cement/kiln-power') => {
    await publish(topic, payload);
    return (await world.stored()).at(-1);
  };
  const refusedOf = async (payload: string | Buffer, topic = 'songma/cement/kiln-power') => {
    const before = (await world.stored()).length;
    await publish(topic, payload);
    expect((await world.stored()).length).toBe(before);
    return (await world.quarantined()).at(-1)!;
  };

  it.each([
    ['a number', '12.5', 12.5, arrived],
    ['a whole number', '-3', -3, arrived],
    ['a number with blanks around it', ' 7 \n', 7, arrived],
    ['a number with a decimal comma', '7,25', 7.25, arrived],
    ['a number in the way of JSON', '1e2', 100, arrived],
    ['a quoted number', '"8.5"', 8.5, arrived],
    ['an object', '{"value":9}', 9, arrived],
    ['an object with a time', `{"time":"2026-11-23T11:00:00+07:00","value":9.5}`, 9.5, at(0)],
    ['an object with the meter’s local time', '{"time":"2026-11-23T11:01:00","value":"9,75"}', 9.75, at(1)],
    ['an object with seconds since 1970', `{"time":${noon / 1000 - 3_480},"value":10}`, 10, at(2)],
    ['an object with milliseconds since 1970', `{"time":${noon - 3_420_000},"value":11}`, 11, at(3)],
    ['an object with a unit', `{"time":"${at(4)}","value":1.5,"unit":"MW.h"}`, 1_500, at(4)],
  ])('is read as %s', async (_, payload, value, time) => {
    expect(await newest(payload)).toEqual({ meter: 'kiln-power', time, value });
  });

  it('of QoS 2 is in the log too when it is acknowledged', async () => {
    await publish('songma/cement/kiln-fan', '21.5', 2);
    expect((await world.stored()).at(-1)).toMatchObject({ meter: 'kiln-fan', value: 21.5 });
  });

  it('of QoS 0 is taken', async () => {
    await publish('songma/cement/kiln-fan', '22.5', 0);
    // What comes after it over the same connection is taken after it.
    await publish('songma/cement/kiln-fan', `{"time":"${at(9)}","value":23.5}`);
    expect((await world.stored()).map(({ value }) => value)).toContain(22.5);
  });

  it('may be a status without a value', async () => {
    expect(await newest(`{"time":"${at(5)}","status":"fault"}`)).toEqual({
      meter: 'kiln-power',
      time: at(5),
      value: Number.NaN,
    });
  });

  it('may be a list of readings, as a logger keeps them while its line is down', async () => {
    const list = [6, 7, 8].map((minute) => ({ time: at(minute), value: minute }));
    await publish('songma/cement/kiln-fan', JSON.stringify(list));
    expect((await world.stored()).slice(-3)).toEqual(
      list.map((reading) => ({ meter: 'kiln-fan', ...reading })),
    );
  });

  it.each([
    ['JSON', JSON.stringify({ readings: [{ meter: 'kiln-fan', time: at(10), value: 1 }] })],
    ['NDJSON', JSON.stringify({ meter: 'kiln-fan', time: at(11), value: 1 })],
    ['a CSV', `meter;time;value\nkiln-fan;${at(12)};1\n`],
  ])('may be a batch of readings, as %s', async (_, payload) => {
    expect(await newest(payload, 'songma/cement/batch')).toMatchObject({ meter: 'kiln-fan', value: 1 });
  });

  it.each([
    ['nothing', '', 'malformed'],
    ['a word', 'hello', 'value_not_finite'],
    ['markup', '<html><body onload="x()">1</body></html>', 'value_not_finite'],
    ['bytes that are no text', Buffer.from([0xff, 0xfe, 0x00, 0x80]), 'malformed'],
    ['NUL', '\0', 'value_not_finite'],
    ['broken JSON', '{"value":', 'malformed'],
    ['an unknown field', '{"value":1,"valeu":2}', 'malformed'],
    ['an unknown unit', '{"value":1,"unit":"parsec/h"}', 'unit_unknown'],
    ['another quantity', '{"value":1,"unit":"m3"}', 'unit_incompatible'],
    ['a time that is none', '{"time":"yesterday","value":1}', 'time_unreadable'],
    ['a time of another kind', '{"time":{},"value":1}', 'malformed'],
    ['a time in the future', '{"time":"2027-01-01T00:00:00Z","value":1}', 'time_in_future'],
    ['a number beyond all numbers', '1e999', 'value_not_finite'],
    ['an empty list', '[]', 'malformed'],
    ['a list that breaks off', '[{"value":1}', 'malformed'],
    ['a list of nulls', '[null]', 'value_not_finite'],
  ])('that is %s is acknowledged and kept in quarantine', async (_, payload, code) => {
    expect(await refusedOf(payload)).toMatchObject({ code });
  });

  it.each([
    ['an unknown meter', 'songma/cement/nobody'],
    ['the meter of another plant', 'songma/sugar/mill-power'],
    ['another plant’s meter under its own name', 'songma/cement/mill-power'],
    ['its own meter under another plant’s name', 'songma/sugar/kiln-power'],
    ['too few levels', 'songma/cement'],
    ['too many levels', 'songma/cement/kiln-power/more'],
    ['dots for a parent', 'songma/cement/../sugar/mill-power'],
    ['dots for the meter', 'songma/cement/..'],
    ['a system topic', '$SYS/broker/uptime'],
    ['another topic', 'zigbee2mqtt/lamp'],
    ['a very long topic', `songma/cement/${'x'.repeat(30_000)}`],
  ])('to %s is acknowledged and kept in quarantine', async (_, topic) => {
    const { code, raw } = await refusedOf('1.5', topic);
    expect(code).toMatch(/^(?:meter_unknown|source_unmapped|malformed)$/);
    expect(raw).toContain(topic.slice(0, 100));
  });

  it.each([
    ['no readings', 'hello', 'csv_header_invalid'],
    ['JSON that breaks off', '{"readings":[', 'body_not_json'],
    ['nothing', '', 'csv_header_invalid'],
  ])('of a batch topic with %s is kept with what is wrong', async (_, payload, code) => {
    const { raw } = await refusedOf(payload, 'songma/cement/batch');
    expect(JSON.parse(raw)).toMatchObject({ topic: 'songma/cement/batch', problem: code });
  });

  it('of a batch is judged row by row', async () => {
    const readings = [
      { meter: 'kiln-fan', time: at(20), value: 1 },
      { meter: 'mill-power', time: at(20), value: 2 },
    ];
    expect(await newest(JSON.stringify({ readings }), 'songma/cement/batch')).toMatchObject({
      meter: 'kiln-fan',
      time: at(20),
    });
    expect((await world.quarantined()).at(-1)).toMatchObject({ code: 'meter_unknown', enterprise: 'cement' });
  });

  it('to the batch topic of another plant is refused, whatever its rows', async () => {
    const payload = JSON.stringify({ meter: 'kiln-fan', time: at(21), value: 1 });
    const { raw } = await refusedOf(payload, 'songma/sugar/batch');
    expect(JSON.parse(raw)).toMatchObject({ problem: 'enterprise_forbidden' });
  });

  it('of an administrator counts for the enterprise of its topic only', async () => {
    const admin = await world.client('admin');
    const rows = [
      { meter: 'mill-power', time: at(30), value: 1 },
      { meter: 'kiln-fan', time: at(30), value: 2 },
    ];
    const payload = rows.map((row) => JSON.stringify(row)).join('\n');
    await admin.publishAsync('songma/sugar/batch', payload, { qos: 1 });
    expect((await world.stored()).at(-1)).toEqual(rows[0]);
    expect((await world.quarantined()).at(-1)).toMatchObject({ enterprise: 'sugar' });
  });

  it('that corrects the one before it is pushed after it', async () => {
    const values = [1, 2, 3, 4, 5];
    await Promise.all(
      values.map((value) => publish('songma/cement/kiln-fan', JSON.stringify({ time: at(40), value }))),
    );
    expect((await world.stored()).slice(-5).map(({ value }) => value)).toEqual(values);
  });

  it('counts once when it is sent twice', async () => {
    const reading = JSON.stringify({ time: at(41), value: 6 });
    await publish('songma/cement/kiln-fan', reading);
    await publish('songma/cement/kiln-fan', reading);
    const [first, second] = (await world.stored()).slice(-2);
    expect(second).toEqual(first);
  });

  it('is told to whom it was refused, and to nobody else', async () => {
    const told: unknown[] = [];
    const listener = await world.client('cement');
    await listener.subscribeAsync('songma/receipts/cement', { qos: 1 });
    const both = new Promise<void>((resolve) => {
      listener.on('message', (topic, payload) => {
        told.push({ ...(JSON.parse(payload.toString()) as object), told: topic });
        if (told.length === 2) resolve();
      });
    });
    const other = await world.client('sugar');
    await other.publishAsync('songma/sugar/nothing', '1', { qos: 1 });
    await publish('songma/cement/nothing', '1');
    await publish('songma/cement/kiln-fan', '7');
    await publish('songma/cement/batch', 'hello');
    await both;
    expect(told).toMatchObject([
      {
        told: 'songma/receipts/cement',
        topic: 'songma/cement/nothing',
        accepted: 0,
        refused: [{ row: 0, reason: { en: expect.any(String), vi: expect.any(String) } }],
      },
      { told: 'songma/receipts/cement', topic: 'songma/cement/batch', refused: [{ code: 'malformed' }] },
    ]);
  });
});

describe('While the log does not take anything, a message', () => {
  const outage = () => new UnavailableError('log_away', 'the log is away', { retryAfterMs: 1 });
  const overload = () => new HttpProblem(503, 'overloaded', { en: 'full', vi: 'đầy' }, { retryAfterMs: 1 });

  it.each([
    ['out', outage],
    ['overloaded', overload],
  ])('is acknowledged when it has been taken after all (%s)', async (_, problem) => {
    let asked = 0;
    const batches = new Set<string>();
    const world = await openMqttWorld({
      between: (door): PushDoor => ({
        push: async (push) => {
          batches.add(push.batch);
          if (++asked <= 2) throw problem();
          return door.push(push);
        },
      }),
    });
    const plant = await world.client('cement');
    await plant.publishAsync('songma/cement/kiln-power', '1', { qos: 1 });
    expect(await world.stored()).toHaveLength(1);
    expect([asked, batches.size]).toEqual([3, 1]);
    await world.close();
  });

  it('is not acknowledged, and the connection is ended so that it is sent again', async () => {
    let isOut = true;
    const world = await openMqttWorld({
      env: { MQTT_WAIT_MS_MAX: '1' },
      between: (door): PushDoor => ({
        push: async (push) => {
          if (isOut) throw outage();
          return door.push(push);
        },
      }),
    });
    const plant = await world.client('cement', { reconnectPeriod: 1 });
    plant.once('close', () => (isOut = false));
    await plant.publishAsync('songma/cement/kiln-power', '2', { qos: 1 });
    expect(isOut).toBe(false);
    expect(await world.stored()).toMatchObject([{ value: 2 }]);
    await world.close();
  });

  it('without a time keeps the time of its first arrival when it is sent again', async () => {
    let clock = noon;
    let isFirst = true;
    const world = await openMqttWorld({
      now: () => clock,
      env: { MQTT_WAIT_MS_MAX: '1' },
      between: (door): PushDoor => ({
        push: async (push) => {
          const receipt = await door.push(push);
          if (!isFirst) return receipt;
          // It is in the log, and nobody learns of it.
          isFirst = false;
          throw outage();
        },
      }),
    });
    const plant = await world.client('cement', { reconnectPeriod: 1, clientId: 'gateway' });
    plant.once('close', () => (clock += 5_000));
    await plant.publishAsync('songma/cement/kiln-power', '3', { qos: 1 });
    const [first, second] = await world.stored();
    expect(second).toEqual(first);
    await world.close();
  });

  it('of a key that was withdrawn ends its connection', async () => {
    const world = await openMqttWorld();
    const plant = await world.client('cement');
    const closed = new Promise<void>((resolve) => plant.once('close', () => resolve()));
    await world.retire('key', 'cement');
    await closed;
    await expect(world.client('cement')).rejects.toThrow(/Bad username or password/i);
    await world.close();
  });
});
