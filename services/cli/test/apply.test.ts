import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClient } from '@songma/client';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { applyFile, changesOf, UsageError, type Applied } from '../src/cli.ts';
import { listening } from './server.ts';

const site = { id: 'works', enterprise: 'steel', name: 'Nhà máy', timeZone: 'Asia/Ho_Chi_Minh' };
const meter = {
  id: 'm1',
  site: 'works',
  name: 'Điện',
  quantity: 'electricity',
  kind: 'interval',
  unit: 'kWh',
};
/** What the server makes of the site: with what was left out. */
const standingSite = {
  ...site,
  province: 'Thanh Hóa',
  version: 3,
  changedAt: '2026-01-01T00:00:00+07:00',
  changedBy: 'admin',
};

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'songma-cli-'));
});
afterEach(() => rm(directory, { recursive: true, force: true }));

async function apply(entities: unknown, options: Parameters<typeof applyFile>[2] = {}) {
  const path = join(directory, 'registry.yaml');
  await writeFile(path, typeof entities === 'string' ? entities : JSON.stringify(entities));
  const server = await listening(({ method, path: address }) => {
    if (method === 'PUT') return { status: 200, body: {} };
    return address === '/v1/sites/works'
      ? { status: 200, body: standingSite, etag: '"3"' }
      : { status: 404, body: { code: 'not_found' } };
  });
  const client = createClient({ url: server.url, token: 'sgm_t' });
  try {
    const applied = await applyFile(client, path, options);
    return {
      applied,
      written: server.asked.filter(({ method }) => method === 'PUT').map(({ path: at }) => at),
    };
  } finally {
    await client.close();
    server.close();
  }
}

describe('what is applied', () => {
  it('changes nothing where nothing differs, whatever the server filled in', async () => {
    const { applied, written } = await apply({ sites: [site] });
    expect(applied).toEqual([{ collection: 'sites', id: 'works', did: 'unchanged', changes: [] }]);
    expect(written).toEqual([]);
  });

  it('says which fields it changed, from what to what', async () => {
    const { applied, written } = await apply({ sites: [{ ...site, name: 'Nhà máy 1', ward: 'Bỉm Sơn' }] });
    expect(applied).toMatchObject([
      {
        did: 'changed',
        changes: [
          { field: 'name', before: 'Nhà máy', after: 'Nhà máy 1' },
          { field: 'ward', before: undefined, after: 'Bỉm Sơn' },
        ],
      },
    ]);
    expect(written).toEqual(['/v1/sites/works']);
  });

  it('is created where it was not there, and told as soon as it is', async () => {
    const told: Applied[] = [];
    const { applied, written } = await apply(
      { meters: [meter], sites: [site] },
      { onApplied: (done) => told.push(done) },
    );
    expect(applied.map(({ id, did }) => [id, did])).toEqual([
      ['works', 'unchanged'],
      ['m1', 'created'],
    ]);
    expect(told).toEqual(applied);
    expect(written).toEqual(['/v1/meters/m1']);
  });

  it('is only said on trial', async () => {
    const { applied, written } = await apply({ meters: [meter] }, { isTrial: true });
    expect(applied).toMatchObject([{ did: 'created' }]);
    expect(written).toEqual([]);
  });

  it.each([
    ['broken YAML', 'sites: [', 'is not YAML'],
    ['nothing', '', 'is not a registry file'],
    ['an unknown collection', { plants: [] }, 'plants'],
    ['an entity without an id', { sites: [{ name: 'x' }] }, 'sites.0.id'],
  ])('is refused when it is %s', async (_title, file, problem) => {
    await expect(apply(file)).rejects.toThrow(UsageError);
    await expect(apply(file)).rejects.toThrow(problem);
  });
});

describe('an entity of a file and the one that stands', () => {
  it('are the same when a time is told in another zone, a default is left out or fields stand in another order', () => {
    const limit = { meter: 'm1', validFrom: '2026-01-01T00:00:00+07:00' };
    const zulu = { validFrom: '2025-12-31T17:00:00Z', meter: 'm1' };
    const changed = changesOf('limit', limit, zulu).map(({ field }) => field);
    expect(changed).not.toContain('validFrom');
    const standing = {
      ...meter,
      time: { zone: 'Asia/Ho_Chi_Minh', stamp: 'closes', midnight: 'begins-day' },
    };
    const fields = changesOf('meter', standing, { ...meter, time: { stamp: 'closes' } }).map(
      ({ field }) => field,
    );
    expect(fields).not.toContain('time');
    expect(changesOf('meter', standing, meter).map(({ field }) => field)).toContain('time');
  });

  it('differ by a field that the file does not have any more', () => {
    expect(changesOf('site', { ...standingSite, ward: 'Bỉm Sơn' }, site)).toEqual([
      { field: 'ward', before: 'Bỉm Sơn', after: undefined },
    ]);
  });
});
