/**
 * Figures of the DuckDB adapter: `node packages/series-store/test/duckdb-bench.ts [millions of readings]`.
 *
 * Pushes of 20 minutes of a site's 50 meters, 400 sites, 1 % sent again, 10 % late by an hour, 0.1 % corrected; then
 * single readings, then reads, then results. Prints a line each; CPU is that of the calls, load generator excluded.
 */
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLogger } from '@songma/runtime';
import { openSeriesStore, type ReadQuery, type ShardedBlock } from '../src/index.ts';
import { shardedBlock, type Row } from './blocks.ts';
import { rollupOf } from './results.ts';

const millions = Number(process.argv[2] ?? 6);
const siteCount = 400;
const meterCount = 50;
const stampsPerPush = 20;
const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const t0 = Date.UTC(2026, 0, 1);
const dataDirectory = await mkdtemp(join(tmpdir(), 'songma-bench-'));
const store = await openSeriesStore(
  {
    adapter: 'duckdb',
    dataDirectory,
    duckdb: { memoryMiBMax: 256, threads: 2 },
    influx: { url: undefined, token: undefined, org: undefined, bucket: undefined },
  },
  { logger: createLogger({ service: 'bench', level: 'warn' }) },
);

let seed = 1;
const random = () => (seed = (seed * 1_103_515_245 + 12_345) & 0x7fffffff) / 0x80000000;
let knownUs = t0 * 1000;
const shardOfSite = (site: number) => `S${String(site % 16).padStart(2, '0')}`;
const later = Array.from({ length: siteCount }, (): { push: number; row: Row }[] => []);

function push(site: number, round: number): ShardedBlock {
  const rows: Row[] = [];
  for (let stamp = 0; stamp < stampsPerPush; stamp++) {
    for (let meter = 0; meter < meterCount; meter++) {
      const time = t0 + (round * stampsPerPush + stamp) * minuteMs;
      const row = { meter: `site-${site}-${meter}`, time, value: Math.round(random() * 1e5) / 100 };
      const chance = random();
      if (chance >= 0.1) rows.push(row);
      if (chance < 0.11) later[site]!.push({ push: round + 3, row });
      else if (chance < 0.111)
        later[site]!.push({ push: round + 3, row: { ...row, value: row.value + 0.005 } });
    }
  }
  rows.push(...later[site]!.filter((one) => one.push <= round).map((one) => one.row));
  later[site] = later[site]!.filter((one) => one.push > round);
  return shardedBlock(`site-${site}`, (knownUs += 7), rows, shardOfSite(site));
}

async function measureWrites(
  title: string,
  calls: number,
  blocksOf: (call: number) => ShardedBlock[],
): Promise<void> {
  let readings = 0;
  let cpuUs = 0;
  const latencies: number[] = [];
  for (let call = 0; call < calls; call++) {
    const blocks = blocksOf(call);
    const cpu = process.cpuUsage();
    const start = performance.now();
    const results = await store.write(blocks);
    latencies.push(performance.now() - start);
    const used = process.cpuUsage(cpu);
    cpuUs += used.user + used.system;
    for (const { outcomes } of results) readings += outcomes.length;
  }
  const ms = latencies.reduce((sum, one) => sum + one, 0);
  const sorted = latencies.toSorted((a, b) => a - b);
  const at = (share: number) => sorted[Math.floor((sorted.length - 1) * share)]!.toFixed(1);
  console.log(
    `${title}: ${Math.round(readings / ms)},000 readings/s, ${(cpuUs / readings).toFixed(2)} CPU-µs a reading, ` +
      `a call p50 ${at(0.5)} p99 ${at(0.99)} max ${at(1)} ms`,
  );
}

async function measureRead(title: string, query: ReadQuery): Promise<void> {
  const times: number[] = [];
  let readings = 0;
  for (let round = 0; round < 15; round++) {
    readings = 0;
    const start = performance.now();
    for await (const chunk of store.read(query)) readings += chunk.times.length;
    times.push(performance.now() - start);
  }
  const sorted = times.toSorted((a, b) => a - b);
  console.log(
    `${title}: ${readings} readings, least ${sorted[0]!.toFixed(1)} median ${sorted[7]!.toFixed(1)} ms`,
  );
}

const rss = () => `${process.memoryUsage.rss() >> 20} MiB`;

let pushes = 0;
await measureWrites('20 blocks of 1,000', Math.ceil(millions * 50), () =>
  Array.from({ length: 20 }, () => {
    const number = pushes++;
    return push(number % siteCount, Math.floor(number / siteCount));
  }),
);
console.log(`memory after writing: ${rss()}`);
const minutes = Math.floor(pushes / siteCount) * stampsPerPush;
await measureWrites('2,000 blocks of 1', 50, (call) =>
  Array.from({ length: 2000 }, () => {
    const site = Math.floor(random() * siteCount);
    const meter = `site-${site}-${Math.floor(random() * meterCount)}`;
    const minute = minutes + stampsPerPush + call - (random() < 0.1 ? Math.floor(random() * 60) : 0);
    const rows = [{ meter, time: t0 + minute * minuteMs, value: random() }];
    return shardedBlock(`site-${site}`, (knownUs += 83), rows, shardOfSite(site));
  }),
);

const to = t0 + minutes * minuteMs;
const lastHour = { from: to - hourMs, to };
const everySite = Array.from({ length: siteCount }, (_, site) => ({ site: `site-${site}`, ...lastHour }));
await measureRead('an hour of a site', { ranges: [{ site: 'site-7', ...lastHour }] });
await measureRead('an hour of a meter', { ranges: [{ site: 'site-7', meters: ['site-7-3'], ...lastHour }] });
await measureRead('an hour of a site with neighbours', {
  ranges: [{ site: 'site-7', ...lastHour }],
  neighboursWithinMs: 2 * hourMs,
});
await measureRead('an hour of every site', { ranges: everySite });

const { changes, mark } = await store.due('S03', 10_000);
const rollups = changes.flatMap(({ site, hour }) =>
  Array.from({ length: meterCount }, (_, meter) => rollupOf(site, `${site}-${meter}`, hour)),
);
for (const title of ['settling', 'settling the same again']) {
  const start = performance.now();
  await store.settle('S03', mark!, { rollups, indicators: [] });
  console.log(`${title}: ${rollups.length} rollups in ${(performance.now() - start).toFixed(0)} ms`);
}
await new Promise((resolve) => setTimeout(resolve, 3000));
console.log(`memory, idle: ${rss()}`);
await store.close();
const { size } = await stat(join(dataDirectory, 'series-store', 'series.duckdb'));
console.log(
  `on disk: ${(size / (pushes * stampsPerPush * meterCount + 100_000)).toFixed(2)} bytes a reading`,
);
await rm(dataDirectory, { recursive: true, force: true });
