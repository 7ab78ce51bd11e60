import { randomBytes } from 'node:crypto';
import { parseArgs } from 'node:util';
import { Pool } from 'undici';
import { probeServers } from '../../infra/native/servers.ts';
import { createJournal } from '../support/journal.ts';
import { checkStopped, untilSettled, untilStored } from '../support/settle.ts';
import { seedRegistry } from '../support/stores.ts';
import { startSystem, usageOf } from '../support/system.ts';
import { stepsCovered, traffic, type Push } from '../support/traffic.ts';
import { buildWorld, minuteMs } from '../support/world.ts';
import { parseCount } from './options.ts';

const usage = `node test/bench/lines.ts [--readings N] [--batch 1000] [--rounds 1] [--seed S]

Sends the same line protocol, by the same client, to an embedded Songma and to the plain InfluxDB 2 that runs natively, and
prints how many readings a second each accepted; of Songma only if its checker finds nothing lost, doubled or wrong. A
line of JSON a run goes to standard output.`;

const { values } = parseArgs({
  options: {
    readings: { type: 'string', default: '3000000' },
    batch: { type: 'string', default: '1000' },
    rounds: { type: 'string', default: '1' },
    seed: { type: 'string', default: '1' },
    help: { type: 'boolean', default: false },
  },
});
if (values.help) {
  console.log(usage);
  process.exit();
}
const readings = parseCount('--readings', values.readings);
const batch = parseCount('--batch', values.batch);
const inFlightMax = 16;
const settleMs = 600_000;

const world = buildWorld({
  seed: parseCount('--seed', values.seed),
  enterprises: 40,
  sitesPerEnterprise: 10,
  metersPerSite: 50,
  from: Date.UTC(2026, 0, 5, 17),
  stepMs: minuteMs,
});
/** Each reading once, in order: repeats and refusals are for `pnpm bench`. */
const mix = { resent: 0, late: 0, corrected: 0, invalid: 0 };
const pushes = [...traffic(world, { readings, batchRows: batch, mix })];
const bodies = pushes.map(({ rows }) =>
  Buffer.from(
    rows
      .map(({ meter, time, value }) => `m,meter=${meter} value=${value} ${Date.parse(time)}000000`)
      .join('\n'),
  ),
);
const sentReadings = pushes.reduce((sum, { rows }) => sum + rows.length, 0);

for (let round = 0; round < parseCount('--rounds', values.rounds); round++) {
  console.log(JSON.stringify({ target: 'songma', batch, readings: sentReadings, ...(await ofSongma()) }));
  console.log(JSON.stringify({ target: 'influxdb', batch, readings: sentReadings, ...(await ofInfluxdb()) }));
}

async function ofSongma(): Promise<Record<string, unknown>> {
  const journal = createJournal(world, stepsCovered(world, { readings, batchRows: batch }));
  const system = await startSystem({
    furnishing: 'embedded',
    env: { INGEST_PUSHES_PER_SECOND_MAX: '1000000' },
    prepare: (env) => seedRegistry(env, world),
  });
  try {
    const before = await usageOf(system.pid('standalone'));
    const begun = performance.now();
    const seconds = await send(system.url, '/api/v2/write?bucket=b', ({ site }) => site.token);
    for (const push of pushes) journal.note(push);
    await untilStored(system, settleMs);
    const storedSeconds = (performance.now() - begun) / 1000;
    await untilSettled(system, settleMs);
    const after = await usageOf(system.pid('standalone'));
    await system.stop();
    const check = await checkStopped(system, world, journal);
    if (check.faultCount > 0) throw new Error(check.faults.join('\n'));
    return {
      acceptedPerSecond: Math.round(sentReadings / seconds),
      storedPerSecond: Math.round(sentReadings / storedSeconds),
      cpuSecondsPerMillion: ((after.cpuSeconds - before.cpuSeconds) / sentReadings) * 1e6,
    };
  } finally {
    await system.remove();
  }
}

async function ofInfluxdb(): Promise<Record<string, unknown>> {
  const { influx } = await probeServers();
  if (!influx.reachable) throw new Error(`InfluxDB is out of reach (${influx.reason}): pnpm infra:native up`);
  const { url, org, token } = influx.settings;
  const ask = async (method: string, path: string, body?: unknown) => {
    const headers = { authorization: `Token ${token}`, 'content-type': 'application/json' };
    const response = await fetch(url + path, {
      method,
      headers,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    if (!response.ok)
      throw new Error(`InfluxDB ${method} ${path}: ${response.status} ${await response.text()}`);
    return response.status === 204 ? {} : ((await response.json()) as Record<string, unknown>);
  };
  const { orgs } = (await ask('GET', `/api/v2/orgs?org=${encodeURIComponent(org)}`)) as {
    orgs: { id: string }[];
  };
  const name = `lines-${randomBytes(6).toString('hex')}`;
  const bucket = await ask('POST', '/api/v2/buckets', { name, orgID: orgs[0]!.id, retentionRules: [] });
  try {
    const query = new URLSearchParams({ org, bucket: name }).toString();
    const seconds = await send(url, `/api/v2/write?${query}`, () => token);
    return { acceptedPerSecond: Math.round(sentReadings / seconds) };
  } finally {
    await ask('DELETE', `/api/v2/buckets/${String(bucket['id'])}`);
  }
}

/** Sends every body and waits for its 204, so many at once. @returns seconds @throws Error for any other answer */
async function send(url: string, path: string, tokenOf: (push: Push) => string): Promise<number> {
  const pool = new Pool(url, { connections: inFlightMax, pipelining: 1, headersTimeout: 60_000 });
  let next = 0;
  const sender = async () => {
    for (let i = next++; i < bodies.length; i = next++) {
      const headers = {
        authorization: `Token ${tokenOf(pushes[i]!)}`,
        'content-type': 'text/plain; charset=utf-8',
      };
      const {
        statusCode,
        body,
        headers: told,
      } = await pool.request({ method: 'POST', path, headers, body: bodies[i]! });
      const text = await body.text();
      const refused = told['songma-refused'] ?? '0';
      if (statusCode !== 204 || refused !== '0')
        throw new Error(`${statusCode} ${String(refused)} refused ${text}`);
    }
  };
  const begun = performance.now();
  await Promise.all(Array.from({ length: inFlightMax }, sender));
  const seconds = (performance.now() - begun) / 1000;
  await pool.close();
  return seconds;
}
