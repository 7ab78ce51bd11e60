import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { beforeAll, describe, expect, it } from 'vitest';
import { builtPage } from '../src/page-build.ts';

interface Chunk {
  readonly file: string;
  readonly src?: string;
  readonly isEntry?: boolean;
  readonly isDynamicEntry?: boolean;
  readonly imports?: readonly string[];
}

const firstScreenBytesMax = 60_000;
const screenBytesMax = 150_000;

describe('The built page', () => {
  let folder: string;
  let manifest: Record<string, Chunk>;

  beforeAll(async () => {
    folder = await builtPage();
    manifest = JSON.parse(await readFile(join(folder, 'manifest.json'), 'utf8')) as Record<string, Chunk>;
  });

  /** JavaScript that is fetched with a chunk, compressed. */
  async function scriptBytes(names: readonly string[]): Promise<number> {
    const reached = new Set<string>();
    const reach = (name: string) => {
      if (reached.has(name)) return;
      reached.add(name);
      for (const other of manifest[name]?.imports ?? []) reach(other);
    };
    for (const name of names) reach(name);
    const files = [...reached].map((name) => manifest[name]!.file);
    const sizes = await Promise.all(
      files.map(async (file) => gzipSync(await readFile(join(folder, file))).length),
    );
    return sizes.reduce((sum, size) => sum + size, 0);
  }

  const namesOf = (matches: (chunk: Chunk) => boolean) =>
    Object.keys(manifest).filter((name) => matches(manifest[name]!));

  it('is built once from the same sources', async () => {
    const { mtimeMs } = await stat(folder);
    expect(await builtPage()).toBe(folder);
    expect((await stat(folder)).mtimeMs).toBe(mtimeMs);
  });

  it('brings the first screen, its chart too, in at most 60 kB of JavaScript', async () => {
    const entry = namesOf(({ isEntry }) => isEntry === true);
    expect(entry).toHaveLength(1);
    const chart = namesOf(({ src }) => src === 'parts/time-plot.ts');
    expect(chart).toHaveLength(1);
    expect(await scriptBytes([...entry, ...chart])).toBeLessThanOrEqual(firstScreenBytesMax);
  });

  it('brings any screen in at most 150 kB of JavaScript', async () => {
    const entry = namesOf(({ isEntry }) => isEntry === true);
    const screens = namesOf(({ src }) => src?.startsWith('screens/') === true);
    expect(screens.length).toBeGreaterThan(1);
    const chart = namesOf(({ src }) => src?.startsWith('parts/') === true);
    for (const screen of screens) {
      expect(await scriptBytes([...entry, ...chart, screen]), screen).toBeLessThanOrEqual(screenBytesMax);
    }
  });

  it('has no script or style within its document, and a compressed copy of each script', async () => {
    const document = await readFile(join(folder, 'index.html'), 'utf8');
    expect(document).toMatch(/<script [^>]*src="/);
    expect(document).not.toMatch(/<script(?![^>]*src=)|<style|style="|\son\w+=/);
    const files = await readdir(join(folder, 'assets'));
    const scripts = files.filter((name) => name.endsWith('.js'));
    for (const script of scripts) {
      const isSmall = (await stat(join(folder, 'assets', script))).size < 1024;
      expect(isSmall || files.includes(`${script}.gz`), script).toBe(true);
    }
  });
});
