import { readdir, readFile } from 'node:fs/promises';
import type { System } from '../support/system.ts';

/** How the processes of the real servers name themselves on their command lines. */
const marks = { kafka: 'kafka.Kafka', influx: 'influxd', redis: 'redis-server' };

/** A process of the system that is measured, with its name for people. */
export interface NamedProcess {
  readonly name: string;
  readonly pid: number;
}

/** The servers that a cluster runs on, if they run on this machine; none for the embedded furnishing. */
export async function nativeServers(system: System): Promise<NamedProcess[]> {
  if (system.furnishing === 'embedded') return [];
  const servers: NamedProcess[] = [];
  for (const entry of await readdir('/proc')) {
    if (!/^\d+$/.test(entry)) continue;
    const command = await readFile(`/proc/${entry}/cmdline`, 'utf8').catch(() => '');
    for (const [name, mark] of Object.entries(marks)) {
      if (command.includes(mark)) servers.push({ name, pid: Number(entry) });
    }
  }
  return servers;
}
