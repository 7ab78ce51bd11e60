import { connect, type Socket } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { seedRegistry } from '../support/stores.ts';
import { startSystem } from '../support/system.ts';
import { buildWorld, minuteMs } from '../support/world.ts';

/**
 * One request hung the process for ever: no health, no pushes, SIGTERM without effect. With each of these
 * open at once the door takes pushes, answers questions, and ends in order when it is told to.
 */

const world = buildWorld({
  seed: 11,
  enterprises: 1,
  sitesPerEnterprise: 1,
  metersPerSite: 10,
  from: Date.UTC(2026, 0, 5, 17),
  stepMs: minuteMs,
});
const site = world.sites[0]!;
const { id: meter } = site.meters[0]!;
const rows = 5_000;

/** FNV-1a, as the api fingerprints the query of a cursor. */
function fingerprint(text: string): string {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return (hash >>> 0).toString(36);
}

const cursor = (query: string, position: readonly unknown[]) =>
  `cursor=${Buffer.from(JSON.stringify([1, fingerprint(query), position])).toString('base64url')}`;

it('what one key asks and sends keeps nobody else out, and the process ends when it is told to', async () => {
  const system = await startSystem({ furnishing: 'embedded', prepare: (env) => seedRegistry(env, world) });
  const sockets: Socket[] = [];
  const { hostname, port } = new URL(system.url);
  const say = (text: string, isRead = false) => {
    const socket = connect(Number(port), hostname);
    socket.on('error', () => undefined);
    socket.write(text);
    if (!isRead) socket.pause();
    sockets.push(socket);
  };
  const as = `host: x\r\nauthorization: Bearer ${site.token}\r\n`;
  const get = (path: string) => `GET ${path} HTTP/1.1\r\n${as}\r\n`;
  const push = (readings: readonly unknown[]) =>
    fetch(`${system.url}/v1/readings`, {
      method: 'POST',
      headers: { authorization: `Bearer ${site.token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ readings }),
    });
  const readingAt = (step: number) => ({
    meter,
    time: new Date(world.spec.from + step * minuteMs).toISOString(),
    value: step,
  });
  try {
    expect((await push(Array.from({ length: rows }, (_, step) => readingAt(step)))).status).toBe(202);

    const owed = 'owed?from="2026-01-05"&join=0';
    for (const position of [
      [1e300, 'a', 0, 0],
      [0, meter, -1e300, 0],
      [Date.now(), meter, 1e15, 1e300],
    ]) {
      say(get(`/v1/owed?from=2026-01-05&${cursor(owed, position)}`), true);
    }
    const gaps = `series?from="1970-01-02"&gaps="show"&meter=["${meter}"]&window="PT1H"`;
    const gapsPath = `/v1/series?meter=${meter}&from=1970-01-02&window=PT1H&gaps=show`;
    say(get(`${gapsPath}&${cursor(gaps, [0, -1e300])}`), true);
    for (let i = 0; i < 40; i++) say(get(`/v1/series?meter=${meter}&from=2026-01-01`));
    for (let i = 0; i < 40; i++) say(get(`/v1/series?meter=${meter}&from=2024-01-01&window=PT15M&gaps=show`));
    for (let i = 0; i < 60; i++) say(get('/v1/events'));
    for (let i = 0; i < 17; i++) {
      say(
        `POST /v1/readings HTTP/1.1\r\n${as}content-type: application/json\r\ncontent-length: 4194304\r\n\r\n`,
      );
    }
    for (let i = 0; i < 50; i++) say('POST /v1/readings HTTP/1.1\r\nhost: x\r\ncontent-');
    await wait(1_000);

    expect((await fetch(`${system.url}/health/live`)).status).toBe(200);
    expect((await push([readingAt(rows)])).status).toBe(202);
    const asked = await fetch(`${system.url}/v1/keys`, { headers: { 'x-api-key': system.adminToken } });
    expect(asked.status).toBe(200);
    await system.stop();
  } finally {
    for (const socket of sockets) socket.destroy();
    await system.stop().catch(() => undefined);
    await system.remove();
  }
});
