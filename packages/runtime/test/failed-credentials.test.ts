import { afterEach, describe, expect, it } from 'vitest';
import {
  FailedCredentials,
  HttpProblem,
  createHttpApp,
  createLogger,
  createMetrics,
  networkOf,
  type DoorOptions,
  type HttpApp,
} from '../src/index.ts';

describe('failed credentials', () => {
  const limits = { perMinuteMax: 3, addressesMax: 4, knownMax: 2 };
  let clock = 0;
  const open = () => {
    clock = 0;
    return new FailedCredentials(limits, () => clock);
  };

  it('are answered at once up to the bound, and wait beyond it until one is forgiven', () => {
    const guard = open();
    for (let failed = 1; failed <= 3; failed++) {
      expect(guard.waitMs('10.0.0.1', 'x')).toBe(0);
      expect(guard.fail('10.0.0.1', 'x')).toBe(failed);
    }
    expect(guard.waitMs('10.0.0.1', 'y')).toBe(20_000);
    clock = 19_999;
    expect(guard.waitMs('10.0.0.1', 'y')).toBe(1);
    clock = 20_000;
    expect(guard.waitMs('10.0.0.1', 'y')).toBe(0);
    guard.fail('10.0.0.1', 'y');
    expect(guard.waitMs('10.0.0.1', 'y')).toBe(20_000);
    clock = 10 * 60_000;
    expect(guard.fail('10.0.0.1', 'y')).toBe(1);
  });

  it('hold nobody else up: no other address, and no credential of it that was good before', () => {
    const guard = open();
    guard.accept('good');
    for (let failed = 1; failed <= 3; failed++) guard.fail('10.0.0.1', 'x');
    expect(guard.waitMs('10.0.0.2', 'x')).toBe(0);
    expect(guard.waitMs('10.0.0.1', 'good')).toBe(0);
    guard.fail('10.0.0.1', 'good');
    expect(guard.waitMs('10.0.0.1', 'good')).toBeGreaterThan(0);
  });

  it('are remembered of so many addresses, and so many good ones', () => {
    const guard = open();
    for (let n = 0; n < 5; n++) for (let failed = 1; failed <= 3; failed++) guard.fail(`10.0.0.${n}`, 'x');
    expect(guard.waitMs('10.0.0.0', 'x')).toBe(0);
    expect(guard.waitMs('10.0.0.1', 'x')).toBeGreaterThan(0);
    for (const good of ['a', 'b', 'c']) guard.accept(good);
    expect(guard.waitMs('10.0.0.1', 'c')).toBe(0);
    expect(guard.waitMs('10.0.0.1', 'a')).toBeGreaterThan(0);
  });

  it.each([
    ['10.0.0.1', '10.0.0.1'],
    ['::ffff:10.0.0.1', '10.0.0.1'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:0DB8::1', '2001:db8:0:0::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
    ['::1', '0:0:0:0::/64'],
  ])('of %s are those of %s', (address, network) => {
    expect(networkOf(address)).toBe(network);
  });
});

describe('a door', () => {
  const apps: HttpApp[] = [];
  afterEach(async () => {
    await Promise.all(apps.splice(0).map((app) => app.close()));
  });
  let log = '';
  function doorWith(door: DoorOptions): HttpApp {
    log = '';
    const logger = createLogger({
      service: 'test',
      level: 'warn',
      destination: { write: (line) => (log += line) },
    });
    const metrics = createMetrics({ ofProcess: false });
    const app = createHttpApp({ door, logger, metrics, checks: [], title: 'Test', bodyBytesMax: 100 });
    void app.register(async (scope) => {
      scope.get('/', async (request) => {
        if (request.headers['x-api-key'] === 'good') return 'yes';
        throw new HttpProblem(401, 'key_invalid', { en: 'no', vi: 'không' });
      });
    });
    apps.push(app);
    return app;
  }
  const ask = (app: HttpApp, key: string | undefined, forwarded?: string) =>
    app.inject({
      url: '/',
      remoteAddress: '10.0.0.1',
      headers: {
        ...(key === undefined ? {} : { 'x-api-key': key }),
        ...(forwarded === undefined ? {} : { 'x-forwarded-for': forwarded }),
      },
    });
  const secret = '0123456789'.repeat(4);

  it('logs the first wrong key of an address without its secret, and lets the next ones wait beyond the bound', async () => {
    const app = doorWith({ failedKeysPerMinuteMax: 2 });
    expect((await ask(app, 'good')).statusCode).toBe(200);
    for (const _ of [1, 2]) expect((await ask(app, `sgm_kiln_${secret}`)).statusCode).toBe(401);
    const slowed = await ask(app, `sgm_kiln_${secret}`);
    expect([slowed.statusCode, slowed.json<{ code: string }>().code]).toEqual([429, 'too_many_failed_keys']);
    expect(Number(slowed.headers['retry-after'])).toBeGreaterThan(0);
    expect((await ask(app, 'good')).statusCode).toBe(200);
    expect((await ask(app, undefined)).statusCode).toBe(401);
    expect(log).toContain('"claims":"sgm_kiln"');
    expect(log).toContain('10.0.0.1');
    expect(log).not.toContain(secret);
    expect(log.trim().split('\n')).toHaveLength(2);
  });

  it('believes X-Forwarded-For of the proxies that are named, and of nobody else', async () => {
    const behind = doorWith({ failedKeysPerMinuteMax: 1, trustedProxies: ['10.0.0.0/8'] });
    expect((await ask(behind, 'wrong', '192.0.2.1')).statusCode).toBe(401);
    expect((await ask(behind, 'wrong', '192.0.2.1')).statusCode).toBe(429);
    expect((await ask(behind, 'wrong', '192.0.2.2')).statusCode).toBe(401);
    const alone = doorWith({ failedKeysPerMinuteMax: 1 });
    expect((await ask(alone, 'wrong', '192.0.2.1')).statusCode).toBe(401);
    expect((await ask(alone, 'wrong', '192.0.2.2')).statusCode).toBe(429);
  });

  it('lets nothing of its answers be kept by others, unless a route says so', async () => {
    const app = doorWith({});
    for (const answer of [await ask(app, 'good'), await ask(app, 'wrong')]) {
      expect(answer.headers['cache-control']).toBe('private, no-store');
      expect(answer.headers['vary']).toBe('authorization, x-api-key, cookie, accept-language');
    }
  });
});
