import { availableParallelism, loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { setTimeout as wait } from 'node:timers/promises';
import { parseCount } from './options.ts';
import { usageOf } from '../support/system.ts';
import { faultsOf, registerStation } from '../support/station-files.ts';
import { startSystem } from '../support/system.ts';

const usage = `node test/bench/files.ts [--files N] [--target embedded|cluster]

Puts N small five-field files (10,000 unless told) into one station's folder at once, and prints how long it takes
until all of them are done with and stored, if each is stored once and as it was sent.`;

const { values } = parseArgs({
  options: {
    files: { type: 'string', default: '10000' },
    target: { type: 'string', default: 'embedded' },
    help: { type: 'boolean', default: false },
  },
});
if (values.help) {
  console.log(usage);
  process.exit();
}
if (values.target !== 'embedded' && values.target !== 'cluster') throw new Error(usage);
const count = parseCount('--files', values.files);
const pollMs = 100;

const system = await startSystem({
  furnishing: values.target,
  // How long a file rests before it is taken is a setting, and no speed.
  env: { FILES_SETTLE_SECONDS: '0', FILES_LOOK_SECONDS: '0.5' },
  more: ['files'],
});
try {
  const station = await registerStation(system);
  const cpuBefore = await cpuSeconds();
  const began = performance.now();
  await station.upload(0, count);
  const uploadedMs = performance.now() - began;
  for (;;) {
    system.checkAlive();
    const { done, waiting, refused } = await station.shelves();
    if (done.length + refused.length >= count && waiting.length === 0) break;
    await wait(pollMs);
  }
  const doneMs = performance.now() - began;
  let stored = await station.stored(0, count);
  while (stored.size < count) {
    await wait(pollMs);
    stored = await station.stored(0, count);
  }
  const storedMs = performance.now() - began;
  const faults = faultsOf(stored, 0, count);
  if (faults.length > 0) throw new Error(faults.slice(0, 10).join('\n'));
  const seconds = (ms: number) => Math.round(ms / 100) / 10;
  console.log(
    JSON.stringify({
      target: values.target,
      files: count,
      uploadedSeconds: seconds(uploadedMs),
      doneSeconds: seconds(doneMs),
      storedSeconds: seconds(storedMs),
      filesPerSecond: Math.round((count * 1_000) / doneMs),
      cpuSeconds: Math.round(10 * ((await cpuSeconds()) - cpuBefore)) / 10,
      cores: availableParallelism(),
      load: loadavg()[0],
    }),
  );
} finally {
  await system.stop().catch(() => {});
  await system.remove();
}

/** Time on a core that the parts of the system have had, in user and in system mode. */
async function cpuSeconds(): Promise<number> {
  const used = await Promise.all(system.parts.map((part) => usageOf(system.pid(part))));
  return used.reduce((sum, { cpuSeconds: seconds }) => sum + seconds, 0);
}
