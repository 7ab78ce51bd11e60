import { gunzipSync } from 'node:zlib';
import { Workbook } from '@cj-tech-master/excelts';
import { parquetMetadata, parquetSchema } from 'hyparquet';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { flag } from '@songma/domain';
import { openApi, type ApiWorld } from './api-world.ts';

const from = Date.parse('2026-11-20T00:00:00+07:00');
const series = '/v1/series?meter=kiln-pm&from=2026-11-20&to=2026-11-21';
const xlsxType = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet';

let world: ApiWorld;
beforeAll(async () => {
  world = await openApi();
  await world.store('kiln-pm', [
    [from, 10],
    [from + 300_000, 12.5],
    [from + 600_000, Number.NaN, flag.fault],
  ]);
  await world.rollUp('kiln-pm', from, from + 24 * 3_600_000);
  const made = await world.ask('/v1/meters/formula', {
    method: 'PUT',
    headers: { 'if-none-match': '*' },
    body: {
      site: 'mill-site',
      name: '=HYPERLINK("http://example.vn","mở")',
      kind: 'level',
      intervalMs: 300_000,
      quantity: 'other',
      unit: '1',
    },
  });
  if (made.statusCode !== 201) throw new Error(made.body);
});
afterAll(() => world.close());

async function workbookOf(url: string) {
  const response = await world.ask(url, { as: 'analyst' });
  expect(response.statusCode, response.body.slice(0, 300)).toBe(200);
  expect(response.headers['content-type']).toBe(xlsxType);
  const workbook = new Workbook();
  await workbook.xlsx.load(new Uint8Array(response.rawPayload));
  return workbook;
}

describe('A workbook', () => {
  it('has typed cells, and stamps as the site’s clock shows them', async () => {
    const sheet = (await workbookOf(`${series}&format=xlsx`)).worksheets[0]!;
    expect(sheet.getRow(1).getCell(1).value).toBe('meter');
    const [, , second] = [1, 2, 3].map((row) => sheet.getRow(row));
    expect(second!.getCell(1).value).toBe('kiln-pm');
    expect(second!.getCell(2).value).toEqual(new Date('2026-11-20T00:05:00Z'));
    expect(second!.getCell(2).numFmt).toBe('yyyy-mm-dd hh:mm:ss');
    expect(second!.getCell(3).value).toBe(12.5);
    expect(sheet.getRow(4).getCell(3).value).toBeNull();
    expect(sheet.rowCount).toBe(4);
  });

  it('tells units and coverage on a sheet of its own', async () => {
    const workbook = await workbookOf(`${series}&window=PT1H&format=xlsx`);
    const lines: unknown[][] = [];
    workbook.worksheets.at(-1)!.eachRow((row) => {
      lines.push([1, 2, 3, 4, 5, 6].map((cell) => row.getCell(cell).value));
    });
    const told = lines.find(([first]) => first === 'kiln-pm')!;
    expect(told.slice(0, 5)).toEqual(['kiln-pm', 'Bụi', 'mg/Nm3', 'Asia/Ho_Chi_Minh', 1]);
    // Ten minutes of the one hour that is listed.
    expect(told[5]).toBeCloseTo(1 / 6, 12);
  });

  it('keeps text as text, whatever it begins with', async () => {
    const sheet = (await workbookOf('/v1/meters?format=xlsx')).worksheets[0]!;
    const names: unknown[] = [];
    sheet.eachRow((row) => names.push(row.getCell(4).value));
    expect(names).toContain('=HYPERLINK("http://example.vn","mở")');
  });

  it('is had by Accept too, and in pages', async () => {
    const response = await world.ask(`${series}&limit=2`, { as: 'analyst', headers: { accept: xlsxType } });
    expect(response.headers['content-type']).toBe(xlsxType);
    expect(String(response.headers['link'])).toContain('rel="next"');
  });
});

describe('A CSV', () => {
  it('for a spreadsheet set to Vietnamese has a byte order mark, semicolons, decimal commas and local stamps', async () => {
    const response = await world.ask(`${series}&format=csv&locale=vi`, { as: 'analyst' });
    const [head, , second] = response.body.split('\r\n');
    expect(response.rawPayload.subarray(0, 3)).toEqual(Buffer.from([0xef, 0xbb, 0xbf]));
    expect(head).toMatch(/meter;time;value;unit;/);
    expect(second).toMatch(/^kiln-pm;2026-11-20 00:05:00;12,5;mg\/Nm3;measured;/);
  });

  it('writes floats as floats, so that no reader takes a column for whole numbers', async () => {
    const { body } = await world.ask(`${series}&format=csv`, { as: 'analyst' });
    expect(body.split('\r\n')[1]).toMatch(/^kiln-pm,2026-11-20T00:00:00\+07:00,10\.0,/);
    const lines = (await world.ask(`${series}&format=ndjson`, { as: 'analyst' })).body;
    expect(lines.split('\n')[0]).toContain('"value":10.0,');
  });

  it.each(['csv', 'csv&locale=vi'])(
    'leads text that would be computed by an apostrophe (%s)',
    async (format) => {
      const { body } = await world.ask(`/v1/meters?format=${format}`, { as: 'analyst' });
      expect(body).toContain(`"'=HYPERLINK(""http://example.vn"",""mở"")"`);
    },
  );
});

describe('A Parquet file', () => {
  it('keeps the types of columns in which nothing is, and where there is no row', async () => {
    for (const meters of ['kiln-pm&from=2026-11-20', 'kiln-pm&from=2020-01-01&to=2020-01-02']) {
      const { rawPayload } = await world.ask(`/v1/series?meter=${meters}&format=parquet`, { as: 'analyst' });
      const metadata = parquetMetadata(new Uint8Array(rawPayload).buffer);
      const types = parquetSchema(metadata).children.map(({ element }) => [element.name, element.type]);
      expect(Object.fromEntries(types)).toMatchObject({
        value: 'DOUBLE',
        consumption: 'DOUBLE',
        spread: 'BOOLEAN',
        since: 'INT64',
      });
    }
  });
});

describe('Every collection', () => {
  it.each([
    'enterprises',
    'sites',
    'sources',
    'meters',
    'limits',
    'factors',
    'limit-norms',
    'feeds',
    'owed',
    'indicators',
    'baselines',
  ])('/v1/%s is a table in every format', async (path) => {
    for (const format of ['csv', 'ndjson', 'parquet', 'xlsx']) {
      const response = await world.ask(`/v1/${path}?format=${format}`, { as: 'chief' });
      expect(response.statusCode, response.body.slice(0, 300)).toBe(200);
    }
    expect((await world.ask(`/v1/${path}?format=csv`, { as: 'chief' })).body).toMatch(/^[a-zA-Z0-9.,]+\r\n/);
  });

  it('comes whole where it is a table, and in pages where it is JSON', async () => {
    const lines = (await world.ask('/v1/limit-norms?format=csv', { as: 'chief' })).body
      .trimEnd()
      .split('\r\n');
    const page = (await world.ask('/v1/limit-norms?limit=1', { as: 'chief' })).json<{ items: unknown[] }>();
    expect(lines.length).toBeGreaterThan(3);
    expect(page.items).toHaveLength(1);
    const days = '/v1/availability?meter=kiln-pm&from=2026-01-01&to=2026-11-01&window=P1D';
    const availability = (await world.ask(`${days}&format=csv`, { as: 'analyst' })).body.trimEnd();
    expect(availability.split('\r\n')).toHaveLength(1 + 304);
    const json = (await world.ask(days, { as: 'analyst' })).json<{ items: unknown[]; next: string | null }>();
    expect(json.items).toHaveLength(100);
    expect(json.next).not.toBeNull();
  });
});

describe('Who asks first', () => {
  it.each(['csv', 'parquet', 'ndjson'])(
    'is told the length of all of it, and gets parts that make the same whole, whatever comes meanwhile (%s)',
    async (format) => {
      const url = `/v1/series?meter=kiln-pm&from=2026-11-20&format=${format}`;
      const asked = { as: 'analyst', headers: { 'accept-encoding': 'gzip' } } as const;
      const head = await world.ask(url, { ...asked, method: 'HEAD' });
      expect(head.headers['accept-ranges']).toBe('bytes');
      expect(head.body).toBe('');
      const length = Number(head.headers['content-length']);
      await world.store('kiln-pm', [[from + 3_600_000 + length, 1]]);
      const parts: Buffer[] = [];
      for (let at = 0; at < length; at += 100) {
        const range = `bytes=${at}-${at + 99}`;
        const part = await world.ask(url, { as: 'analyst', headers: { ...asked.headers, range } });
        expect(part.statusCode).toBe(206);
        expect(part.headers['content-range']).toBe(`bytes ${at}-${Math.min(at + 99, length - 1)}/${length}`);
        expect(part.headers['etag']).toBe(head.headers['etag']);
        parts.push(part.rawPayload);
      }
      expect(Buffer.concat(parts)).toHaveLength(length);
      const whole = await world.ask(url, { as: 'analyst' });
      expect(Buffer.concat(parts)).toEqual(whole.rawPayload);
      const end = await world.ask(url, { as: 'analyst', headers: { range: 'bytes=-7' } });
      expect(end.rawPayload).toEqual(whole.rawPayload.subarray(-7));
      const behind = await world.ask(url, { as: 'analyst', headers: { range: `bytes=${length}-` } });
      expect([behind.statusCode, behind.headers['content-range']]).toEqual([416, `bytes */${length}`]);
      const others = await world.ask(url, { as: 'sugar', headers: { range: 'bytes=0-9' } });
      expect(others.statusCode).toBe(404);
    },
  );

  it('is told the length of a page', async () => {
    const page = `${series}&limit=2&format=csv`;
    const head = await world.ask(page, { as: 'analyst', method: 'HEAD' });
    const { rawPayload } = await world.ask(page, { as: 'analyst' });
    expect(head.headers['content-length']).toBe(String(rawPayload.length));
  });

  it('gets gzip when that is accepted, and the whole when no part is named', async () => {
    const url = '/v1/limit-norms?format=csv';
    const plain = await world.ask(url, { as: 'analyst', headers: { range: 'lines=0-9' } });
    expect(plain.statusCode).toBe(200);
    const packed = await world.ask(url, { as: 'analyst', headers: { 'accept-encoding': 'gzip' } });
    expect(packed.headers['content-encoding']).toBe('gzip');
    expect(packed.headers['vary']).toContain('accept-encoding');
    expect(gunzipSync(packed.rawPayload).toString()).toBe(plain.body);
  });
});
