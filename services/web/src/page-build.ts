import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { access, mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';

const run = promisify(execFile);
const compress = promisify(gzip);

const roomDir = join(import.meta.dirname, '..');
/** What the built page follows from. */
const sourcePaths = ['app', 'vite.config.ts', 'package.json', 'src/screen-paths.ts'];
const buildTimeoutMs = 120_000;
/** Builds of other sources that stay: a running process may still serve one of them. */
const keptBuilds = 3;
const compressed = /\.(js|css|svg|html)$/;
const compressedBytesMin = 1024;

/**
 * The folder of the built page, named by the hash of its sources: it is built when it is not there. Several processes
 * may do so at once; each builds into a folder of its own, and the first to finish is used by all.
 *
 * @throws Error with what Vite printed when the sources do not build, and when Vite is not installed
 */
export async function builtPage(distDir = join(roomDir, 'dist')): Promise<string> {
  const built = join(distDir, await sourceHash());
  if (await exists(built)) return built;
  await mkdir(distDir, { recursive: true });
  const building = join(distDir, `.building-${process.pid}`);
  await rm(building, { recursive: true, force: true });
  await runVite(building);
  await compressFiles(building);
  try {
    await rename(building, built);
  } catch (error) {
    if (!(await exists(built))) throw error;
    await rm(building, { recursive: true });
  }
  await forgetOlderBuilds(distDir);
  return built;
}

/** In a process of its own: what Vite takes in memory is free again. */
async function runVite(outDir: string): Promise<void> {
  const vite = join(createRequire(import.meta.url).resolve('vite/package.json'), '../bin/vite.js');
  const env = { ...process.env, SONGMA_PAGE_DIR: outDir, NODE_ENV: 'production' };
  await run(process.execPath, [vite, 'build', '--logLevel', 'error'], {
    cwd: roomDir,
    env,
    timeout: buildTimeoutMs,
  });
}

async function sourceHash(): Promise<string> {
  const hash = createHash('sha256');
  for (const path of sourcePaths) {
    const files = (await stat(join(roomDir, path))).isDirectory() ? await filesUnder(path) : [path];
    for (const file of files) hash.update(`${file}\0`).update(await readFile(join(roomDir, file)));
  }
  return hash.digest('hex').slice(0, 16);
}

/** Files under a folder of the room, in the order of their names. Types are not part of what is built. */
async function filesUnder(folder: string): Promise<string[]> {
  const entries = await readdir(join(roomDir, folder), { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile() && !entry.name.endsWith('.d.ts') && entry.name !== 'tsconfig.json')
    .map((entry) => join(entry.parentPath, entry.name).slice(roomDir.length + 1))
    .toSorted();
}

/** A compressed copy beside each file that gets smaller by it: nothing is compressed while somebody waits. */
async function compressFiles(folder: string): Promise<void> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  for (const entry of entries.filter(({ name }) => compressed.test(name))) {
    const path = join(entry.parentPath, entry.name);
    const bytes = await readFile(path);
    if (bytes.length >= compressedBytesMin)
      await writeFile(`${path}.gz`, await compress(bytes, { level: 9 }));
  }
}

async function forgetOlderBuilds(distDir: string): Promise<void> {
  const names = (await readdir(distDir)).filter((name) => !name.startsWith('.'));
  const builds = await Promise.all(
    names.map(async (name) => ({ name, builtAt: (await stat(join(distDir, name))).mtimeMs })),
  );
  const older = builds.toSorted((a, b) => b.builtAt - a.builtAt).slice(keptBuilds);
  for (const { name } of older) await rm(join(distDir, name), { recursive: true, force: true });
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
