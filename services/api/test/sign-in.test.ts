import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { hashPassword, isPassword } from '../src/sign-in/password-hash.ts';
import { SignInDelay } from '../src/sign-in/sign-in-delay.ts';
import { noon, openApi, refusalOf, type Answered, type ApiWorld } from './api-world.ts';

const password = 'mùa lũ sông Mã 2026';
const own = { 'sec-fetch-site': 'same-origin' };

describe('signing in', () => {
  let world: ApiWorld;
  beforeEach(async () => {
    world = await openApi({ ANONYMOUS_READ: 'true' });
  });
  afterEach(() => world.close());

  const signIn = (body: unknown, headers: Readonly<Record<string, string>> = own) =>
    world.ask('/v1/sign-in', {
      method: 'POST',
      as: 'none',
      body,
      headers: { host: 'localhost:8080', ...headers },
    });
  const setPassword = (person: string, body: unknown, asked: Parameters<ApiWorld['ask']>[1] = {}) =>
    world.ask(`/v1/persons/${person}/password`, { method: 'PUT', body, ...asked });
  const cookieOf = (answer: Answered) => String(answer.headers['set-cookie']).split(';')[0]!;
  const byCookie = (cookie: string, headers: Readonly<Record<string, string>> = own) =>
    ({ as: 'none', headers: { cookie, ...headers } }) as const;

  it('begins a session that is good at every route, in a cookie that no script reads', async () => {
    expect((await setPassword('mill-engineer', { password })).statusCode).toBe(204);
    const answer = await signIn({ person: 'mill-engineer', password });
    expect(answer.json()).toEqual({
      id: 'mill-engineer',
      name: 'Kỹ sư',
      role: 'plant',
      enterprise: 'cement',
    });
    const attributes = String(answer.headers['set-cookie']).split('; ').slice(1);
    expect(attributes).toEqual(['Path=/', 'HttpOnly', 'SameSite=Strict', 'Max-Age=43200']);
    const cookie = cookieOf(answer);
    const me = await world.ask('/v1/me', byCookie(cookie));
    expect(me.json()).toMatchObject({ role: 'plant', enterprise: 'cement', session: true });
    const enterprises = await world.ask('/v1/enterprises', byCookie(cookie));
    expect(enterprises.json<{ items: { id: string }[] }>().items.map(({ id }) => id)).toEqual(['cement']);
  });

  it('marks the cookie as secure where the page was had by HTTPS', async () => {
    await setPassword('le-binh', { password });
    const headers = { origin: 'https://songma.example', host: 'songma.example' };
    const answer = await signIn({ person: 'binh@example.vn', password }, headers);
    expect(answer.statusCode).toBe(200);
    expect(answer.headers['set-cookie']).toContain('; Secure');
  });

  it.each([
    ['a wrong password', { person: 'le-binh', password: 'another one' }],
    ['a person without a password', { person: 'mill-engineer', password }],
    ['nobody', { person: 'nobody', password }],
    ['no password', { person: 'le-binh' }],
  ])('refuses %s alike', async (_what, body) => {
    await setPassword('le-binh', { password });
    expect(refusalOf(await signIn(body))).toEqual([401, 'sign_in_refused']);
  });

  it('has who fails wait, and lets in after the wait', async () => {
    await setPassword('le-binh', { password });
    const wrong = { person: 'le-binh', password: 'another one' };
    for (let tries = 0; tries < 3; tries += 1) await signIn(wrong);
    const slowed = await signIn({ person: 'le-binh', password });
    expect(refusalOf(slowed)).toEqual([429, 'sign_in_slowed']);
    expect(Number(slowed.headers['retry-after'])).toBeGreaterThan(0);
    world.setClock(noon + 120_000);
    expect((await signIn({ person: 'le-binh', password })).statusCode).toBe(200);
  });

  it('lets whoever sits at this machine be a person of the samples, and nobody else', async () => {
    const ways = await world.ask('/v1/sign-in', { as: 'none', headers: { host: 'localhost:8080' } });
    expect(ways.json<{ samples: { id: string }[] }>().samples.map(({ id }) => id)).toEqual([
      'sample-officer',
    ]);
    expect((await signIn({ person: 'sample-officer' })).statusCode).toBe(200);
    expect(
      refusalOf(await signIn({ person: 'sample-officer' }, { ...own, host: 'elsewhere.example' })),
    ).toEqual([401, 'sign_in_refused']);
    const forwarded = { ...own, 'x-forwarded-for': '203.0.113.7' };
    expect(refusalOf(await signIn({ person: 'sample-officer' }, forwarded))[1]).toBe('sign_in_refused');
  });

  it.each([
    ['signing in', '/v1/sign-in', { person: 'sample-officer' }],
    ['a change', '/v1/persons/sample-officer/password', { password }],
  ])('takes %s from no page of another site', async (_what, url, body) => {
    const cookie = cookieOf(await signIn({ person: 'sample-officer' }));
    const method = url === '/v1/sign-in' ? 'POST' : 'PUT';
    const others = [
      { 'sec-fetch-site': 'cross-site' },
      { 'sec-fetch-site': 'same-site' },
      { origin: 'https://bad.example' },
    ];
    for (const headers of others) {
      const answer = await world.ask(url, { method, body, ...byCookie(cookie, headers) });
      expect(refusalOf(answer)).toEqual([403, 'cross_site']);
    }
  });

  it('refuses a change by a cookie of whoever does not say where the page is from', async () => {
    const cookie = cookieOf(await signIn({ person: 'sample-officer' }));
    const answer = await world.ask('/v1/sign-out', { method: 'POST', ...byCookie(cookie, {}) });
    expect(refusalOf(answer)).toEqual([403, 'cross_site']);
  });

  it('ends a session by signing out, by time, and from another one', async () => {
    const [first, second, third] = [
      cookieOf(await signIn({ person: 'sample-officer' })),
      cookieOf(await signIn({ person: 'sample-officer' })),
      cookieOf(await signIn({ person: 'sample-officer' })),
    ] as const;
    const out = await world.ask('/v1/sign-out', { method: 'POST', ...byCookie(first) });
    expect([out.statusCode, out.headers['set-cookie']]).toEqual([204, expect.stringContaining('Max-Age=0')]);
    expect(refusalOf(await world.ask('/v1/me', byCookie(first)))).toEqual([401, 'key_invalid']);
    const { items } = (await world.ask('/v1/sessions', byCookie(second))).json<{
      items: { id: string; current: boolean }[];
    }>();
    expect(items.filter(({ current }) => current)).toHaveLength(1);
    expect(items).toHaveLength(2);
    const other = items.find(({ current }) => !current)!;
    const ended = await world.ask(`/v1/sessions/${other.id}`, { method: 'DELETE', ...byCookie(second) });
    expect(ended.statusCode).toBe(204);
    expect((await world.ask('/v1/me', byCookie(third))).statusCode).toBe(401);
    world.setClock(noon + 12 * 3_600_000);
    expect(refusalOf(await world.ask('/v1/me', byCookie(second)))).toEqual([401, 'key_expired']);
  });

  it('ends no session of another person', async () => {
    await setPassword('le-binh', { password });
    const binh = cookieOf(await signIn({ person: 'le-binh', password }));
    const sample = cookieOf(await signIn({ person: 'sample-officer' }));
    const { items } = (await world.ask('/v1/sessions', byCookie(binh))).json<{ items: { id: string }[] }>();
    const answer = await world.ask(`/v1/sessions/${items[0]!.id}`, { method: 'DELETE', ...byCookie(sample) });
    expect(refusalOf(answer)).toEqual([404, 'not_found']);
  });

  it('keeps ten sessions of a person at most: a further sign-in ends the oldest', async () => {
    const cookies: string[] = [];
    for (let count = 0; count < 11; count += 1) {
      world.setClock(noon + count);
      cookies.push(cookieOf(await signIn({ person: 'sample-officer' })));
    }
    expect((await world.ask('/v1/me', byCookie(cookies[0]!))).statusCode).toBe(401);
    expect((await world.ask('/v1/me', byCookie(cookies[1]!))).statusCode).toBe(200);
  });

  it('sets a password with the former one, ends the other sessions, and keeps it out of the registry', async () => {
    await setPassword('le-binh', { password });
    const first = cookieOf(await signIn({ person: 'le-binh', password }));
    const second = cookieOf(await signIn({ person: 'le-binh', password }));
    const next = 'một mật khẩu khác hẳn';
    const set = (body: unknown) => setPassword('le-binh', body, byCookie(first));
    expect(refusalOf(await set({ password: next }))).toEqual([422, 'former_password_wrong']);
    expect(refusalOf(await set({ password: 'short', former: password }))).toEqual([
      422,
      'password_too_short',
    ]);
    expect((await set({ password: next, former: password })).statusCode).toBe(204);
    expect((await world.ask('/v1/me', byCookie(second))).statusCode).toBe(401);
    expect((await world.ask('/v1/me', byCookie(first))).statusCode).toBe(200);
    expect((await signIn({ person: 'le-binh', password: next })).statusCode).toBe(200);
    expect(JSON.stringify(world.registry.changesSince(0))).not.toContain('scrypt');
  });

  it.each(['cement', 'analyst', 'officer'] as const)('lets a key of %s set nobody’s password', async (as) => {
    const answer = await setPassword('sample-officer', { password }, { as });
    expect(refusalOf(answer)).toEqual([404, 'not_found']);
  });
});

describe('a password', () => {
  it('is the same however its characters are composed, and another one is not', async () => {
    const hash = await hashPassword(password.normalize('NFC'));
    expect(await isPassword(password.normalize('NFD'), hash)).toBe(true);
    expect(await isPassword(`${password} `, hash)).toBe(false);
    expect(await isPassword(password, undefined)).toBe(false);
    expect(await hashPassword(password)).not.toBe(hash);
  });
});

describe('the delay of sign-ins', () => {
  it('doubles from the third failure on, up to a minute, and is forgotten after a quarter of an hour', () => {
    let now = 0;
    const delay = new SignInDelay(() => now);
    const waits = Array.from({ length: 12 }, () => {
      delay.fail('person a');
      return delay.waitMs('person a', 'address b');
    });
    expect(waits).toEqual([0, 0, 1000, 2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000, 60_000, 60_000]);
    now += 15 * 60_000 + 1;
    expect(delay.waitMs('person a')).toBe(0);
  });
});
