import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openApi, type ApiWorld } from './api-world.ts';

let world: ApiWorld;
beforeAll(async () => {
  world = await openApi();
});
afterAll(() => world.close());

/** What is wrong with each place, in a language. */
async function problemsOf(url: string, language: string): Promise<string[]> {
  const answer = await world.ask(url, { headers: { 'accept-language': language } });
  expect(answer.statusCode).toBe(400);
  const { code, errors } = answer.json<{ code: string; errors: { path: string; problem: string }[] }>();
  expect(code).toBe('invalid_request');
  return errors.map(({ path, problem }) => `${path}: ${problem}`);
}

const series = '/v1/series?meter=kiln-pm';

describe('a query that cannot be answered says how to mend it', () => {
  it.each([
    ['a day before its month', `${series}&from=28/11/2026`, '/querystring/from', ' 2026-11-28'],
    [
      'a day before its month, to the second',
      `${series}&from=2026-11-01&asOf=28/11/2026`,
      '/querystring/asOf',
      '2026-11-28T00:00:00%2B07:00',
    ],
    [
      'an unencoded +07:00, which became a space',
      `${series}&from=2026-11-28T00:00:00+07:00`,
      '/querystring/from',
      'T13:45:00%2B07:00',
    ],
    ['no offset', `${series}&from=2026-11-28T00:00:00`, '/querystring/from', '%2B07:00'],
    ['a word', `${series}&from=yesterday`, '/querystring/from', '2026-01-31'],
    [
      'a time that no store has',
      `${series}&from=2026-11-01&asOf=9999-12-31T23:59:59Z`,
      '/querystring/asOf',
      '2199',
    ],
    [
      'an indicator that is none',
      '/v1/indicators?name=electricity-intensty',
      '/querystring/name',
      'electricity-intensity',
    ],
    [
      'a restated indicator that is none',
      '/v1/restatements?name=co2',
      '/querystring/name',
      'ghg-scope-1-2-intensity',
    ],
    [
      'a ranked indicator that is none',
      '/v1/ranking?indicator=co2',
      '/querystring/indicator',
      'pollutant-intensity:',
    ],
  ])('%s', async (_title, url, path, mended) => {
    const [english, ...more] = await problemsOf(url, 'en');
    const [vietnamese] = await problemsOf(url, 'vi');
    expect(more).toEqual([]);
    expect(english).toContain(`${path}: `);
    expect(english).toContain(mended);
    expect(vietnamese).toContain(mended);
    expect(vietnamese).not.toBe(english);
  });

  it('a zone that is none, with one that is', async () => {
    const answer = await world.ask('/v1/sites/port', {
      method: 'PUT',
      headers: { 'if-none-match': '*' },
      body: { enterprise: 'cement', name: 'Cảng', timeZone: '+99:99' },
    });
    expect(answer.statusCode).toBe(422);
    expect(answer.body).toContain('use one such as Asia/Ho_Chi_Minh or +07:00');
  });

  it('a method that an address does not take, with those that it takes', async () => {
    const answer = await world.ask('/v1/series', { method: 'POST', body: {} });
    expect(answer.statusCode).toBe(405);
    expect(answer.headers['allow']).toBe('GET, HEAD');
    expect(answer.json()).toMatchObject({ code: 'method_not_allowed' });
  });

  it.each([
    ['Basic dXNlcjpwYXNz', '"Basic"'],
    ['Token sgm_abc', '"Token"'],
    ['sgm_abc', '""'],
    ['Bearer', '"Bearer"'],
  ])('the scheme of Authorization: %s', async (authorization, scheme) => {
    const answer = await world.ask('/v1/sites', { headers: { authorization } });
    expect(answer.statusCode).toBe(401);
    expect(answer.json()).toMatchObject({ code: 'key_scheme_unknown' });
    expect(answer.json<{ detail: string }>().detail).toContain(`its scheme is ${scheme}`);
    expect(answer.body).not.toContain('sgm_abc');
  });
});
