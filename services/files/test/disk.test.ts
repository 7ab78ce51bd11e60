import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import {
  contentAt,
  nameAt,
  namesIn,
  openInbox,
  untilShelved,
  upload,
  type InboxWorld,
} from './inbox-world.ts';

const mount = (...args: string[]) => execFileSync('mount', args, { stdio: 'pipe' });
const unmount = (path: string) => execFileSync('umount', ['-l', path], { stdio: 'pipe' });

/** A disk of a quarter of a mebibyte can be had by an administrator of this machine only. */
const canMount = await (async () => {
  const path = await mkdtemp(join(tmpdir(), 'songma-mount-'));
  try {
    mount('-t', 'tmpfs', '-o', 'size=256k', 'tmpfs', path);
    unmount(path);
    return true;
  } catch {
    return false;
  } finally {
    await rm(path, { recursive: true, force: true });
  }
})();

const stamp = '20261123114500';

describe.skipIf(!canMount)(
  `A station on a disk of its own${canMount ? '' : ', skipped: no right to mount'}`,
  () => {
    let world: InboxWorld;
    const mounted: string[] = [];
    beforeAll(async () => {
      world = await openInbox();
    });
    afterAll(async () => {
      await world.reset();
      for (const path of mounted) unmount(path);
      await world.close();
    });

    async function onDisk(name: string): Promise<string> {
      const folder = await world.addStation(name);
      mount('-t', 'tmpfs', '-o', 'size=256k', 'tmpfs', folder);
      mounted.push(folder);
      return folder;
    }
    const untilFault = (code: string) =>
      vi.waitFor(() => expect(world.logged()).toContain(`"code":"${code}"`), { timeout: 60_000 });

    it('that is full is named, others go on, and it goes on when there is room', async () => {
      const folder = await onDisk('full');
      const other = await world.addStation('other');
      await upload(folder, nameAt(stamp), contentAt(stamp, 38));
      await mkdir(join(folder, 'done'));
      const filling = join(folder, '.filling');
      await writeFile(filling, Buffer.alloc(1024 * 1024)).catch(() => {});
      await upload(other, nameAt(stamp), contentAt(stamp, 38));
      const files = await world.startFiles();
      await untilShelved(other, 'done', 1);
      await untilFault('disk_full');
      expect(await namesIn(folder)).toContain(nameAt(stamp));
      await files.close();
      await truncate(filling, 0);
      await world.startFiles();
      const receipt = (await untilShelved(folder, 'done', 1)).get(nameAt(stamp));
      expect(receipt?.outcome).toBe('repeated');
      await world.reset();
    });

    it('that cannot be written to is named, and its files stay where they are', async () => {
      const folder = await onDisk('read-only');
      await upload(folder, nameAt(stamp), contentAt(stamp, 38));
      mount('-o', 'remount,ro', folder);
      await world.startFiles();
      await untilFault('not_writable');
      expect(world.logged()).toContain('EROFS');
      expect(await namesIn(folder)).toEqual([nameAt(stamp)]);
    });
  },
);
