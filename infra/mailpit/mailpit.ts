import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { callersSettings } from '../native/servers.ts';
import { requireTools, runTool } from '../native/tools.ts';

const version = '1.33.1';
const startMsMax = 60_000;
const go = {
  command: 'go',
  neededFor: 'Mailpit is built from its Go module',
  wayOut: 'install Go 1.25 or newer',
};

/** A mail server that keeps what it is given, of the caller's own, on ports of this machine. */
export interface Mailpit {
  readonly smtpPort: number;
  /** Of its page and its interface. */
  readonly url: string;
  close(): Promise<void>;
}

/** Whether Mailpit is on this machine, where tests look for it. */
export function hasMailpit(): boolean {
  return existsSync(program());
}

/** Builds Mailpit from its Go module, once a machine: two minutes on two cores. */
export async function bringMailpit(): Promise<void> {
  if (hasMailpit()) return;
  const [goPath = ''] = requireTools([go]);
  await mkdir(callersSettings().programsDir, { recursive: true });
  const partial = await mkdtemp(`${folder()}.partial-`);
  await runTool(goPath, ['install', `github.com/axllent/mailpit@v${version}`], {
    cwd: partial,
    logFile: join(partial, 'build.log'),
    env: { GOBIN: partial },
  });
  // Whoever was faster has the same: then this one is not needed.
  await rename(partial, folder()).catch(async () => rm(partial, { recursive: true }));
}

/** Starts one with its chaos switch (`PUT /api/v1/chaos`); resolves when it answers. */
export async function startMailpit(): Promise<Mailpit> {
  const [smtpPort, httpPort] = [await freePort(), await freePort()];
  const url = `http://127.0.0.1:${httpPort}`;
  const args = ['--smtp', `127.0.0.1:${smtpPort}`, '--listen', `127.0.0.1:${httpPort}`];
  const child = spawn(program(), [...args, '--enable-chaos', '--disable-version-check', '--quiet'], {
    stdio: 'ignore',
  });
  const ended = once(child, 'exit');
  const close = async (): Promise<void> => {
    child.kill('SIGTERM');
    await ended;
  };
  const deadline = performance.now() + startMsMax;
  for (;;) {
    const answers = await fetch(`${url}/readyz`).then(
      ({ ok }) => ok,
      () => false,
    );
    if (answers) return { smtpPort, url, close };
    if (child.exitCode !== null || performance.now() > deadline) {
      await close();
      throw new Error(`Mailpit does not answer at ${url}`);
    }
    await pause(50);
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  await once(server.close(), 'close');
  return port;
}

function program(): string {
  return join(folder(), 'mailpit');
}

function folder(): string {
  return join(callersSettings().programsDir, `mailpit-${version}`);
}
