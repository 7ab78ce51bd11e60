import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { access, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { until } from './until.ts';

const run = promisify(execFile);
/** Debian puts servers where not everybody looks. */
const path = `${process.env['PATH'] ?? ''}:/usr/sbin:/usr/local/sbin`;

/** Whether Mosquitto's broker and clients are on this machine. */
export async function hasMosquitto(): Promise<boolean> {
  const found = ['mosquitto', 'mosquitto_pub'].map(async (name) => {
    const tries = path.split(':').map((folder) => access(join(folder, name)));
    return Promise.any(tries).then(
      () => true,
      () => false,
    );
  });
  return (await Promise.all(found)).every(Boolean);
}

/** Publishes by the real client; resolves when the broker has acknowledged. @throws Error when it does not let it in */
export async function mosquittoPub(port: number, args: readonly string[]): Promise<void> {
  await run('mosquitto_pub', ['-p', String(port), '-q', '1', ...args], {
    env: { PATH: path },
    timeout: 60_000,
  });
}

export interface Mosquitto {
  readonly port: number;
  kill(): Promise<void>;
  start(): Promise<void>;
  remove(): Promise<void>;
}

/** A broker of its own with the settings that Songma gives one, but for users. */
export async function startMosquitto(port: number): Promise<Mosquitto> {
  const folder = await mkdtemp(join(tmpdir(), 'songma-mosquitto-'));
  const settings = [
    `listener ${port} 127.0.0.1`,
    'allow_anonymous true',
    'persistence true',
    `persistence_location ${folder}/`,
    'autosave_on_changes true',
    'autosave_interval 1',
    'max_queued_messages 1000000',
    'max_inflight_messages 1000',
    'user root',
  ];
  const file = join(folder, 'mosquitto.conf');
  await writeFile(file, settings.join('\n'));
  let child: ChildProcess | undefined;
  const start = async () => {
    child = spawn('mosquitto', ['-c', file], { env: { PATH: path }, stdio: 'ignore' });
    await until('mosquitto', () => answers(port));
  };
  const end = async (signal: NodeJS.Signals) => {
    if (child === undefined) return;
    const ended = once(child, 'exit');
    child.kill(signal);
    child = undefined;
    await ended;
  };
  await start();
  return {
    port,
    start,
    kill: () => end('SIGKILL'),
    async remove() {
      await end('SIGTERM');
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function answers(port: number): Promise<true | undefined> {
  const socket = connect(port, '127.0.0.1');
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return undefined;
  } finally {
    socket.destroy();
  }
}
