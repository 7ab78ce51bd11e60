import { gzipSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { makeDataDir, noon, openDoor, quarantinedOf, type DoorWorld, type KeyName } from './door-world.ts';

const telegraf = 'Telegraf/1.37.2 Go/1.26';

let dir: Awaited<ReturnType<typeof makeDataDir>>;
let world: DoorWorld;
/** What was in the log before the test. */
let blocksBefore = 0;
/** Each test is about a minute of its own, epoch milliseconds: what was sent before is no repeat. */
let atMs = 1_763_873_700_000;
beforeAll(async () => {
  dir = await makeDataDir();
  world = await openDoor({ dataDir: dir.path });
});
beforeEach(async () => {
  atMs += 60_000;
  blocksBefore = (await world.blocks()).length;
});
afterEach(async () => {
  for (const { id } of world.registry.list('mapping')) await world.register('mapping', id, null);
});
afterAll(async () => {
  await world.close();
  await dir.remove();
});

/** The test's minute as a stamp in nanoseconds. */
const stamp = () => `${atMs}000000`;
/** Lines with the test's minute in place of `@`. */
const dated = (lines: string) => lines.replaceAll('@', stamp());

interface WriteOptions {
  readonly url?: string;
  readonly key?: KeyName | null;
  readonly headers?: Readonly<Record<string, string>>;
  readonly to?: DoorWorld;
}

function write(
  lines: string | Buffer,
  { url = '/api/v2/write', key = 'cement', headers = {}, to = world }: WriteOptions = {},
) {
  return to.app.inject({
    method: 'POST',
    url,
    headers: {
      'content-type': 'text/plain; charset=utf-8',
      ...(key === null ? {} : { authorization: `Token ${to.tokens[key]}` }),
      ...headers,
    },
    payload: typeof lines === 'string' ? dated(lines) : lines,
  });
}

/** Every reading in the log, as meter, time and value. */
async function readings() {
  return (await world.blocks()).slice(blocksBefore).flatMap(({ block }) =>
    Array.from(block.times, (time, i) => ({
      meter: block.meters[block.meterIndex[i]!],
      time,
      value: block.values[i],
    })),
  );
}

const mapping = {
  id: 'plc',
  enterprise: 'bim-son-cement',
  door: 'line-protocol',
  match: { measurement: 'modbus', 'tag.host': 'plc-{line}' },
  meter: '{line}-{field}',
};

describe('line protocol', () => {
  it('is taken by the source mappings of the enterprise, each field a reading', async () => {
    await world.register('mapping', 'plc', mapping);
    const answer = await write('modbus,host=plc-kiln pm=38.5,o2=6.5 @\n');
    expect(answer.statusCode).toBe(204);
    expect(answer.headers['songma-refused']).toBe('0');
    expect(await readings()).toEqual([
      { meter: 'kiln-pm', time: atMs, value: 38.5 },
      { meter: 'kiln-o2', time: atMs, value: 6.5 },
    ]);
  });

  it('that names its meter needs no mapping', async () => {
    expect((await write('any,meter=kiln-pm value=1 @')).statusCode).toBe(204);
    expect(await readings()).toEqual([{ meter: 'kiln-pm', time: atMs, value: 1 }]);
  });

  it('has a stamp that opens or closes as the meter says', async () => {
    await write('any,meter=mill-power value=2 @\nany,meter=mill-register value=3 @');
    expect(await readings()).toEqual([
      { meter: 'mill-power', time: atMs - 900_000, value: 2 },
      { meter: 'mill-register', time: atMs, value: 3 },
    ]);
  });

  it('is converted from the unit of the mapping, or refused', async () => {
    await world.register('mapping', 'unit', {
      ...mapping,
      id: 'unit',
      match: { measurement: 'em', field: 'value' },
      meter: '{tag.m}',
      unit: '{tag.unit}',
    });
    const answer = await write('em,m=mill-register,unit=MWh value=3 @\nem,m=mill-register,unit=t value=3 @');
    expect(answer.headers['songma-refused']).toBe('1');
    expect(await readings()).toEqual([{ meter: 'mill-register', time: atMs, value: 3000 }]);
    const [row] = await quarantinedOf(world, String(answer.headers['songma-batch']));
    expect(row).toMatchObject({
      code: 'unit_incompatible',
      raw: `em,m=mill-register,unit=t value=3 ${stamp()}`,
    });
  });

  it.each([
    ['ns', 6],
    ['us', 3],
    ['ms', 0],
    ['s', -3],
  ])('has stamps that count %s', async (precision, digits) => {
    const counted = digits < 0 ? atMs / 1000 : `${atMs}${'0'.repeat(digits)}`;
    const url = `/api/v2/write?org=o&bucket=b&precision=${precision}`;
    expect((await write(`x,meter=kiln-pm value=1 ${counted}`, { url })).statusCode).toBe(204);
    expect(await readings()).toEqual([{ meter: 'kiln-pm', time: atMs, value: 1 }]);
  });

  it('without a stamp is of now, and may be sent again', async () => {
    for (const _ of [1, 2]) expect((await write('x,meter=kiln-pm value=1')).statusCode).toBe(204);
    const reading = { meter: 'kiln-pm', time: noon, value: 1 };
    expect(await readings()).toEqual([reading, reading]);
  });

  it('tells below detection as text, and truth as 0 or 1', async () => {
    await write('x,meter=kiln-pm value="<0,5" @\nx,meter=kiln-o2 value=true @');
    const [{ block }] = (await world.blocks()).slice(blocksBefore) as [
      Awaited<ReturnType<DoorWorld['blocks']>>[number],
    ];
    expect([...block.values]).toEqual([0.5, 1]);
    expect(block.flags[0]).not.toBe(0);
  });

  it('can be of no interest', async () => {
    await world.register('mapping', 'plc', mapping);
    await world.register('mapping', 'quality', {
      ...mapping,
      id: 'quality',
      match: { field: 'Quality' },
      meter: undefined,
      ignore: true,
      precedence: 1,
    });
    const answer = await write('modbus,host=plc-kiln pm=38.5,Quality="Good" @\nx Quality="Bad" @');
    expect([answer.statusCode, answer.headers['songma-refused']]).toEqual([204, '0']);
    expect(await readings()).toHaveLength(1);
    expect((await write('x Quality="Bad" @')).statusCode).toBe(204);
  });

  it('may have more values than one push', async () => {
    const lines = Array.from({ length: 12_000 }, (_, i) => `x,meter=kiln-pm value=${i} ${atMs - i * 1000}`);
    const answer = await write(lines.join('\n'), { url: '/api/v2/write?precision=ms' });
    expect(answer.statusCode).toBe(204);
    expect(await readings()).toHaveLength(12_000);
  });

  it('comes packed too', async () => {
    const packed = gzipSync(dated('x,meter=kiln-pm value=1 @\n'));
    expect((await write(packed, { headers: { 'content-encoding': 'gzip' } })).statusCode).toBe(204);
    expect(await readings()).toHaveLength(1);
  });

  it('without lines is taken: clients ask by it whether they may write', async () => {
    expect((await write('')).statusCode).toBe(204);
    expect((await write('# nothing\n')).statusCode).toBe(204);
    expect((await write('', { key: null })).statusCode).toBe(401);
  });

  it('has its place at the ordinary door too, with a receipt', async () => {
    const answer = await world.app.inject({
      method: 'POST',
      url: '/v1/readings?precision=s',
      headers: {
        authorization: `Bearer ${world.tokens.cement}`,
        'content-type': 'text/vnd.influxdata.line-protocol',
      },
      payload: `x,meter=kiln-pm value=1 ${atMs / 1000}`,
    });
    expect([answer.statusCode, answer.json<{ accepted: number }>().accepted]).toEqual([202, 1]);
  });
});

describe('lines that are sent again', () => {
  it('are the same push', async () => {
    const lines = 'x,meter=kiln-pm value=1 @';
    const batches = [await write(lines), await write(lines)].map(({ headers }) => headers['songma-batch']);
    expect(batches[0]).toBe(batches[1]);
    expect(await readings()).toHaveLength(1);
  });

  it('are looked at again when the registry has changed', async () => {
    const lines = 'modbus,host=plc-kiln pm=38.5 @';
    expect((await write(lines)).statusCode).toBe(422);
    expect((await write(lines)).statusCode).toBe(422);
    await world.register('mapping', 'plc', mapping);
    expect((await write(lines)).statusCode).toBe(204);
    expect(await readings()).toHaveLength(1);
  });
});

describe('what no mapping knows', () => {
  it('waits in quarantine with the rule to add, and can be replayed when that is there', async () => {
    const known = 'x,meter=kiln-pm value=1 @';
    const answer = await write(`modbus,host=plc-kiln o2=6.5,pm=1 @\n${known}`);
    expect([answer.statusCode, answer.headers['songma-refused']]).toEqual([204, '2']);
    const rows = await quarantinedOf(world, String(answer.headers['songma-batch']));
    const row = rows.find(({ raw }) => raw.includes('o2'))!;
    expect(row).toMatchObject({
      code: 'source_unmapped',
      raw: `modbus,host=plc-kiln o2=6.5 ${stamp()}`,
      context: 'ns',
    });
    const rule = /such as (\{.*\}), and/.exec(row.reason)![1]!;
    await world.register('mapping', 'found', {
      id: 'found',
      enterprise: 'bim-son-cement',
      ...(JSON.parse(rule) as object),
      meter: 'kiln-o2',
    });
    const replay = await world.app.inject({
      method: 'POST',
      url: `/v1/quarantine/${row.id}/replay`,
      headers: { authorization: `Bearer ${world.tokens.cement}` },
    });
    expect(replay.statusCode).toBe(202);
    expect(await readings()).toContainEqual({ meter: 'kiln-o2', time: atMs, value: 6.5 });
  });

  it('is told in words when nothing of a request was taken, in the forms that clients read', async () => {
    const answer = await write('modbus,host=plc-kiln pm=1 @', { headers: { 'accept-language': 'vi' } });
    expect(answer.statusCode).toBe(422);
    const body = answer.json<{ code: string; message: string; error: string }>();
    expect(body).toMatchObject({ code: 'lines_all_refused', error: body.message });
    expect(body.message).toContain('Chưa có quy tắc ánh xạ');
  });

  it('without a stamp is replayed as of when it came', async () => {
    const answer = await write(`modbus,host=plc-kiln pm=1`, { url: '/api/v2/write?precision=s' });
    const [row] = await quarantinedOf(world, answer.json<{ batch: string }>().batch);
    expect(row).toMatchObject({ raw: `modbus,host=plc-kiln pm=1 ${noon / 1000}`, context: 's' });
  });

  it('names a meter that the mapping may not mean', async () => {
    await world.register('mapping', 'site', {
      ...mapping,
      id: 'site',
      site: 'mill-site',
      match: {},
      meter: '{field}',
    });
    const answer = await write('m kiln-pm=1,sugar-power=2,nothing=3,mill-register=4 @');
    expect(answer.headers['songma-refused']).toBe('3');
    expect(await readings()).toEqual([{ meter: 'mill-register', time: atMs, value: 4 }]);
    const rows = await quarantinedOf(world, String(answer.headers['songma-batch']));
    expect(new Set(rows.map(({ code }) => code))).toEqual(new Set(['mapped_meter_unknown']));
  });
});

describe('a key', () => {
  it.each<[string, (token: string) => WriteOptions]>([
    ['Token', (token) => ({ headers: { authorization: `Token ${token}` } })],
    ['Token of a client of version 1', (token) => ({ headers: { authorization: `Token name:${token}` } })],
    ['Bearer', (token) => ({ headers: { authorization: `Bearer ${token}` } })],
    ['Basic', (token) => ({ headers: { authorization: `Basic ${btoa(`any:${token}`)}` } })],
    ['u and p', (token) => ({ url: `/write?db=x&u=any&p=${token}` })],
    ['X-Api-Key', (token) => ({ headers: { 'x-api-key': token } })],
  ])('is taken as %s', async (_way, options) => {
    const answer = await write('x,meter=kiln-pm value=1 @', {
      key: null,
      ...options(world.tokens.cement),
    });
    expect(answer.statusCode).toBe(204);
    expect(world.logged()).not.toContain(world.tokens.cement);
  });

  it('of another plant is refused line by line', async () => {
    const answer = await write('x,meter=kiln-pm value=1 @\nx,meter=sugar-power value=1 @', {
      key: 'sugar',
    });
    expect([answer.statusCode, answer.headers['songma-refused']]).toEqual([204, '1']);
    expect((await readings()).map(({ meter }) => meter)).toEqual(['sugar-power']);
  });

  it('does not use the mappings of another plant', async () => {
    await world.register('mapping', 'plc', mapping);
    expect((await write('modbus,host=plc-kiln pm=1 @', { key: 'sugar' })).statusCode).toBe(422);
    expect((await write('modbus,host=plc-kiln pm=1 @', { key: 'mill' })).statusCode).toBe(422);
    expect((await write('modbus,host=plc-kiln pm=1 @', { key: 'admin' })).statusCode).toBe(204);
  });

  it.each([
    ['/api/v2/write', 'a browser', 401],
    ['/api/v2/write', telegraf, 401],
    ['/write', 'a browser', 401],
    ['/write', telegraf, 503],
  ])('that is wrong at %s costs %s no data', async (url, agent, status) => {
    const answer = await write('x,meter=kiln-pm value=1 @', {
      url,
      key: 'expired',
      headers: { 'user-agent': agent },
    });
    expect(answer.statusCode).toBe(status);
    expect(answer.json<{ code: string }>().code).toBe('key_expired');
    expect(status === 503).toBe(answer.headers['retry-after'] !== undefined);
  });
});

describe('the address for clients of InfluxDB 1', () => {
  it('asks for patience where its clients would throw away', async () => {
    const own = await makeDataDir();
    const hurried = await openDoor({ dataDir: own.path, env: { INGEST_PUSHES_PER_SECOND_MAX: '1' } });
    const statusOf = async (url: string) => {
      const answers = await Promise.all(Array.from({ length: 10 }, () => write('', { url, to: hurried })));
      return answers.map(({ statusCode }) => statusCode).find((status) => status !== 204);
    };
    expect([await statusOf('/write'), await statusOf('/api/v2/write')]).toEqual([503, 429]);
    await hurried.close();
    await own.remove();
  });

  it('takes its names of precisions', async () => {
    expect(
      (await write(`x,meter=kiln-pm value=1 ${atMs / 1000}`, { url: '/write?precision=s' })).statusCode,
    ).toBe(204);
    expect(
      (await write(`x,meter=kiln-pm value=1 ${atMs}000`, { url: '/write?precision=u' })).statusCode,
    ).toBe(204);
    const wrong = await write('x value=1', { url: '/write?precision=fortnight' });
    expect([wrong.statusCode, wrong.json<{ code: string }>().code]).toEqual([400, 'precision_unknown']);
  });
});

describe('what clients ask', () => {
  const ask = (url: string, options: { method?: 'POST'; payload?: string; key?: boolean } = {}) =>
    world.app.inject({
      method: options.method ?? 'GET',
      url,
      headers: {
        ...(options.key === false ? {} : { authorization: `Token ${world.tokens.cement}` }),
        ...(options.payload === undefined ? {} : { 'content-type': 'application/x-www-form-urlencoded' }),
      },
      ...(options.payload === undefined ? {} : { payload: options.payload }),
    });

  it('is answered: ping, health and ready', async () => {
    const ping = await ask('/ping', { key: false });
    expect([ping.statusCode, typeof ping.headers['x-influxdb-version']]).toEqual([204, 'string']);
    expect((await ask('/health', { key: false })).json()).toMatchObject({ status: 'pass' });
    expect((await ask('/ready', { key: false })).json()).toMatchObject({ status: 'ready' });
  });

  it.each([
    ['CREATE DATABASE "telegraf"', { results: [{ statement_id: 0 }] }],
    [
      'SHOW DATABASES',
      {
        results: [
          { statement_id: 0, series: [{ name: 'databases', columns: ['name'], values: [['songma']] }] },
        ],
      },
    ],
  ])('is answered: %s', async (statement, expected) => {
    const payload = new URLSearchParams({ q: statement }).toString();
    const posted = await ask('/query', { method: 'POST', payload });
    expect([posted.statusCode, posted.json()]).toEqual([200, expected]);
    expect((await ask(`/query?${payload}`)).json()).toEqual(expected);
    expect((await ask(`/query?${payload}`, { key: false })).statusCode).toBe(401);
  });

  it.each(['SELECT * FROM x', 'CREATE DATABASE a; DROP DATABASE b', ''])(
    'is refused with the way out: %s',
    async (statement) => {
      const answer = await ask(`/query?${new URLSearchParams({ q: statement }).toString()}`);
      expect(answer.statusCode).toBe(400);
      expect(answer.json<{ error: string }>().error).toContain('/v1/series');
    },
  );
});

describe('hostile lines', () => {
  const long = 'k'.repeat(9_000);
  it.each<[string, string | Buffer, string]>([
    ['binary', Buffer.from([0xff, 0xfe, 0x00, 0x80, 0x41]), 'malformed'],
    ['markup', '<script>alert(1)</script>', 'malformed'],
    ['a very long name', `${long}=1`, 'malformed'],
    ['NUL in a tag', 'x,meter=kiln-pm\0 value=1 @', 'malformed'],
    ['a control character in a field', 'x,meter=kiln-pm val\u0007ue=1 @', 'malformed'],
    [
      'a line that is not UTF-8',
      Buffer.concat([Buffer.from('x,meter=kiln-pm,a='), Buffer.from([0xc3]), Buffer.from(' value=1 17')]),
      'malformed',
    ],
    ['a time beyond all dates', 'x,meter=kiln-pm value=1 9999999999999999999', 'time_in_future'],
    ['a huge number', 'x,meter=kiln-pm value=1e999 @', 'value_not_finite'],
    ['a name of the prototype', '__proto__,constructor=__proto__ __proto__=1 @', 'source_unmapped'],
  ])('are refused rows and disturb nothing: %s', async (_kind, lines, code) => {
    const sent = typeof lines === 'string' ? Buffer.from(dated(lines)) : lines;
    const good = Buffer.from(dated('\nx,meter=kiln-o2 value=1 @'));
    const answer = await write(Buffer.concat([sent, good]));
    expect(answer.statusCode).toBe(204);
    expect(await readings()).toContainEqual({ meter: 'kiln-o2', time: atMs, value: 1 });
    const [row] = await quarantinedOf(world, String(answer.headers['songma-batch']));
    expect(row?.code).toBe(code);
  });

  it('with a time that no date can tell are refused rows', async () => {
    const answer = await write('x,meter=kiln-pm value=1 9999999999999999999', {
      url: '/api/v2/write?precision=s',
    });
    expect(answer.json<{ message: string }>().message).toContain(
      'The time "9999999999999999999" cannot be read',
    );
  });

  it('that are declared to be 4 GiB are refused before they come', async () => {
    const answer = await write('x', { headers: { 'content-length': String(4 * 1024 ** 3) } });
    expect(answer.statusCode).toBe(413);
  });

  it('that unpack to far more than was sent are refused', async () => {
    const bomb = gzipSync(Buffer.alloc(32 * 1024 * 1024));
    const answer = await write(bomb, { headers: { 'content-encoding': 'gzip' } });
    expect(answer.statusCode).toBe(413);
    expect(answer.json<{ message: string }>().message).toContain('INGEST_');
  });
});
