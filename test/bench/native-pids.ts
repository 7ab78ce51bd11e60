import { readdir, readFile } from 'node:fs/promises';
import type { System } from '../support/system.ts';

/** How the processes of the real servers name themselves on their command lines. */
const marks = ['kafka.Kafka', 'influxd', 'redis-server'];

/** Process ids of the servers that a cluster runs on, if they run on this machine; none for the embedded furnishing. */
export async function nativeServerPids(system: System): Promise<number[]> {
  if (system.furnishing === 'embedded') return [];
  const pids: number[] = [];
  for (const entry of await readdir('/proc')) {
    if (!/^\d+$/.test(entry)) continue;
    const command = await readFile(`/proc/${entry}/cmdline`, 'utf8').catch(() => '');
    if (marks.some((mark) => command.includes(mark))) pids.push(Number(entry));
  }
  return pids;
}
