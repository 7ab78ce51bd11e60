import { writeSync } from 'node:fs';
import { createLogger } from '@songma/runtime';
import type { openSeriesStore, SeriesStoreConfig } from '../src/index.ts';
import { killCall, killCallSites } from './kill.ts';
import { rollupOf } from './results.ts';

// Makes calls until it is killed, and prints a line for each that was answered. See `writeUntilKilled`.
const { config, entry, from, settle } = JSON.parse(process.argv[2]!) as {
  config: SeriesStoreConfig;
  entry: string;
  from: number;
  settle?: boolean;
};
const door = (await import(entry)) as { openSeriesStore: typeof openSeriesStore };
const store = await door.openSeriesStore(config, {
  logger: createLogger({ service: 'test', level: 'warn' }),
});

for (let n = from; ; n++) {
  const results = await store.write(killCall(n));
  if (settle === true) await settleAll(n);
  writeSync(1, `${JSON.stringify({ n, outcomes: results.map((result) => [...result.outcomes]) })}\n`);
}

/** Replaces the rollups of everything due by ones that carry `n`. */
async function settleAll(n: number): Promise<void> {
  for (const [index, site] of killCallSites.entries()) {
    const shard = `S0${index}`;
    const { changes, mark } = await store.due(shard, 1000);
    if (mark === null) continue;
    const rollups = changes.map((change) => rollupOf(site, 'm0', change.hour, { sum: n, revision: n + 1 }));
    await store.settle(shard, mark, { rollups, indicators: [] });
  }
}
