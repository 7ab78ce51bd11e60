import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { Aedes, type PublishPacket } from 'aedes';
import { createApiKey } from '@songma/registry';
import { ConfigError } from '@songma/runtime';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { connected, noon, openMqttWorld, type MqttWorld } from './mqtt-world.ts';

describe('A client of a broker', () => {
  let broker: Aedes;
  let url: string;
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    broker.handle(socket);
  });
  let world: MqttWorld | undefined;

  beforeAll(async () => {
    broker = await Aedes.createBroker();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    url = `mqtt://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterEach(() => world?.close());
  afterAll(async () => {
    await new Promise<void>((resolve) => broker.close(resolve));
    server.close();
  });

  // The broker of the test knows no shared subscriptions.
  const env = () => ({ MQTT_URL: url, MQTT_SHARE: 'none' });
  const ready = (opened: MqttWorld) =>
    expect
      .poll(() =>
        opened.mqtt.checks[0]!.check().then(
          () => 'ready',
          (error: Error) => error.message,
        ),
      )
      .toBe('ready');
  const acknowledged = () =>
    new Promise<PublishPacket>((resolve) => {
      broker.once('ack', (packet) => resolve(packet as PublishPacket));
    });

  it('acknowledges a message when the log has it, and tells what was refused', async () => {
    world = await openMqttWorld({ env: env(), clientKey: 'admin' });
    await ready(world);
    const others = await connected(url, {});
    await others.subscribeAsync('songma/receipts/admin');
    const told = new Promise<[string, Buffer]>((resolve) => {
      others.once('message', (topic, payload) => resolve([topic, payload]));
    });
    const ack = acknowledged();
    await others.publishAsync('songma/cement/kiln-power', '1.5', { qos: 1 });
    await ack;
    expect(await world.stored()).toMatchObject([{ meter: 'kiln-power', value: 1.5 }]);
    await others.publishAsync('songma/cement/mill-power', '2', { qos: 1 });
    const [topic, payload] = await told;
    expect([topic, JSON.parse(payload.toString())]).toMatchObject([
      'songma/receipts/admin',
      { topic: 'songma/cement/mill-power', accepted: 0 },
    ]);
    expect(await world.quarantined()).toMatchObject([{ enterprise: 'cement' }]);
    await others.endAsync();
  });

  it('takes a message again that it could not acknowledge', async () => {
    const release = Promise.withResolvers<void>();
    let isFirst = true;
    world = await openMqttWorld({
      env: { ...env(), MQTT_CLIENT_ID: 'again' },
      clientKey: 'admin',
      between: (door) => ({
        push: async (push) => {
          const receipt = await door.push(push);
          if (isFirst) {
            isFirst = false;
            for (const socket of sockets) socket.destroy();
            await release.promise;
          }
          return receipt;
        },
      }),
    });
    await ready(world);
    const others = await connected(url, {});
    const reading = JSON.stringify({ time: '2026-11-23T11:00:00+07:00', value: 3 });
    others.publish('songma/cement/kiln-power', reading, { qos: 1 });
    await expect.poll(() => isFirst).toBe(false);
    release.resolve();
    const opened = world;
    await expect.poll(async () => (await opened.stored()).length).toBeGreaterThan(1);
    const stored = await opened.stored();
    expect(new Set(stored.map((value) => JSON.stringify(value))).size).toBe(1);
    others.end(true);
  });

  it('does not start without a key', async () => {
    world = undefined;
    await expect(openMqttWorld({ env: env() })).rejects.toThrow(ConfigError);
  });

  it('waits for its key to be registered', async () => {
    const { key, token } = createApiKey({ id: 'late', name: 'late', role: 'admin', now: noon });
    world = await openMqttWorld({ env: { ...env(), MQTT_KEY: token, MQTT_CLIENT_ID: 'late' } });
    await expect(world.mqtt.checks[0]!.check()).rejects.toThrow('MQTT_KEY');
    await world.register('key', key);
    await ready(world);
  });
});
