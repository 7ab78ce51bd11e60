import { connect } from 'node:net';
import { once } from 'node:events';
import { parseArgs } from 'node:util';
import { createClient } from '@songma/client';
import { freePort, startSystem, usageOf } from '../support/system.ts';

const usage = `node test/bench/mqtt.ts [--seconds 20] [--connections 8] [--window 200] [--meters 200]

Publishes single readings at QoS 1 to the embedded broker, as many at once as the window of each connection allows, and
tells how many are acknowledged a second. A figure is printed only when every acknowledged reading is stored, once.`;

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '20' },
    connections: { type: 'string', default: '8' },
    window: { type: 'string', default: '200' },
    meters: { type: 'string', default: '200' },
    help: { type: 'boolean' },
  },
});
if (values.help === true) {
  console.log(usage);
  process.exit();
}
const seconds = Number(values.seconds);
const connections = Number(values.connections);
const window = Number(values.window);
const meters = Number(values.meters);
const first = Date.parse('2026-01-01T00:00:00Z');

const port = await freePort();
const system = await startSystem({ furnishing: 'embedded', env: { MQTT: 'on', MQTT_PORT: String(port) } });
const admin = createClient({ url: system.url, token: system.adminToken });
const put = (path: string, body: object) => admin.put(path, body, { ifNoneMatch: '*' });
await put('/v1/enterprises/works', { id: 'works', name: 'Xi măng', sector: '2394' });
await put('/v1/sites/works-1', { id: 'works-1', enterprise: 'works', name: 'Nhà máy' });
const kind = { quantity: 'electricity', kind: 'interval', unit: 'kW.h', intervalMs: 1_000 };
for (let i = 0; i < meters; i++)
  await put(`/v1/meters/m${i}`, { id: `m${i}`, site: 'works-1', name: `m${i}`, ...kind });
const tokens = await Promise.all(
  Array.from({ length: connections }, async (_, i) => {
    const { body } = await admin.post('/v1/keys', {
      name: `gateway ${i}`,
      role: 'plant',
      enterprise: 'works',
    });
    return (body as { token: string }).token;
  }),
);

const before = await usageOf(system.pid('standalone'));
const begun = performance.now();
const counts = await Promise.all(tokens.map((token, i) => load(token, i)));
const tookMs = performance.now() - begun;
const after = await usageOf(system.pid('standalone'));
const acknowledged = counts.reduce((sum, count) => sum + count, 0);
const stored = await storedCount(acknowledged);
if (stored !== acknowledged) throw new Error(`${acknowledged} were acknowledged, and ${stored} are stored`);
const perSecond = Math.round(acknowledged / (tookMs / 1000));
const cpu = ((after.cpuSeconds - before.cpuSeconds) / acknowledged) * 1e6;
console.log(
  `${perSecond.toLocaleString('en')} messages/s at QoS 1 over ${connections} connections, ` +
    `${cpu.toFixed(0)} CPU-seconds a million, ${acknowledged.toLocaleString('en')} acknowledged and stored, each once`,
);
await admin.close();
await system.stop();
await system.remove();

/** One connection: a window of messages on their way, until the time is over and all are acknowledged. */
async function load(token: string, index: number): Promise<number> {
  const socket = connect(port, '127.0.0.1');
  socket.setNoDelay(true);
  socket.write(connectPacket(token));
  await once(socket, 'data');
  let sent = 0;
  let answered = 0;
  const end = performance.now() + seconds * 1000;
  const fill = () => {
    const packets: Buffer[] = [];
    while (performance.now() < end && sent - answered < window) packets.push(publishPacket(index, sent++));
    if (packets.length > 0) socket.write(Buffer.concat(packets));
  };
  await new Promise<void>((resolve, reject) => {
    let rest = 0;
    socket.on('close', () => reject(new Error('the broker ended a connection')));
    socket.on('data', (piece: Buffer) => {
      rest += piece.length;
      answered += Math.floor(rest / 4);
      rest %= 4;
      fill();
      if (performance.now() >= end && answered === sent) resolve();
    });
    fill();
  });
  socket.removeAllListeners('close');
  socket.destroy();
  return answered;
}

/** Each connection has meters of its own, and each message a time of its own. */
function publishPacket(connection: number, message: number): Buffer {
  const own = Math.max(1, Math.floor(meters / connections));
  const topic = Buffer.from(`songma/works/m${connection * own + (message % own)}`);
  const time = new Date(first + Math.floor(message / own) * 1_000).toISOString();
  const payload = Buffer.from(`{"time":"${time}","value":${message % 1000}}`);
  const length = 2 + topic.length + 2 + payload.length;
  const id = (message % 65_535) + 1;
  return Buffer.concat([
    Buffer.from(length < 128 ? [0x32, length] : [0x32, (length & 127) | 128, length >> 7]),
    Buffer.from([topic.length >> 8, topic.length & 255]),
    topic,
    Buffer.from([id >> 8, id & 255]),
    payload,
  ]);
}

function connectPacket(token: string): Buffer {
  const text = (value: string) =>
    Buffer.concat([Buffer.from([0, Buffer.byteLength(value)]), Buffer.from(value)]);
  const rest = Buffer.concat([
    text('MQTT'),
    Buffer.from([4, 0b1100_0010, 0, 0]),
    text('bench'),
    text('x'),
    text(token),
  ]);
  return Buffer.concat([Buffer.from([0x10, rest.length]), rest]);
}

/** How many readings are stored, once that is what is expected or does not come any nearer. */
async function storedCount(expected: number): Promise<number> {
  let count = 0;
  for (let tries = 0; tries < 60; tries++) {
    const found = await Promise.all(Array.from({ length: meters }, (_, i) => countOf(`m${i}`)));
    count = found.reduce((sum, some) => sum + some, 0);
    if (count === expected) return count;
    await new Promise((resolve) => setTimeout(resolve, 1_000));
  }
  return count;
}

async function countOf(meter: string): Promise<number> {
  const path = `/v1/series?meter=${meter}&from=2026-01-01&to=2026-02-01&window=PT1H`;
  const { items } = (await admin.get(path)).body as { items: { count: number }[] };
  return items.reduce((sum, item) => sum + item.count, 0);
}
