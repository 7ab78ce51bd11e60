import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { pythonTools } from '../support/python-tools.ts';
import { startSystem, type System } from '../support/system.ts';

/** How long each role is fuzzed; a night's run says FUZZ_SECONDS=200, and another FUZZ_SEED. */
const seconds = Number(process.env['FUZZ_SECONDS'] ?? 10);
const seed = Number(process.env['FUZZ_SEED'] ?? 1);
/** Beyond what it was given: to start, and to write down what it has found. */
const graceMs = 180_000;

const tools = await pythonTools();
const title = 'bin' in tools ? 'schemathesis' : `schemathesis, skipped: ${tools.reason}`;

describe.skipIf(!('bin' in tools))(title, () => {
  let system: System;
  let folder: string;
  const keys = new Map<string, string>();

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'songma-fuzz-'));
    system = await startSystem({
      furnishing: 'embedded',
      env: {
        // One client is everybody here.
        ...{ FAILED_KEYS_PER_MINUTE_MAX: '0', INGEST_PUSHES_PER_SECOND_MAX: '1000' },
      },
    });
    await register();
  });
  afterAll(async () => {
    await system.stop();
    await system.remove();
    await rm(folder, { recursive: true, force: true });
  });

  async function register(): Promise<void> {
    const put = async (path: string, method: 'PUT' | 'POST', body: object): Promise<{ token?: string }> => {
      const headers = {
        'x-api-key': system.adminToken,
        'content-type': 'application/json',
        ...(method === 'PUT' ? { 'if-none-match': '*' } : {}),
      };
      const answer = await fetch(`${system.url}${path}`, { method, headers, body: JSON.stringify(body) });
      if (answer.status !== 201) throw new Error(`${path}: ${await answer.text()}`);
      return (await answer.json()) as { token?: string };
    };
    await put('/v1/enterprises/works', 'PUT', { name: 'Xi măng Thử', sector: '2394' });
    await put('/v1/sites/site', 'PUT', { enterprise: 'works', name: 'Nhà máy' });
    const meter = { kind: 'interval', intervalMs: 900_000, quantity: 'electricity', unit: 'kWh' };
    await put('/v1/meters/power', 'PUT', { ...meter, site: 'site', name: 'Điện' });
    keys.set('admin', system.adminToken);
    for (const key of [
      { name: 'plant', role: 'plant', enterprise: 'works' },
      { name: 'analyst', role: 'analyst' },
    ]) {
      keys.set(key.role, (await put('/v1/keys', 'POST', key)).token!);
    }
  }

  it.each(['plant', 'analyst', 'admin'])(
    'finds nothing that the description does not tell, as %s',
    async (role) => {
      const { bin } = tools as { bin: string };
      const args = [
        ...['--config-file', join(import.meta.dirname, 'schemathesis.toml')],
        ...['run', `${system.url}/openapi.json`, '--header', `X-Api-Key: ${keys.get(role)}`],
        ...['--phases', 'coverage,fuzzing', '--max-time', String(seconds)],
        ...['--seed', String(seed), '--request-timeout', '60', '--continue-on-failure', '--no-shrink'],
        // A stream that never ends has tests of its own.
        ...['--warnings', 'off', '--exclude-path', '/v1/events'],
      ];
      const env = { ...process.env, PYTHONUTF8: '1', NO_COLOR: '1' };
      const options = { cwd: folder, env, timeout: seconds * 1000 + graceMs, maxBuffer: 64 * 1024 * 1024 };
      const { code, said } = await new Promise<{ code: unknown; said: string }>((resolve) => {
        execFile(join(bin, 'st'), args, options, (error, stdout, stderr) =>
          resolve({ code: error === null ? 0 : (error.code ?? error.signal), said: `${stdout}\n${stderr}` }),
        );
      });
      expect({ code, said: code === 0 ? '' : said }).toEqual({ code: 0, said: '' });
      // It has asked: a tool that reads nothing finds nothing.
      expect(Number(/(\d+) generated/.exec(said)?.[1] ?? 0)).toBeGreaterThan(20);
      system.checkAlive();
    },
  );
});
