import type { Indicator } from '@songma/domain';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { noon, openApi, raised, type ApiWorld } from './api-world.ts';

/** A key that was bound to a site read and declared for its whole enterprise. */

let world: ApiWorld;
let authorization: string;
beforeAll(async () => {
  world = await openApi();
  const make = async (method: 'PUT' | 'POST', url: string, body: Record<string, unknown>) => {
    const answer = await world.ask(url, { method, body, headers: { 'if-none-match': '*' } });
    expect(answer.statusCode, answer.body).toBe(201);
    return answer.json<{ token: string }>();
  };
  await make('PUT', '/v1/sites/port-site', { enterprise: 'cement', name: 'Cảng' });
  const { token } = await make('POST', '/v1/keys', {
    name: 'port',
    role: 'plant',
    enterprise: 'cement',
    sites: ['port-site'],
  });
  const power = { kind: 'interval', intervalMs: 900_000, quantity: 'electricity', unit: 'kWh' };
  await make('PUT', '/v1/sources/port-crane', { site: 'port-site', name: 'Cẩu', kind: 'stack' });
  await make('PUT', '/v1/meters/port-power', { ...power, site: 'port-site', name: 'Điện' });
  const source = { document: 'QCVN 23:2009/BTNMT', verified: false };
  const limit = { parameter: 'PM', averaging: 'PT1H', value: 100, source, validFrom: '2026-01-01T00:00:00Z' };
  await make('PUT', '/v1/limits/port-limit', { ...limit, meter: 'port-power' });
  const baseline = { enterprise: 'cement', resource: 'electricity', model: 'ratio', reason: 'test' };
  const span = { period: 'P1M', from: '2025-01-01', to: '2026-01-01' };
  await make('PUT', '/v1/baselines/port-baseline', {
    ...{ ...baseline, ...span },
    ...{ site: 'port-site', name: 'Điện' },
  });
  await make('PUT', '/v1/assessments/cement', { tasks: [] });
  await make('PUT', '/v1/voids/kiln-void', voidOf('kiln-pm'));
  await make('PUT', '/v1/voids/port-void', voidOf('port-power'));

  await world.store('port-power', [[noon - 3_600_000, 1]]);
  await world.store('kiln-pm', [[noon - 3_600_000, 1]]);
  await world.keepIndicators('cement', [indicatorOf(), indicatorOf('mill-site'), indicatorOf('port-site')]);
  await world.publish(...[undefined, 'mill-site', 'port-site'].map(restated));
  await world.alert(raised(3), portAlert);
  authorization = `Bearer ${token}`;
});
afterAll(() => world.close());

const portAlert = raised(2, {
  ...{ id: 'port-limit/1', limit: 'port-limit', origin: 1 },
  ...{ site: 'port-site', meter: 'port-power', source: 'port-crane' },
});

function voidOf(meter: string) {
  return { meter, from: '2026-11-01T00:00:00Z', to: '2026-11-02T00:00:00Z', reason: 'test' };
}

function indicatorOf(site?: string): Indicator {
  const start = noon - 36 * 3_600_000;
  const scope = site === undefined ? 'cement' : `cement/${site}`;
  return {
    ...(site === undefined ? {} : { site }),
    ...{ id: `${scope}/electricity-intensity/P1D/${start}`, enterprise: 'cement' },
    ...{ name: 'electricity-intensity', window: 'P1D', start, end: start + 86_400_000 },
    ...{ value: 92.4, unit: 'kWh/t', coverage: 1, withheld: null, numerator: 924, denominator: 10 },
    ...{ revision: 1, inputs: [], publishedAt: noon - 3_600_000 },
  };
}

function restated(site?: string) {
  const before = indicatorOf(site);
  const after = { ...before, value: 93, revision: 2, publishedAt: noon - 1, restates: true };
  return { id: after.id, before, after, cause: 'readings' as const };
}

const ask = (url: string, method: 'GET' | 'PUT' | 'DELETE' = 'GET', body?: unknown, headers = {}) =>
  world.ask(url, { method, as: 'none', body, headers: { authorization, ...headers } });
const textOf = async (url: string): Promise<string> => {
  const answer = await ask(url);
  expect(answer.statusCode, answer.body).toBe(200);
  return answer.body;
};
const span = 'from=2026-11-20&to=2026-11-24';
const questionOf = (name: string, scope: string) =>
  `/v1/${name}?${name === 'latest' || name === 'feeds' ? '' : `${span}&`}${scope}`;

describe('a key that is bound to a site', () => {
  it.each(['series', 'owed', 'feeds', 'availability', 'latest'])(
    'is answered as for an unknown meter about one of another site: %s',
    async (name) => {
      expect((await ask(questionOf(name, 'meter=port-power'))).statusCode).toBe(200);
      const foreign = await ask(questionOf(name, 'meter=kiln-pm'));
      const unknown = await ask(questionOf(name, 'meter=nowhere'));
      expect([foreign.statusCode, foreign.json<{ code: string }>().code]).toEqual([404, 'not_found']);
      expect(foreign.json<{ detail: string }>().detail.replace('kiln-pm', 'nowhere')).toBe(
        unknown.json<{ detail: string }>().detail,
      );
    },
  );

  it.each(['owed', 'feeds', 'availability', 'latest'])(
    'knows of no other site, and means its own meters where it names none: %s',
    async (name) => {
      expect((await ask(questionOf(name, 'site=mill-site'))).statusCode).toBe(404);
      const all = await textOf(questionOf(name, ''));
      expect([all.includes('kiln-pm'), all.includes('mill-power')]).toEqual([false, false]);
    },
  );

  it.each([
    ['enterprises', ['cement']],
    ['sites', ['port-site']],
    ['sources', ['port-crane']],
    ['meters', ['port-power']],
    ['limits', ['port-limit']],
    ['voids', ['port-void']],
    ['baselines', ['port-baseline']],
    ['participations', []],
    ['assessments', []],
    ['alerts', [portAlert.id]],
    ['indicators', [indicatorOf('port-site').id]],
    ['indicators?scope=site', [indicatorOf('port-site').id]],
    ['indicators?enterprise=cement', [indicatorOf('port-site').id]],
    ['alerts?site=mill-site', []],
  ])('lists of %s what is of its site', async (path, ids) => {
    const { items } = JSON.parse(await textOf(`/v1/${path}`)) as { items: { id: string }[] };
    expect(items.map(({ id }) => id)).toEqual(ids);
  });

  it.each([
    '/v1/sites/mill-site',
    '/v1/sources/kiln-stack',
    '/v1/meters/kiln-pm',
    '/v1/limits/kiln-dust',
    '/v1/voids/kiln-void',
    '/v1/baselines/cement-power',
    '/v1/assessments/cement',
    `/v1/alerts/${encodeURIComponent(raised(3).id)}`,
    `/v1/alerts/${encodeURIComponent(raised(3).id)}/history`,
    `/v1/indicators/${encodeURIComponent(indicatorOf().id)}/history`,
    `/v1/indicators/${encodeURIComponent(indicatorOf('mill-site').id)}/history`,
    '/v1/indicators?site=mill-site',
    '/v1/restatements?site=mill-site',
    '/v1/savings?baseline=cement-power',
    '/v1/programme/assessments?enterprise=cement',
  ])('is told that %s does not exist', async (url) => {
    expect((await world.ask(url, { as: 'cement' })).statusCode).toBe(200);
    expect((await ask(url)).statusCode).toBe(404);
  });

  it.each([
    `/v1/alerts/${encodeURIComponent(portAlert.id)}`,
    `/v1/indicators/${encodeURIComponent(indicatorOf('port-site').id)}/history`,
    '/v1/savings?baseline=port-baseline',
  ])('reads %s', async (url) => {
    expect((await ask(url)).statusCode).toBe(200);
  });

  it('reads restatements of its site alone', async () => {
    const { items } = JSON.parse(await textOf('/v1/restatements')) as { items: { id: string }[] };
    expect(items.map(({ id }) => id)).toEqual([indicatorOf('port-site').id]);
  });

  it('learns nothing of the whole enterprise from the programme, the ranking and the status', async () => {
    expect(JSON.parse(await textOf('/v1/programme/assessments'))).toMatchObject({ items: [] });
    expect(JSON.parse(await textOf('/v1/programme/saving-electricity/enterprises'))).toMatchObject({
      items: [],
    });
    expect(JSON.parse(await textOf('/v1/ranking?indicator=electricity-intensity'))).toMatchObject({
      groups: [],
    });
    expect(JSON.parse(await textOf('/v1/status'))).toMatchObject({
      registered: { enterprises: 1, sites: 1, meters: 1 },
      readings: { perSecond: null, recent: [] },
    });
  });

  it('declares voids of its own meters alone, and no assessment of the enterprise', async () => {
    const create = { 'if-none-match': '*' };
    expect((await ask('/v1/voids/foreign', 'PUT', voidOf('kiln-pm'), create)).statusCode).toBe(404);
    expect((await ask('/v1/voids/own', 'PUT', voidOf('port-power'), create)).statusCode).toBe(201);
    const first = { 'if-match': '"1"' };
    expect((await ask('/v1/voids/own', 'PUT', voidOf('kiln-pm'), first)).statusCode).toBe(404);
    expect((await ask('/v1/voids/kiln-void', 'PUT', voidOf('port-power'), first)).statusCode).toBe(404);
    expect((await ask('/v1/voids/kiln-void', 'DELETE', undefined, first)).statusCode).toBe(404);
    expect((await ask('/v1/assessments/cement', 'PUT', { tasks: [] }, first)).statusCode).toBe(404);
    expect((await ask('/v1/assessments/cement', 'DELETE', undefined, first)).statusCode).toBe(404);
  });

  it('is told live of its site alone', async () => {
    const opened = await world.stream('/v1/events', { as: 'none', headers: { authorization } });
    const whole = await world.stream('/v1/events', { as: 'cement' });
    const alerts = [raised(5), { ...portAlert, revision: 2 }];
    await world.alert(...alerts);
    const told = async (stream: typeof opened): Promise<string> => {
      let text = '';
      for await (const part of stream.stream() as AsyncIterable<Buffer>) {
        text += part.toString();
        if (text.includes('"revision":2')) break;
      }
      return text;
    };
    expect(await told(whole)).toContain(raised(5).id);
    expect(await told(opened)).not.toContain('mill-site');
  });
});
