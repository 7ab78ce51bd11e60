import { mkdir, readdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createClient } from '@songma/client';
import type { System } from './system.ts';

/** A station that uploads small files: one reading of one meter in each, a second apart. */
export interface UploadingStation {
  readonly folder: string;
  /** Puts `count` files into the folder, the last ones first. */
  upload(first: number, count: number): Promise<void>;
  /** Names of files that are done with, of those that are not, and of those that were refused. */
  shelves(): Promise<{ done: string[]; waiting: string[]; refused: string[] }>;
  /** Values in the store by the number of the file. */
  stored(first: number, count: number): Promise<Map<number, number[]>>;
}

const begin = Date.UTC(2026, 1, 1);
const stampOf = (at: number) =>
  new Date(begin + at * 1_000 + 7 * 3_600_000).toISOString().slice(0, 19).replace(/[-:T]/g, '');
const nameOf = (at: number) => `TH_THU_KHILO1__${stampOf(at)}.txt`;
const meter = 'works-dust';

const entities = {
  enterprises: [{ id: 'works', name: 'Xi măng Thử', sector: '2394' }],
  sites: [{ id: 'works-1', enterprise: 'works', name: 'Nhà máy 1', station: 'TH_THU_KHILO1' }],
  meters: [
    {
      ...{ id: meter, site: 'works-1', name: 'Bụi', symbol: 'PM', quantity: 'concentration' },
      ...{ kind: 'level', unit: 'mg/Nm3', intervalMs: 60_000 },
    },
  ],
};

/** Registers the station with its key and makes its folder. */
export async function registerStation(system: System): Promise<UploadingStation> {
  const admin = createClient({ url: system.url, token: system.adminToken });
  try {
    for (const [collection, list] of Object.entries(entities)) {
      for (const entity of list)
        await admin.put(`/v1/${collection}/${entity.id}`, entity, { ifNoneMatch: '*' });
    }
    const { body } = await admin.post('/v1/keys', { name: 'station', role: 'plant', enterprise: 'works' });
    const folder = join(system.dataDir, 'inbox', 'khi-lo-1');
    await mkdir(folder, { recursive: true });
    const key = join(system.dataDir, 'inbox-keys', 'khi-lo-1.key');
    await writeFile(key, (body as { token: string }).token, { mode: 0o600 });
    return stationAt(system, folder);
  } finally {
    await admin.close();
  }
}

function stationAt(system: System, folder: string): UploadingStation {
  const namesIn = async (path: string) =>
    (await readdir(path).catch(() => [])).filter((name) => name.endsWith('.txt'));
  const onShelf = async (shelf: string) => {
    const days = await readdir(join(folder, shelf)).catch(() => []);
    return (await Promise.all(days.map((day) => namesIn(join(folder, shelf, day))))).flat();
  };
  return {
    folder,
    async upload(first, count) {
      for (let at = first + count - 1; at >= first; at--) {
        const path = join(folder, nameOf(at));
        await writeFile(`${path}.part`, `PM\t${at % 97}\tmg/Nm3\t${stampOf(at)}\t00\n`);
        await rename(`${path}.part`, path);
      }
    },
    async shelves() {
      return {
        done: await onShelf('done'),
        waiting: await namesIn(folder),
        refused: await onShelf('refused'),
      };
    },
    async stored(first, count) {
      const reader = createClient({ url: system.url, token: system.adminToken });
      try {
        const [from, to] = [first, first + count].map((at) => new Date(begin + at * 1_000).toISOString());
        const { body } = await reader.get(`/v1/series?meter=${meter}&from=${from}&to=${to}`);
        const found = new Map<number, number[]>();
        for (const { time, value } of (body as { items: { time: string; value: number }[] }).items) {
          const at = (Date.parse(time) - begin) / 1_000;
          found.set(at, [...(found.get(at) ?? []), value]);
        }
        return found;
      } finally {
        await reader.close();
      }
    },
  };
}

/** What is missing, doubled or wrong of the files that were uploaded; empty when nothing is. */
export function faultsOf(
  stored: ReadonlyMap<number, readonly number[]>,
  first: number,
  count: number,
): string[] {
  const faults: string[] = [];
  for (let at = first; at < first + count; at++) {
    const values = stored.get(at) ?? [];
    if (values.length !== 1 || values[0] !== at % 97) faults.push(`file ${at}: ${JSON.stringify(values)}`);
  }
  return faults;
}
