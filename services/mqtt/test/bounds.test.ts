import { once } from 'node:events';
import type { Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { ended, openMqttWorld, type MqttWorld } from './mqtt-world.ts';

/** CONNECT of protocol 3.1.1 by hand. */
function connectPacket(password: string, clientId = 'raw'): Buffer {
  const text = (value: string) => {
    const bytes = Buffer.from(value);
    return Buffer.concat([Buffer.from([bytes.length >> 8, bytes.length & 255]), bytes]);
  };
  const rest = Buffer.concat([
    text('MQTT'),
    Buffer.from([4, 0b1100_0010, 0, 60]),
    text(clientId),
    text('raw'),
    text(password),
  ]);
  return Buffer.concat([Buffer.from([0x10, rest.length]), rest]);
}

describe('The broker', () => {
  let world: MqttWorld;
  afterEach(async () => {
    // Whatever came, others are served.
    const plant = await world.client('sugar');
    await plant.publishAsync('songma/sugar/mill-power', '1', { qos: 1 });
    await world.close();
  });

  const identified = async (): Promise<Socket> => {
    const socket = world.socket();
    socket.write(connectPacket(world.tokens.cement));
    const [connack] = (await once(socket, 'data')) as [Buffer];
    expect([...connack]).toEqual([0x20, 2, 0, 0]);
    return socket;
  };

  it.each([
    ['bytes that are no MQTT', Buffer.from('GET / HTTP/1.1\r\nHost: x\r\n\r\n')],
    ['a length of five bytes', Buffer.from([0x10, 0xff, 0xff, 0xff, 0xff, 0x7f])],
    ['a first packet of 256 MiB', Buffer.from([0x10, 0xff, 0xff, 0xff, 0x7f])],
    ['a message before CONNECT', Buffer.from([0x30, 5, 0, 1, 0x61, 0x31, 0x32])],
    ['a reserved packet type', Buffer.from([0x00, 0])],
  ])('ends a connection that begins with %s', async (_, bytes) => {
    world = await openMqttWorld({ env: { MQTT_CONNECT_MS_MAX: '2000' } });
    const socket = world.socket();
    socket.write(bytes);
    await ended(socket);
    expect(await world.stored()).toEqual([]);
  });

  it.each([
    ['announces a larger packet than is taken', Buffer.from([0x30, 0xff, 0xff, 0x7f])],
    ['has NUL in a topic', Buffer.from([0x30, 5, 0, 3, 0x61, 0, 0x62])],
    ['publishes to +', Buffer.from([0x30, 4, 0, 1, 0x2b, 0x31])],
    ['publishes to #', Buffer.from([0x30, 4, 0, 1, 0x23, 0x31])],
    ['publishes to nothing', Buffer.from([0x30, 3, 0, 0, 0x31])],
    ['has a topic that is longer than its packet', Buffer.from([0x30, 4, 0xff, 0xff, 0x61, 0x61])],
    ['uses QoS 3', Buffer.from([0x36, 6, 0, 1, 0x61, 0, 1, 0x31])],
    ['connects twice', connectPacket('x')],
  ])('ends a connection that %s', async (_, bytes) => {
    world = await openMqttWorld({ env: { MQTT_PACKET_BYTES_MAX: '65536' } });
    const socket = await identified();
    socket.write(bytes);
    await ended(socket);
    expect(await world.stored()).toEqual([]);
  });

  it('ends a connection whose packet does not come on', async () => {
    world = await openMqttWorld({ env: { MQTT_PACKET_MS_MAX: '100' } });
    const socket = await identified();
    socket.write(Buffer.from([0x30, 100, 0, 1, 0x61]));
    await ended(socket);
    expect(socket.destroyed).toBe(true);
  });

  it('ends a connection that does not say who it is', async () => {
    world = await openMqttWorld({ env: { MQTT_CONNECT_MS_MAX: '100' } });
    const socket = world.socket();
    await ended(socket);
    expect(socket.destroyed).toBe(true);
  });

  it('ends the oldest of too many that have not said who they are, and lets others in', async () => {
    world = await openMqttWorld({ env: { MQTT_CONNECTIONS_MAX: '8' } });
    const sockets = Array.from({ length: 5 }, () => world.socket());
    await Promise.any(sockets.map((socket) => ended(socket)));
    expect((await identified()).destroyed).toBe(false);
  });

  it('takes a packet of exactly the size that is allowed, and not one byte more', async () => {
    world = await openMqttWorld({ env: { MQTT_PACKET_BYTES_MAX: '1000' } });
    const topic = 'songma/cement/kiln-power';
    // Fixed header of three bytes, two of the topic's length, two of the packet's id.
    const room = 1_000 - 3 - 2 - topic.length - 2;
    const plant = await world.client('cement');
    await plant.publishAsync(topic, '1'.padEnd(room), { qos: 1 });
    expect(await world.stored()).toMatchObject([{ value: 1 }]);
    const closed = new Promise<void>((resolve) => plant.once('close', () => resolve()));
    plant.publish(topic, '1'.padEnd(room + 1), { qos: 1 });
    await closed;
  });
});
