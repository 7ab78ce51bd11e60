import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createClient, type SongmaClient } from '@songma/client';
import { furnishings } from '../support/furnishings.ts';
import { startSystem, type System } from '../support/system.ts';
import { until } from '../support/until.ts';
import {
  missingForUploads,
  startFtpServer,
  startSftpServer,
  type SftpServer,
  type UploadServer,
} from '../support/upload-servers.ts';

const run = promisify(execFile);
const missing = await missingForUploads();
const why = missing === '' ? '' : `, skipped: there is no ${missing}`;

const works = {
  enterprises: [{ id: 'works', name: 'Xi măng Thử', sector: '2394' }],
  sites: [{ id: 'works-1', enterprise: 'works', name: 'Nhà máy 1' }],
  sources: [
    { id: 'works-stack', site: 'works-1', name: 'Ống khói', kind: 'stack', station: 'TH_THU_KHILO1' },
  ],
  meters: [
    {
      ...{ id: 'works-dust', site: 'works-1', source: 'works-stack', name: 'Bụi', symbol: 'PM' },
      ...{ quantity: 'concentration', kind: 'level', unit: 'mg/Nm3', intervalMs: 300_000 },
    },
  ],
};

/** Some hours ago, on the clock of Viet Nam: what is uploaded is late, and what is not is missing. */
const begin = Math.floor(Date.now() / 300_000) * 300_000 - 6 * 3_600_000;
const timeOf = (minute: number) => begin + minute * 60_000;
const stampOf = (minute: number) =>
  new Date(timeOf(minute) + 7 * 3_600_000).toISOString().slice(0, 19).replace(/[-:T]/g, '');
const nameOf = (minute: number) => `TH_THU_KHILO1__${stampOf(minute)}.txt`;
const lineOf = (minute: number, value: number) => `PM\t${value}\tmg/Nm3\t${stampOf(minute)}\t00\n`;

for (const { furnishing, title, isAvailable } of await furnishings()) {
  describe.skipIf(!isAvailable || missing !== '')(`Stations that upload, ${title}${why}`, () => {
    let system: System;
    let admin: SongmaClient;
    let sftp: SftpServer;
    let ftp: UploadServer;
    let local: string;
    let inbox: string;
    const folderOf = (station: string) => join(inbox, station);

    beforeAll(async () => {
      local = await mkdtemp(join(tmpdir(), 'songma-station-'));
      inbox = join(local, 'inbox');
      await mkdir(inbox);
      // The data directory is for its owner only: servers that run as others have to get here.
      for (const path of [local, inbox]) await chmod(path, 0o755);
      // What has no line end is never whole here: a test that waited for a time to pass would depend on speed.
      const env = {
        FILES_INBOX: inbox,
        FILES_LOOK_SECONDS: '0.1',
        FILES_SETTLE_SECONDS: '0.2',
        FILES_UNENDED_SECONDS: '86400',
      };
      system = await startSystem({ furnishing, env, more: ['files'] });
      admin = createClient({ url: system.url, token: system.adminToken });
      for (const [collection, entities] of Object.entries(works)) {
        for (const entity of entities)
          await admin.put(`/v1/${collection}/${entity.id}`, entity, { ifNoneMatch: '*' });
      }
      const { body } = await admin.post('/v1/keys', { name: 'station', role: 'plant', enterprise: 'works' });
      for (const station of ['by-sftp', 'by-ftp']) {
        await mkdir(folderOf(station), { recursive: true });
        const key = join(system.dataDir, 'inbox-keys', `${station}.key`);
        await writeFile(key, (body as { token: string }).token, { mode: 0o600 });
      }
      sftp = await startSftpServer(folderOf('by-sftp'));
      ftp = await startFtpServer(inbox, 'by-ftp');
    });
    afterAll(async () => {
      await sftp?.close();
      await ftp?.close();
      await admin?.close();
      await system?.stop();
      await system?.remove();
      await rm(local, { recursive: true, force: true });
    });

    const made = async (minute: number, content: string): Promise<string> => {
      const path = join(local, nameOf(minute));
      await writeFile(path, content);
      return path;
    };
    const sftpOptions = () => [
      ...['-P', String(sftp.port), '-i', sftp.identity, '-o', 'StrictHostKeyChecking=no'],
      ...['-o', 'UserKnownHostsFile=/dev/null', '-o', 'LogLevel=ERROR'],
    ];
    const sftpBatch = async (commands: readonly string[]) => {
      const batch = join(local, 'batch');
      await writeFile(batch, `${commands.join('\n')}\n`);
      return run('sftp', [...sftpOptions(), '-b', batch, `${sftp.user}@127.0.0.1`]);
    };
    const ftpUrl = (name = '') => `ftp://127.0.0.1:${ftp.port}/by-ftp/${name}`;
    const curl = (...args: string[]) => run('curl', ['-sS', '--fail', ...args]);

    /** Outcomes of the station's files on a shelf, by name. */
    const shelved = async (station: string, shelf: string): Promise<Map<string, string>> => {
      const outcomes = new Map<string, string>();
      const days = await readdir(join(folderOf(station), shelf)).catch(() => []);
      for (const day of days) {
        const folder = join(folderOf(station), shelf, day);
        const names = await readdir(folder);
        for (const name of names) {
          if (!names.includes(`${name}.receipt.json`)) continue;
          const receipt = JSON.parse(await readFile(join(folder, `${name}.receipt.json`), 'utf8')) as {
            outcome: string;
          };
          outcomes.set(name, receipt.outcome);
        }
      }
      return outcomes;
    };
    const untilDone = (station: string, count: number) =>
      until(`${count} files of ${station} to be done`, async () => {
        system.checkAlive();
        const outcomes = await shelved(station, 'done');
        return outcomes.size >= count ? outcomes : undefined;
      });
    const valuesAt = async (minutes: readonly number[]): Promise<(number | undefined)[]> => {
      const from = new Date(begin).toISOString();
      const { items } = (await admin.get(`/v1/series?meter=works-dust&from=${from}`)).body as {
        items: { time: string; value: number }[];
      };
      const byTime = new Map(items.map(({ time, value }) => [Date.parse(time), value]));
      return minutes.map((minute) => byTime.get(timeOf(minute)));
    };
    const untilValues = (minutes: readonly number[], values: readonly number[]) =>
      until(`readings ${values.join(', ')}`, async () => {
        const found = await valuesAt(minutes);
        return found.every((value, at) => value === values[at]) ? found : undefined;
      });

    it('by SFTP, renaming when a file is whole: each is stored once, in whatever order they come', async () => {
      const minutes = [4, 2, 3, 1];
      for (const minute of minutes) {
        const path = await made(minute, lineOf(minute, minute));
        await sftpBatch([
          `put ${path} ${basename(path)}.filepart`,
          `rename ${basename(path)}.filepart ${basename(path)}`,
        ]);
      }
      const done = await untilDone('by-sftp', minutes.length);
      expect(new Set(done.values())).toEqual(new Set(['taken']));
      await untilValues(minutes, minutes);
    });

    it('by FTP, writing in place, into folders of the day, and doubled', async () => {
      const minutes = [10, 11, 12];
      for (const minute of minutes) {
        const path = await made(minute, lineOf(minute, minute));
        await curl('--ftp-create-dirs', '-T', path, ftpUrl(`2026/03/02/${basename(path)}`));
      }
      await untilDone('by-ftp', minutes.length);
      for (const minute of minutes) {
        const path = await made(minute, lineOf(minute, minute));
        await curl('-T', path, ftpUrl());
      }
      const done = await untilDone('by-ftp', 2 * minutes.length);
      expect([...done.values()].filter((outcome) => outcome === 'repeated')).toHaveLength(minutes.length);
      await untilValues(minutes, minutes);
    });

    it.each(['SFTP', 'FTP'])(
      'by %s: an upload that breaks off is left alone until it is sent whole',
      async (by) => {
        const station = by === 'SFTP' ? 'by-sftp' : 'by-ftp';
        const minute = by === 'SFTP' ? 20 : 21;
        const before = (await shelved(station, 'done')).size;
        // Without an end of a line it is not taken, however long it lies there.
        const path = await made(minute, 'x'.repeat(2 * 1024 * 1024));
        const args =
          by === 'SFTP'
            ? ['sftp', ...sftpOptions(), '-l', '64', '-b', join(local, 'slow'), `${sftp.user}@127.0.0.1`]
            : ['curl', '-sS', '--limit-rate', '4096', '-T', path, ftpUrl()];
        await writeFile(join(local, 'slow'), `put ${path}\n`);
        const upload = spawn(args[0]!, args.slice(1), { stdio: 'ignore' });
        const target = join(folderOf(station), basename(path));
        await until(
          'some of the upload to be there',
          async () => (await stat(target).catch(() => undefined))?.size,
        );
        const ended = once(upload, 'exit');
        upload.kill('SIGKILL');
        await ended;
        expect((await stat(target)).size).toBeLessThan(2 * 1024 * 1024);
        expect((await shelved(station, 'done')).size).toBe(before);
        const whole = await made(minute, lineOf(minute, 7));
        if (by === 'SFTP') await sftpBatch([`put ${whole}`]);
        else await curl('-T', whole, ftpUrl());
        await until('the whole file to be done', async () => {
          const done = await shelved(station, 'done');
          return done.size > before && !(await readdir(folderOf(station))).includes(basename(path))
            ? done
            : undefined;
        });
        await untilValues([minute], [7]);
      },
    );

    it('by SFTP cannot make links that lead elsewhere', async () => {
      await expect(sftpBatch(['symlink /etc/passwd passwd.txt'])).rejects.toThrow('Permission denied');
      await expect(sftpBatch([`ln ${nameOf(1)} other.txt`])).rejects.toThrow(
        /Permission denied|does not support/,
      );
    });

    it('late and missing files show in the feed of the meter as what they are', async () => {
      const { items } = (await admin.get('/v1/feeds?meter=works-dust')).body as {
        items: { arrivals: Record<string, number>; silentIntervals: number; lastReading: string }[];
      };
      const [feed] = items;
      expect(feed?.arrivals).toMatchObject({ lateByHour: 1, lateByDay: 0 });
      expect(Date.parse(feed!.lastReading)).toBe(timeOf(21));
      // Five and a half hours without a reading of every five minutes.
      expect(feed!.silentIntervals).toBeGreaterThanOrEqual(60);
    });
  });
}
