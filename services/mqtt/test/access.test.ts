import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connected, noon, openMqttWorld, type KeyName, type MqttWorld } from './mqtt-world.ts';

describe('A client', () => {
  let world: MqttWorld;
  beforeAll(async () => {
    world = await openMqttWorld({ env: { MQTT_CONNECTIONS_PER_KEY_MAX: '3' } });
  });
  afterAll(() => world.close());

  const secret = (key: KeyName) => world.tokens[key].split('_').at(-1)!;

  it.each([
    ['the key’s token as password', () => ({ username: 'gateway 7', password: world.tokens.sugar })],
    [
      'the key’s id as name and the token as password',
      () => ({ username: 'sugar', password: world.tokens.sugar }),
    ],
    [
      'the key’s id as name and the last part of the token as password',
      () => ({ username: 'sugar', password: secret('sugar') }),
    ],
  ])('is let in with %s', async (_, credentials) => {
    const client = await connected(`mqtt://127.0.0.1:${world.port}`, credentials());
    await client.publishAsync('songma/sugar/mill-power', '1', { qos: 1 });
    await client.endAsync();
    expect((await world.stored()).at(-1)).toMatchObject({ meter: 'mill-power' });
  });

  it.each([
    ['nothing', () => ({})],
    ['a name only', () => ({ username: 'sugar' })],
    ['a wrong password', () => ({ username: 'sugar', password: 'sugar' })],
    ['the last part of another key', () => ({ username: 'sugar', password: secret('cement') })],
    ['an expired key', () => ({ username: 'expired', password: world.tokens.expired })],
    ['a key that only reads', () => ({ username: 'analyst', password: world.tokens.analyst })],
    ['a password that is no text', () => ({ username: 'sugar', password: Buffer.from([0xff, 0]) })],
    ['markup', () => ({ username: '<script>', password: '<script>' })],
  ])('with %s is not', async (_, credentials) => {
    await expect(connected(`mqtt://127.0.0.1:${world.port}`, credentials())).rejects.toThrow(/refused/i);
  });

  it('takes over its own connection, and never that of another key', async () => {
    const first = await world.client('cement', { clientId: 'gateway' });
    const other = await world.client('sugar', { clientId: 'gateway' });
    const closed = new Promise<void>((resolve) => first.once('close', () => resolve()));
    await world.client('cement', { clientId: 'gateway' });
    await closed;
    expect(other.connected).toBe(true);
    await other.publishAsync('songma/sugar/mill-power', '2', { qos: 1 });
  });

  it('has no session that outlives its connection', async () => {
    const options = { clientId: 'lasting', clean: false };
    const first = await world.client('cement', options);
    await first.subscribeAsync('songma/receipts/cement', { qos: 1 });
    await first.endAsync();
    const second = await connected(`mqtt://127.0.0.1:${world.port}`, {
      ...options,
      password: world.tokens.cement,
      username: 'cement',
      resubscribe: false,
    });
    const told: string[] = [];
    second.on('message', (topic) => told.push(topic));
    await second.publishAsync('songma/cement/nothing', '1', { qos: 1 });
    await second.publishAsync('songma/cement/kiln-power', '1', { qos: 1 });
    await second.endAsync();
    expect(told).toEqual([]);
  });

  it.each([
    '#',
    '+/+/+',
    'songma/#',
    'songma/cement/kiln-power',
    'songma/sugar/mill-power',
    'songma/receipts/+',
    'songma/receipts/sugar',
    'songma/receipts/#',
    '$SYS/#',
    '$share/songma/songma/#',
    'spBv1.0/#',
    'spBv1.0/sugar/NDATA/edge',
  ])('may not subscribe to %s', async (topic) => {
    const client = await world.client('cement');
    const granted = await client.subscribeAsync(topic, { qos: 1 }).catch((error: Error) => error.message);
    expect(granted).toMatch(/unspecified error|subscribe/i);
    await client.endAsync();
  });

  it('hears nothing of what others publish, retained or by their will', async () => {
    const heard: string[] = [];
    const listener = await world.client('sugar');
    await listener.subscribeAsync('songma/receipts/sugar');
    listener.on('message', (topic) => heard.push(topic));
    const plant = await world.client('cement', {
      will: { topic: 'songma/receipts/sugar', payload: Buffer.from('x'), qos: 1, retain: true },
    });
    await plant.publishAsync('songma/receipts/sugar', 'x', { qos: 1, retain: true });
    plant.stream.destroy();
    await listener.unsubscribeAsync('songma/receipts/sugar');
    await listener.subscribeAsync('songma/receipts/sugar');
    expect(heard).toEqual([]);
    await listener.endAsync();
  });

  it('may leave a will, which is taken when it goes without a word', async () => {
    const plant = await world.client('cement', {
      will: { topic: 'songma/cement/kiln-fan', payload: Buffer.from('77'), qos: 1, retain: false },
    });
    plant.stream.destroy();
    const isThere = async () => (await world.stored()).some(({ value }) => value === 77);
    await expect.poll(isThere).toBe(true);
  });

  it('is one of so many with its key', async () => {
    const clients = await Promise.all([1, 2, 3].map(() => world.client('admin')));
    await expect(world.client('admin')).rejects.toThrow(/Server unavailable/i);
    await clients[0]!.endAsync();
    await expect
      .poll(() =>
        world.client('admin').then(
          () => true,
          () => false,
        ),
      )
      .toBe(true);
  });
});

describe('A key that expires', () => {
  it('ends with the next message', async () => {
    let clock = noon;
    const world = await openMqttWorld({ now: () => clock });
    const key = {
      id: 'short',
      name: 'short',
      role: 'plant',
      enterprise: 'cement',
      sites: [],
      createdAt: noon,
    };
    const { hash } = world.registry.get('key', 'cement')!.body;
    await world.register('key', { ...key, hash, expiresAt: noon + 1_000 } as { id: string });
    const password = world.tokens.cement.split('_').at(-1)!;
    const client = await connected(`mqtt://127.0.0.1:${world.port}`, { username: 'short', password });
    await client.publishAsync('songma/cement/kiln-power', '1', { qos: 1 });
    clock += 2_000;
    const closed = new Promise<void>((resolve) => client.once('close', () => resolve()));
    client.publish('songma/cement/kiln-power', '2', { qos: 1 });
    await closed;
    client.end(true);
    expect((await world.stored()).map(({ value }) => value)).toEqual([1]);
    await world.close();
  });
});
