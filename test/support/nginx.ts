import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { access, mkdir, mkdtemp, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { isPortTaken } from '../../infra/native/probes.ts';
import { callersSettings } from '../../infra/native/servers.ts';

const startDeadlineMs = 30_000;

/**
 * Where nginx is: on this machine, or unpacked beside the native servers from Debian's package, which is fetched once.
 * @returns undefined with the reason when it cannot be had
 */
export async function findNginx(): Promise<{ readonly file: string } | { readonly reason: string }> {
  const unpacked = join(callersSettings().programsDir, 'nginx-debian');
  const places = ['/usr/sbin/nginx', '/usr/local/sbin/nginx', join(unpacked, 'usr', 'sbin', 'nginx')];
  const found = await firstThere(places);
  if (found !== undefined) return { file: found };
  const partial = `${unpacked}.${process.pid}.partial`;
  try {
    await mkdir(partial, { recursive: true });
    const run = { cwd: partial, stdio: 'ignore', timeout: 120_000 } as const;
    execFileSync('apt-get', ['-qq', 'download', 'nginx'], run);
    for (const name of await readdir(partial)) execFileSync('dpkg', ['-x', name, partial], run);
    await rename(partial, unpacked);
    return { file: places.at(-1)! };
  } catch (error) {
    await rm(partial, { recursive: true, force: true });
    return { reason: `nginx cannot be had: ${(error as Error).message.split('\n', 1)[0]}` };
  }
}

/** nginx with these lines in its http block, until it is closed. `port` is one that they listen on. */
export async function startNginx(
  file: string,
  http: string,
  port: number,
): Promise<{ close(): Promise<void> }> {
  const dir = await mkdtemp(join(tmpdir(), 'songma-nginx-'));
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (name) => `${name}_temp_path ${join(dir, name)};`,
  );
  const lines = ['daemon off;', `pid ${join(dir, 'pid')};`, 'error_log stderr;', 'events {}'];
  const conf = `${lines.join('\n')}\nhttp {\naccess_log off;\n${temporary.join('\n')}\n${http}\n}\n`;
  await writeFile(join(dir, 'nginx.conf'), conf);
  const child = spawn(file, ['-p', dir, '-c', join(dir, 'nginx.conf'), '-e', 'stderr'], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  child.stderr.on('data', (part: Buffer) => (said += part.toString()));
  const deadline = performance.now() + startDeadlineMs;
  while (!(await isPortTaken('127.0.0.1', port, 1_000))) {
    if (child.exitCode !== null) throw new Error(`nginx has ended at its start: ${said}`);
    if (performance.now() > deadline) throw new Error(`nginx does not listen: ${said}`);
    await wait(50);
  }
  return {
    async close() {
      const ended = once(child, 'exit');
      child.kill('SIGTERM');
      await ended;
      await rm(dir, { recursive: true, force: true });
    },
  };
}

async function firstThere(paths: readonly string[]): Promise<string | undefined> {
  for (const path of paths) {
    const isThere = await access(path).then(
      () => true,
      () => false,
    );
    if (isThere) return path;
  }
  return undefined;
}
