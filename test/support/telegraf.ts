import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { nativeSettings } from '../../infra/native/settings.ts';
import { telegrafProgram } from '../../infra/native/telegraf.ts';

const wayOut = 'pnpm infra:native telegraf';

/** The real Telegraf, where somebody has brought it. */
export interface Telegraf {
  /** Gathers once, writes what it has and ends. @returns what it logged */
  once(config: string): Promise<string>;
  /** Goes on until it is stopped. */
  start(config: string): Promise<RunningTelegraf>;
  /** Writes a file beside its settings. @returns its path */
  file(name: string, text: string): Promise<string>;
  remove(): Promise<void>;
}

export interface RunningTelegraf {
  logged(): string;
  stop(): Promise<void>;
}

/**
 * Looks for the program and does not bring it.
 * @returns why there is none, as the end of a test's title
 * @throws Error when there is none although `REQUIRE_ADAPTERS` names telegraf
 */
export async function telegrafAvailability(): Promise<
  { readonly program: string } | { readonly reason: string }
> {
  const program = await telegrafProgram(
    nativeSettings(process.env, { uid: process.getuid?.() ?? -1, homeDir: homedir() }),
  );
  if (program !== undefined) return { program };
  const isRequired = (process.env['REQUIRE_ADAPTERS'] ?? '').split(',').includes('telegraf');
  if (isRequired) throw new Error(`Telegraf is not there, and REQUIRE_ADAPTERS asks for it: ${wayOut}`);
  return { reason: `skipped: Telegraf is not there (${wayOut})` };
}

export async function openTelegraf(program: string): Promise<Telegraf> {
  const folder = await mkdtemp(join(tmpdir(), 'songma-telegraf-'));
  const running = new Set<ChildProcess>();
  let configs = 0;

  async function spawned(config: string, ...args: string[]) {
    const file = join(folder, `telegraf-${++configs}.conf`);
    await writeFile(file, config);
    const child = spawn(program, ['--config', file, ...args], {
      cwd: folder,
      env: { PATH: process.env['PATH'], HOME: folder, LANG: 'C.UTF-8' },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let log = '';
    const listen = (chunk: Buffer) => {
      log = (log + chunk.toString()).slice(-100_000);
    };
    child.stdout.on('data', listen);
    child.stderr.on('data', listen);
    running.add(child);
    const ended = once(child, 'exit').then(() => running.delete(child));
    return { child, ended, logged: () => log };
  }

  return {
    async once(config) {
      const { ended, logged } = await spawned(config, '--once');
      await ended;
      return logged();
    },
    async start(config) {
      const { child, ended, logged } = await spawned(config);
      return {
        logged,
        async stop() {
          child.kill('SIGTERM');
          await ended;
        },
      };
    },
    async file(name, text) {
      const path = join(folder, name);
      await writeFile(path, text);
      return path;
    },
    async remove() {
      for (const child of running) child.kill('SIGKILL');
      await rm(folder, { recursive: true, force: true });
    },
  };
}
