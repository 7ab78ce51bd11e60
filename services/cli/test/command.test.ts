import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { addressOf } from '../src/cli.ts';
import { progressBar } from '../src/progress-bar.ts';
import { listening, type Request } from './server.ts';

const command = join(import.meta.dirname, '../src/main.ts');
const mapping = `
time: { column: time, format: d/M/yyyy H:mm, zone: Asia/Ho_Chi_Minh }
columns: { kwh: { meter: m1 } }
`;
const meter = {
  id: 'm1',
  kind: 'interval',
  intervalMs: 900_000,
  time: { zone: 'Asia/Ho_Chi_Minh', stamp: 'opens', midnight: 'begins-day' },
};

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'songma-cli-'));
});
afterEach(() => rm(directory, { recursive: true, force: true }));

async function file(name: string, text: string): Promise<string> {
  const path = join(directory, name);
  await writeFile(path, text);
  return path;
}

function environment(env: Record<string, string>) {
  const { SONGMA_URL: _url, PORT: _port, SONGMA_KEY: _key, ...rest } = process.env;
  return {
    ...rest,
    LC_ALL: 'C.UTF-8',
    XDG_STATE_HOME: directory,
    SONGMA_KEY: 'sgm_t',
    NO_COLOR: '1',
    ...env,
  };
}

function songma(args: readonly string[], env: Record<string, string> = {}) {
  return new Promise<{ code: number; out: string; errors: string }>((resolve) => {
    const options = { env: environment(env), timeout: 60_000 };
    execFile(process.execPath, [command, ...args], options, (error, out, errors) =>
      resolve({ code: typeof error?.code === 'number' ? error.code : error === null ? 0 : -1, out, errors }),
    );
  });
}

/** Songma as the command knows it: a meter, pushes and what became of them. */
const songmaServer = () =>
  listening(({ method, path, body }: Request) => {
    if (path === '/v1/meters/m1') return { status: 200, body: meter, etag: '"1"' };
    if (path === '/v1/readings') {
      const rows = (body as { readings: unknown[] }).readings.length;
      return { status: 202, body: { batch: 'b', rows, accepted: rows, refused: [] } };
    }
    if (method === 'GET' && path.startsWith('/v1/batches/')) {
      const fates = { stored: [[0, 1]], duplicate: [], superseding: [], quarantined: [], pending: [] };
      return { status: 200, body: { batch: 'b', rows: 1, fates } };
    }
    return { status: 404, body: { code: 'not_found', detail: 'There is nothing at this address.' } };
  });

describe('the command', () => {
  it('sends a file to the port that PORT names, and says how numbers were read and what was not sent', async () => {
    const server = await songmaServer();
    const data = await file('data.csv', 'time,kwh\n1/1/2026 0:00,"1,5"\n1/1/2026 0:15,x\n');
    const { code, out } = await songma(['push', data, '--mapping', await file('m.yaml', mapping)], {
      PORT: String(server.port),
    });
    server.close();
    expect(out).toContain('1 readings sent.');
    expect(out).toContain('Decimal mark: comma (seen).');
    expect(out).toContain('not sent: line 3, column "kwh": "x" is no number');
    expect(code).toBe(2);
  });

  it.each<[title: string, args: string[], env: Record<string, string>, problem: string]>([
    ['an address without a scheme', ['--url', 'localhost:8080'], {}, 'write http://localhost:8080'],
    [
      'an address in SONGMA_URL without a scheme',
      [],
      { SONGMA_URL: '127.0.0.1' },
      'SONGMA_URL "127.0.0.1" has no scheme',
    ],
    ['a port that is none', [], { PORT: '80a' }, 'PORT=80a is no port'],
    ['no key', [], { SONGMA_KEY: '' }, 'set SONGMA_KEY'],
    ['a key with a line break', [], { SONGMA_KEY: 'a\nb' }, 'the API key has spaces'],
    ['a time that is none', ['--give-up-after', 'soon'], {}, 'give seconds'],
  ])('given %s says what to change, without a stack trace', async (_title, args, env, problem) => {
    const { code, errors } = await songma([...args, 'apply', await file('r.yaml', 'sites: []')], env);
    expect(errors).toContain(problem);
    expect(errors).not.toMatch(/^\s+at /m);
    expect(code).toBe(1);
  });

  it.each<[title: string, data: string, map: string, problem: string]>([
    ['broken YAML', 'time,kwh\n', 'time: [', 'is not YAML'],
    ['a file that is none', 'PK\u0003\u0004xxxxxxxxxxxxxxxxxxxxxxxxxxxx', mapping, 'is damaged'],
    ['a header with a name twice', 'time,kwh,kwh\n', mapping, 'number 2 and number 3'],
    [
      'a meter that is not registered',
      'time,kwh\n1/1/2026 0:00,1\n',
      mapping.replace('m1', 'm2'),
      'meter "m2" of column "kwh" is not registered',
    ],
  ])('given %s says so, without a stack trace', async (_title, data, map, problem) => {
    const server = await songmaServer();
    const args = ['push', await file('data.csv', data), '--mapping', await file('m.yaml', map)];
    const { code, errors } = await songma(['--url', server.url, ...args]);
    server.close();
    expect(errors).toContain(problem);
    expect(errors).not.toMatch(/^\s+at /m);
    expect(code).toBe(1);
  });

  it.each<[title: string, map: string, problem: string]>([
    ['broken YAML', 'time: [', 'không phải YAML: dòng 1, cột 8'],
    ['a mapping without its fields', 'time: { column: time }', 'không phải tệp ánh xạ'],
    ['a field that is none', `${mapping}\ncolour: red`, 'colour'],
  ])('given %s says so in Vietnamese alone', async (_title, map, problem) => {
    const args = ['push', await file('data.csv', 'time,kwh\n'), '--mapping', await file('m.yaml', map)];
    const { code, errors } = await songma(args, { LC_ALL: 'vi_VN.UTF-8' });
    expect(errors).toContain(problem);
    expect(errors).not.toMatch(/^\s+at |Invalid|expected|Unrecognized|Flow sequence/m);
    expect(code).toBe(1);
  });

  it('given no such file says so in Vietnamese alone', async () => {
    const { errors } = await songma(['apply', '/tmp/songma-is-not-here.yaml'], { LC_ALL: 'vi_VN.UTF-8' });
    expect(errors.trim()).toBe('không đọc được /tmp/songma-is-not-here.yaml: không có tệp này');
  });

  it('speaks Vietnamese to whoever has its locale, and asks the server for it', async () => {
    const { errors } = await songma(['--url', 'localhost:8080', 'apply', await file('r.yaml', 'sites: []')], {
      LC_ALL: 'vi_VN.UTF-8',
    });
    expect(errors).toContain('thiếu giao thức: hãy viết http://localhost:8080');
    const server = await songmaServer();
    const data = await file('data.csv', 'time,kwh\n1/1/2026 0:00,"1,5"\n1/1/2026 0:15,x\n');
    const args = ['--url', server.url, 'push', data, '--mapping', await file('m.yaml', mapping)];
    const { out } = await songma(args, { LC_ALL: '', LANG: 'vi_VN.UTF-8' });
    server.close();
    expect(out).toContain('Dấu thập phân: dấu phẩy (thấy trong tệp).');
    expect(out).toContain('không gửi: dòng 3, cột "kwh": "x" không phải là số');
    expect(server.asked.every(({ language }) => language === 'vi')).toBe(true);
  });

  it('gives up a server that is down after the time that it names', async () => {
    const closed = createServer().listen(0, '127.0.0.1');
    await once(closed, 'listening');
    const { port } = closed.address() as { port: number };
    closed.close();
    const args = ['--url', `http://127.0.0.1:${port}`, '--give-up-after', '1'];
    const registry = await file('r.yaml', 'sites: [{ id: works }]');
    const { code, errors } = await songma([...args, 'apply', registry]);
    expect(errors).toMatch(/does not answer \(ECONNREFUSED\); given up after 1 s/);
    expect(code).toBe(1);
  });

  it('that speaks TLS to a server without says so at once', async () => {
    const server = await songmaServer();
    const registry = await file('r.yaml', 'sites: [{ id: works }]');
    const { errors } = await songma(['--url', server.url.replace('http:', 'https:'), 'apply', registry]);
    server.close();
    expect(errors).toContain(`use ${server.url}`);
  });

  it('that is interrupted says how it goes on', async () => {
    const server = await listening(({ path }) =>
      path === '/v1/meters/m1' ? { status: 200, body: meter } : 'nothing',
    );
    const data = await file('data.csv', 'time,kwh\n1/1/2026 0:00,1\n');
    const args = [command, '--url', server.url, 'push', data, '--mapping', await file('m.yaml', mapping)];
    const running = spawn(process.execPath, args, { env: environment({}) });
    let written = '';
    running.stderr.on('data', (chunk: Buffer) => (written += String(chunk)));
    await expect.poll(() => server.asked.length).toBe(2);
    running.kill('SIGINT');
    const [code] = (await once(running, 'close')) as [number];
    server.close();
    expect(code).toBe(130);
    expect(written).toContain('Run it again, and it goes on where it stopped.');
  });
});

it('the bar of a push that is interrupted leaves the cursor and the wrapping of lines as they were', () => {
  let written = '';
  const terminal = new Writable({
    write(chunk, _encoding, done) {
      written += String(chunk);
      done();
    },
  });
  const bar = progressBar(Object.assign(terminal, { isTTY: true, columns: 80 }));
  bar.start(10, 0);
  bar.advance(5);
  expect(written).toContain('readings');
  expect(written).not.toContain('\u001b[?25l');
  expect(written).not.toContain('\u001b[?7l');
  bar.stop();
});

describe('the address', () => {
  it.each([
    [undefined, {}, 'http://127.0.0.1:8080'],
    [undefined, { PORT: '9000' }, 'http://127.0.0.1:9000'],
    [undefined, { PORT: '9000', SONGMA_URL: 'https://songma.vn/' }, 'https://songma.vn'],
    ['http://[::1]:8080', { SONGMA_URL: 'https://songma.vn' }, 'http://[::1]:8080'],
  ])('%s with %o is %s', (told, env, address) => {
    expect(addressOf(told, env)).toBe(address);
  });

  it.each(['ftp://songma.vn', 'http://', 'http://songma.vn/v1/readings', 'http://songma.vn?x'])(
    '%s is refused',
    (told) => {
      expect(() => addressOf(told, {})).toThrow('--url');
    },
  );
});
