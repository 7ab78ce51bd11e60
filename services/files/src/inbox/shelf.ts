import { chmod, mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { join, parse } from 'node:path';
import { faultOfFileSystem, StationFault } from '../faults.ts';
import type { FileReceipt } from '../receipt.ts';
import { isFolder, shelves, type Shelf } from './folder.ts';

const msPerDay = 86_400_000;
const dayPattern = /^\d{4}-\d{2}-\d{2}$/;
// What this process makes is private unless it says otherwise.
const shelfMode = 0o755;
const receiptMode = 0o644;
/** Folders of days whose names are kept in memory: today's of both shelves, and yesterday's. */
const foldersMax = 4;
const receiptEnd = '.receipt.json';

/** Where a station's files go when they are done with: a folder a day (UTC), each file beside its receipt. */
export class StationShelves {
  readonly #folder: string;
  /** Names in the folders that were used last, by folder: asking the disk for each file would cost more than moving it. */
  readonly #names = new Map<string, Set<string>>();

  /** @param folder that of the station */
  constructor(folder: string) {
    this.#folder = folder;
  }

  /**
   * Writes the receipt, then moves the file beside it. Doing it again after either is the same.
   * @param tag tells a file from another one of its name, and is the same for the same content
   * @throws StationFault
   */
  async put(shelf: Shelf, path: Buffer, receipt: FileReceipt, tag: string): Promise<void> {
    const day = join(this.#folder, shelf, receipt.at.slice(0, 10));
    try {
      const names = await this.#namesIn(shelf, day);
      const name = freeName(names, receipt.file, tag);
      names.add(name);
      const beside = join(day, `${name}${receiptEnd}`);
      await writeFile(beside, `${JSON.stringify(receipt, null, 2)}\n`);
      await chmod(beside, receiptMode);
      await rename(path, join(day, name));
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      // Somebody took it away meanwhile: the receipt stays, since the log has the file.
      this.#names.clear();
      if (code === 'ENOENT' && (await isFolder(day))) return;
      throw faultOfFileSystem(error, day, 'not_writable');
    }
  }

  /** Looks at the folders anew before the next file: somebody may have put a link in their place. */
  forget(): void {
    this.#names.clear();
  }

  async #namesIn(shelf: Shelf, day: string): Promise<Set<string>> {
    const known = this.#names.get(day);
    if (known !== undefined) return known;
    // One after the other, so that no link is followed to where somebody who uploads may not write.
    for (const part of [join(this.#folder, shelf), day]) {
      await makeReadable(part);
      if (!(await isFolder(part))) throw new StationFault('shelf_not_folder', { path: part });
    }
    const names = new Set(await readdir(day));
    // Others of this turn may have been here meanwhile.
    const made = this.#names.get(day);
    if (made !== undefined) return made;
    if (this.#names.size >= foldersMax) this.#names.clear();
    this.#names.set(day, names);
    return names;
  }
}

/** Makes a folder into which whoever may enter the station's can look: he uploaded what will be there. */
async function makeReadable(path: string): Promise<void> {
  try {
    await mkdir(path);
    await chmod(path, shelfMode);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
}

/** The file's own name, or one with the tag where another file has that. */
function freeName(names: ReadonlySet<string>, name: string, tag: string): string {
  if (!names.has(name)) return name;
  const { name: stem, ext } = parse(name);
  return `${stem}.${tag.slice(0, 8)}${ext}`;
}

/** Removes the days of a station's shelves that are older than they are kept. @throws StationFault */
export async function clearShelves(folder: string, keepDays: number, now: number): Promise<void> {
  const oldest = new Date(now - keepDays * msPerDay).toISOString().slice(0, 10);
  for (const shelf of shelves) {
    const path = join(folder, shelf);
    try {
      if (!(await isFolder(path))) continue;
      for (const day of await readdir(path)) {
        if (dayPattern.test(day) && day < oldest && (await isFolder(path, day))) {
          await rm(join(path, day), { recursive: true, force: true });
        }
      }
    } catch (error) {
      throw faultOfFileSystem(error, path, 'not_writable');
    }
  }
}
