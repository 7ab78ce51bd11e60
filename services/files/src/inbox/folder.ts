import { lstat, opendir } from 'node:fs/promises';
import { join } from 'node:path';
import { faultOfFileSystem } from '../faults.ts';
import { fileName, inOrderOfStamps, isUnfinished, type FileName } from './file-names.ts';

/** Folders in a station's folder where files are put when they are done with. */
export const shelves = ['done', 'refused'] as const;
export type Shelf = (typeof shelves)[number];

/** How deep below the station's folder files are found: some loggers make a folder a year, month and day. */
const depthMax = 4;

/** Something in a station's folder that may be a file to take. */
export interface Candidate extends FileName {
  /** With its bytes as the system has them. */
  readonly path: Buffer;
  /** No link, folder or device, as far as the listing told: what it is when it is opened counts. */
  readonly isPlain: boolean;
}

/**
 * What lies in a station's folder and those below, in the order in which it is to be taken. Links to folders are not
 * followed; what vanishes meanwhile is not there.
 * @param namesMax how many are looked at; the rest has its turn when these are gone
 * @throws StationFault
 */
export async function listFolder(folder: string, namesMax: number): Promise<Candidate[]> {
  const found: Candidate[] = [];
  const open: { path: Buffer; depth: number }[] = [{ path: Buffer.from(folder), depth: 0 }];
  for (let next = open.shift(); next !== undefined && found.length < namesMax; next = open.shift()) {
    const { path, depth } = next;
    try {
      // In binary, as names need not be UTF-8; the types know only texts.
      const entries = await opendir(path, { encoding: 'buffer' as BufferEncoding });
      for await (const entry of entries) {
        const raw = Buffer.from(entry.name as unknown as Uint8Array);
        const child = Buffer.concat([path, Buffer.from('/'), raw]);
        const known = fileName(raw);
        if (isUnfinished(known.name)) continue;
        if (entry.isDirectory()) {
          const isShelf = depth === 0 && shelves.includes(known.name as Shelf);
          if (!isShelf && depth < depthMax) open.push({ path: child, depth: depth + 1 });
        } else if (depth > 0 || !shelves.includes(known.name as Shelf)) {
          found.push({ ...known, path: child, isPlain: entry.isFile() });
          if (found.length === namesMax) break;
        }
      }
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'ENOENT' || code === 'ENOTDIR') continue;
      throw faultOfFileSystem(error, path.toString(), 'not_readable');
    }
  }
  return inOrderOfStamps(found);
}

const stationPattern = /^[\p{L}\p{N}][\p{L}\p{N}._ -]{0,99}$/u;

/**
 * The folders of stations in the inbox, by name. Anything else there is not looked at.
 * @throws the file system's error when the inbox cannot be read
 */
export async function listStations(inbox: string, stationsMax: number): Promise<string[]> {
  const stations: string[] = [];
  for await (const entry of await opendir(inbox)) {
    if (stations.length === stationsMax) break;
    if (entry.isDirectory() && stationPattern.test(entry.name)) stations.push(entry.name);
  }
  return stations.toSorted();
}

/** Whether there is a folder there that is no link. @throws the file system's error */
export async function isFolder(...path: string[]): Promise<boolean> {
  try {
    return (await lstat(join(...path))).isDirectory();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw error;
  }
}
