import { execFile } from 'node:child_process';
import { appendFile, chmod, link, mkdir, rm, symlink, truncate, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  contentAt,
  nameAt,
  namesIn,
  openInbox,
  shelf,
  untilShelved,
  upload,
  type InboxWorld,
} from './inbox-world.ts';

const run = promisify(execFile);
const stamp = (minute: number) => `2026112311${String(minute).padStart(2, '0')}00`;
const timeAt = (minute: number) => Date.parse(`2026-11-23T11:${String(minute).padStart(2, '0')}:00+07:00`);

const codesOf = (refused: Awaited<ReturnType<typeof untilShelved>>) =>
  [...refused.values()].map(({ problem }) => problem?.code ?? '').toSorted();

let world: InboxWorld;
let station = '';
let folder: string;
let stations = 0;
beforeAll(async () => {
  world = await openInbox();
});
beforeEach(async () => {
  station = `khi-lo-${++stations}`;
  folder = await world.addStation(station);
});
afterEach(() => world.reset());
afterAll(() => world.close());

describe('A file in the folder of its station', () => {
  it('is pushed, and moved to done beside its receipt when the log has it', async () => {
    await upload(folder, nameAt(stamp(45)), contentAt(stamp(45), '38,2'));
    await world.startFiles();
    const done = await untilShelved(folder, 'done', 1);
    const receipt = done.get(nameAt(stamp(45)));
    expect(receipt).toMatchObject({ station, outcome: 'taken', rows: 1, accepted: 1 });
    expect(receipt?.batch).toMatch(/^file\.[0-9a-f]{32}$/);
    expect(await world.readings()).toEqual([{ meter: 'kiln-pm', time: timeAt(45), value: 38.2 }]);
    expect(await namesIn(folder)).toEqual(['done']);
  });

  it('is taken in the order of the stamps in the names, whatever the order of arrival', async () => {
    const minutes = [50, 5, 30, 10, 45, 0, 20];
    // Of one time, so that they are pushed one after the other.
    for (const minute of minutes) await upload(folder, nameAt(stamp(minute)), contentAt(stamp(0), minute));
    await world.startFiles();
    await untilShelved(folder, 'done', minutes.length);
    expect((await world.readings()).map(({ value }) => value)).toEqual([0, 5, 10, 20, 30, 45, 50]);
  });

  it('and the same file again is told to be a repeat and adds nothing', async () => {
    await world.startFiles();
    await upload(folder, nameAt(stamp(45)), contentAt(stamp(45), 38));
    await untilShelved(folder, 'done', 1);
    await upload(folder, nameAt(stamp(45)), contentAt(stamp(45), 38));
    const done = await untilShelved(folder, 'done', 2);
    expect([...done.values()].map(({ outcome }) => outcome).toSorted()).toEqual(['repeated', 'taken']);
    expect(await world.readings()).toHaveLength(1);
  });

  it('with another content under the same name is a file of its own, and neither is lost', async () => {
    await world.startFiles();
    await upload(folder, nameAt(stamp(45)), contentAt(stamp(45), 38));
    await untilShelved(folder, 'done', 1);
    await upload(folder, nameAt(stamp(45)), contentAt(stamp(45), 39));
    const done = await untilShelved(folder, 'done', 2);
    expect([...done.values()].map(({ outcome }) => outcome)).toEqual(['taken', 'taken']);
    expect((await world.readings()).map(({ value }) => value)).toEqual([38, 39]);
  });

  it('is found in folders below, of a year, month and day', async () => {
    const below = join(folder, '2026', '11', '23');
    await mkdir(below, { recursive: true });
    await upload(below, nameAt(stamp(45)), contentAt(stamp(45), 38));
    await world.startFiles();
    expect((await untilShelved(folder, 'done', 1)).has(nameAt(stamp(45)))).toBe(true);
  });

  it.each([
    ['readings.csv', 'meter,time,value\nkiln-pm,2026-11-23T11:45:00,38.2\n'],
    ['readings.json', '{"readings":[{"meter":"kiln-pm","time":"2026-11-23T11:45:00","value":38.2}]}\n'],
    ['readings.NDJSON', '{"meter":"kiln-pm","time":"2026-11-23T11:45:00","value":38.2}\n'],
  ])('may be of every format of the door: %s', async (name, content) => {
    await upload(folder, name, content);
    await world.startFiles();
    expect((await untilShelved(folder, 'done', 1)).get(name)).toMatchObject({ outcome: 'taken' });
    expect(await world.readings()).toEqual([{ meter: 'kiln-pm', time: timeAt(45), value: 38.2 }]);
  });
});

describe('A file that is refused', () => {
  it('is moved to refused, and its receipt says why in both languages', async () => {
    await upload(folder, 'notes.doc', 'hello\n');
    await upload(folder, nameAt(stamp(45)), 'XX\t1\tmg/Nm3\t20261123114500\t00\n');
    await world.startFiles();
    const refused = await untilShelved(folder, 'refused', 2);
    const unknown = refused.get('notes.doc')?.problem;
    expect(unknown?.code).toBe('file_extension_unknown');
    expect(unknown?.en).toContain('.txt');
    expect(unknown?.vi).toContain('đuôi');
    const rows = refused.get(nameAt(stamp(45)))?.refused;
    expect(rows).toMatchObject([{ row: 0, code: 'symbol_unknown' }]);
    expect(rows?.[0]?.reason.vi).not.toBe(rows?.[0]?.reason.en);
  });

  it('in part is done, with the refused rows in its receipt', async () => {
    const content = `${contentAt(stamp(45), 38)}XX\t1\tmg/Nm3\t20261123114500\t00\n`;
    await upload(folder, nameAt(stamp(45)), content);
    await world.startFiles();
    const receipt = (await untilShelved(folder, 'done', 1)).get(nameAt(stamp(45)));
    expect(receipt).toMatchObject({ outcome: 'partly', rows: 2, accepted: 1, refused: [{ row: 1 }] });
  });

  it('is of another plant’s station: the key of the folder decides, not the name of the file', async () => {
    await upload(folder, nameAt(stamp(45), 'TH_LSON_KHI1'), contentAt(stamp(45), 38));
    await world.startFiles();
    const receipt = (await untilShelved(folder, 'refused', 1)).get(nameAt(stamp(45), 'TH_LSON_KHI1'));
    expect(receipt?.refused).toMatchObject([{ code: 'station_unknown' }]);
    expect(await world.readings()).toEqual([]);
  });

  it('is no plain file, and what it is is named: links are not followed, pipes not opened', async () => {
    await symlink('/etc/passwd', join(folder, 'a.txt'));
    await symlink(world.inbox, join(folder, 'up'));
    await run('mkfifo', [join(folder, 'b.txt')]);
    await writeFile(join(world.inbox, 'elsewhere'), 'x');
    await link(join(world.inbox, 'elsewhere'), join(folder, 'c.txt'));
    await upload(folder, nameAt(stamp(45)), contentAt(stamp(45), 38));
    await world.startFiles();
    await untilShelved(folder, 'done', 1);
    const refused = await untilShelved(folder, 'refused', 4);
    expect(Object.fromEntries([...refused].map(([name, { problem }]) => [name, problem?.code]))).toEqual({
      'a.txt': 'not_a_file',
      up: 'not_a_file',
      'b.txt': 'not_a_file',
      'c.txt': 'hard_link',
    });
    expect(refused.get('a.txt')?.problem?.en).toContain('symbolic link');
    expect(refused.get('b.txt')?.problem?.vi).toContain('thiết bị');
  });

  it('has a name that cannot be shown, or is too long for a receipt beside it', async () => {
    await writeFile(Buffer.from(`${folder}/\xff\xfe.txt`, 'latin1'), 'x\n');
    await writeFile(join(folder, 'a\nb.txt'), 'x\n');
    await writeFile(join(folder, `${'n'.repeat(240)}.txt`), 'x\n');
    await world.startFiles();
    const refused = await untilShelved(folder, 'refused', 3);
    expect(codesOf(refused)).toEqual(['name_too_long', 'name_unprintable', 'name_unprintable']);
    expect(refused.has('a%0ab.txt')).toBe(true);
  });

  it('is too large, and was never read', async () => {
    await writeFile(join(folder, 'huge.csv'), '');
    await truncate(join(folder, 'huge.csv'), 4 * 1024 ** 3);
    await upload(folder, nameAt(stamp(45)), contentAt(stamp(45), 38));
    await world.startFiles();
    await untilShelved(folder, 'done', 1);
    const receipt = (await untilShelved(folder, 'refused', 1)).get('huge.csv');
    expect(receipt?.problem).toMatchObject({ code: 'file_too_large' });
    expect(receipt?.problem?.en).toContain('4294967296');
  });
});

describe('A file that is still being sent', () => {
  const quickly = { FILES_SETTLE_SECONDS: '0', FILES_UNENDED_SECONDS: '3600' };

  it.each(['x.txt.tmp', 'x.txt.part', 'x.txt.filepart', '.x.txt.swp'])('is left alone: %s', async (name) => {
    await writeFile(join(folder, name), 'PM\t1');
    await upload(folder, nameAt(stamp(45)), contentAt(stamp(45), 38));
    await world.startFiles();
    await untilShelved(folder, 'done', 1);
    expect(await namesIn(folder)).toContain(name);
  });

  it('is left alone while it changes, and taken whole when it has ended', async () => {
    const path = join(folder, nameAt(stamp(45)));
    await writeFile(path, 'PM\t38\tmg/Nm3\t202611');
    await upload(folder, nameAt(stamp(50)), contentAt(stamp(50), 39));
    await world.startFiles(quickly);
    await untilShelved(folder, 'done', 1);
    expect(await namesIn(folder)).toContain(nameAt(stamp(45)));
    await appendFile(path, '23114500\t00\n');
    await untilShelved(folder, 'done', 2);
    expect((await world.readings()).map(({ value }) => value)).toEqual([39, 38]);
  });

  it('is taken as it is when nothing more came for long, and the cut row is in the receipt', async () => {
    const path = join(folder, nameAt(stamp(45)));
    await writeFile(path, `${contentAt(stamp(45), 38)}SO2\t11`);
    const long = new Date(Date.now() - 7_200_000);
    await utimes(path, long, long);
    await world.startFiles(quickly);
    const receipt = (await untilShelved(folder, 'done', 1)).get(nameAt(stamp(45)));
    expect(receipt).toMatchObject({
      outcome: 'partly',
      accepted: 1,
      refused: [{ row: 1, code: 'malformed' }],
    });
  });

  it('is taken by what looks saw where its own clock is ahead', async () => {
    const path = join(folder, nameAt(stamp(45)));
    await writeFile(path, contentAt(stamp(45), 38));
    const ahead = new Date(Date.now() + 86_400_000);
    await utimes(path, ahead, ahead);
    await world.startFiles({ FILES_SETTLE_SECONDS: '0.05' });
    expect((await untilShelved(folder, 'done', 1)).size).toBe(1);
  });
});

describe('A station whose files cannot be taken', () => {
  const reasons = () =>
    world
      .logged()
      .split('\n')
      .filter((line) => line.includes('files of a station are not taken'))
      .map((line) => JSON.parse(line) as { station: string; code: string });
  const untilFault = (code: string) =>
    vi.waitFor(() => expect(reasons()).toContainEqual(expect.objectContaining({ code })), {
      timeout: 60_000,
    });

  it('has no key, one that others may read, none at all in its file, or one that is refused', async () => {
    const made = {
      key_missing: async (name: string) => rm(join(world.keys, `${name}.key`)),
      key_readable: async (name: string) => chmod(join(world.keys, `${name}.key`), 0o644),
      key_unusable: async (name: string) => writeFile(join(world.keys, `${name}.key`), 'secret'),
      key_refused: async (name: string) => writeFile(join(world.keys, `${name}.key`), 'sgm_plant_wrong'),
    };
    for (const [code, spoil] of Object.entries(made)) {
      const of = await world.addStation(code);
      await upload(of, nameAt(stamp(45)), contentAt(stamp(45), 38));
      await spoil(code);
    }
    await upload(folder, nameAt(stamp(45)), contentAt(stamp(45), 38));
    await world.startFiles();
    // Others go on.
    await untilShelved(folder, 'done', 1);
    for (const code of Object.keys(made)) {
      await untilFault(code);
      expect(await namesIn(join(world.inbox, code))).toContain(nameAt(stamp(45)));
    }
    expect(await world.metricsText()).toContain('songma_files_stations_at_fault{code="key_missing"} 1');
    expect(world.logged()).not.toContain(world.tokens.cement);
  });

  it('has a link where taken files are kept: it is named, and nothing is put behind it', async () => {
    const elsewhere = join(world.inbox, '..', 'behind-a-link');
    await mkdir(elsewhere);
    await symlink(elsewhere, join(folder, 'done'));
    await upload(folder, nameAt(stamp(45)), contentAt(stamp(45), 38));
    await world.startFiles();
    await untilFault('shelf_not_folder');
    expect(await namesIn(elsewhere)).toEqual([]);
    expect(await namesIn(folder)).toContain(nameAt(stamp(45)));
    expect(await world.readings()).toHaveLength(1);
  });

  it('waits for a door that is away, and loses and doubles nothing', async () => {
    await world.stopDoor();
    await upload(folder, nameAt(stamp(45)), contentAt(stamp(45), 38));
    const files = await world.startFiles();
    await untilFault('door_unavailable');
    expect(await namesIn(folder)).toEqual([nameAt(stamp(45))]);
    await files.close();
    await world.startDoor();
    await world.startFiles();
    await untilShelved(folder, 'done', 1);
    expect(await world.readings()).toHaveLength(1);
  });

  it('vanishes with its folder: nobody else notices', async () => {
    const gone = await world.addStation('gone');
    await upload(gone, nameAt(stamp(40)), contentAt(stamp(40), 38));
    const files = await world.startFiles();
    await rm(gone, { recursive: true, force: true });
    await upload(folder, nameAt(stamp(45)), contentAt(stamp(45), 38));
    await untilShelved(folder, 'done', 1);
    await expect(files.checks[0]!.check()).resolves.toBeUndefined();
  });
});

it('Days that are kept long enough are removed, and nothing else is', async () => {
  for (const day of ['2020-01-01', 'notes', new Date().toISOString().slice(0, 10)]) {
    await mkdir(join(folder, 'done', day), { recursive: true });
    await writeFile(join(folder, 'done', day, 'x.txt'), 'x');
  }
  await world.startFiles();
  await vi.waitFor(async () => expect(await namesIn(join(folder, 'done'))).not.toContain('2020-01-01'), {
    timeout: 60_000,
  });
  expect(await namesIn(join(folder, 'done'))).toHaveLength(2);
});

it('A stop in the middle of a folder leaves each file either in place or on its shelf', async () => {
  const count = 60;
  for (let at = 0; at < count; at++) {
    await upload(folder, nameAt(stamp(at)), contentAt(stamp(at), at));
  }
  const files = await world.startFiles();
  await untilShelved(folder, 'done', 1);
  await files.close();
  const left = (await namesIn(folder)).filter((name) => name.endsWith('.txt'));
  const done = await shelf(folder, 'done');
  expect(left.length + done.size).toBe(count);
  await world.startFiles();
  await untilShelved(folder, 'done', count);
  const readings = await world.readings();
  expect(new Set(readings.map(({ time }) => time)).size).toBe(count);
});
