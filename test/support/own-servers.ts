import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensureServers, killServer, probeServers, type ServerName } from '../../infra/native/servers.ts';

const names = ['kafka', 'influx', 'redis'] as const satisfies readonly ServerName[];

/**
 * Starts a set of real servers of this process's own, on other ports and in a directory of its own, so that stopping
 * them disturbs nobody. From then on `probeServers`, `startServer` and `stopServer` of this process mean that set.
 *
 * @param portOffset added to the native ports; another one for each test file that calls this
 * @returns what ends the servers and removes their data
 */
export async function startOwnServers(portOffset: number): Promise<() => Promise<void>> {
  const before = await probeServers();
  for (const name of names) {
    if (before[name].origin !== 'native') {
      throw new Error(`${name} is named by the environment: this test stops servers, and takes only its own`);
    }
  }
  const directory = await mkdtemp(join(tmpdir(), 'songma-servers-'));
  process.env['SONGMA_NATIVE_RUN_DIR'] = directory;
  process.env['SONGMA_NATIVE_PORT_OFFSET'] = String(portOffset);
  await ensureServers();
  return async () => {
    for (const name of names) await killServer(name);
    await rm(directory, { recursive: true, force: true });
    delete process.env['SONGMA_NATIVE_RUN_DIR'];
    delete process.env['SONGMA_NATIVE_PORT_OFFSET'];
  };
}
