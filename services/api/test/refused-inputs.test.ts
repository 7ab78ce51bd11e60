import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openApi, refusalOf, type ApiWorld, type Asked } from './api-world.ts';

let world: ApiWorld;
beforeAll(async () => {
  world = await openApi();
});
afterAll(() => world.close());

const create = { 'if-none-match': '*' };
const put = (body: unknown): Asked => ({ method: 'PUT', headers: create, body });
const post = (body: unknown): Asked => ({ method: 'POST', body });
const site = { enterprise: 'cement', name: 'Cảng' };
const meter = {
  site: 'mill-site',
  name: 'Nước',
  quantity: 'water',
  kind: 'counter',
  unit: 'm3',
  intervalMs: 900_000,
};
const limit = {
  meter: 'kiln-pm',
  parameter: 'PM',
  averaging: 'PT1H',
  value: 100,
  source: { document: 'QCVN', verified: false },
  validFrom: '2026-01-01T00:00:00+07:00',
};
const baseline = {
  enterprise: 'cement',
  name: 'Năng lượng 2025',
  resource: 'energy',
  period: 'P1M',
  from: '2025-01-01',
  to: '2026-01-01',
  model: 'ratio',
  reason: 'test',
};
const factor = {
  name: 'Trấu, nhiệt trị',
  kind: 'ncv',
  carrier: 'rice-husk',
  value: 12.6,
  unit: 'MJ',
  per: 'kg',
  source: { document: 'Phiếu phân tích', verified: false },
};
const voided = {
  meter: 'kiln-pm',
  from: '2026-11-01T00:00:00+07:00',
  to: '2026-11-02T00:00:00+07:00',
  reason: 'test',
};
const series = '/v1/series?meter=kiln-pm';
const savings = '/v1/savings?baseline=cement-power';

describe('a refused request', () => {
  it.each<[string, Asked, number, string]>([
    ['/v1/sites?limit=0', {}, 400, 'invalid_request'],
    ['/v1/sites?limit=1001', {}, 400, 'invalid_request'],
    ['/v1/sites?limit=ten', {}, 400, 'invalid_request'],
    ['/v1/sites?enterprize=cement', {}, 400, 'invalid_request'],
    ['/v1/sites/Big%20Site', {}, 400, 'invalid_request'],
    ['/v1/meters?quantity=steam', {}, 400, 'invalid_request'],
    ['/v1/nothing', {}, 404, 'not_found'],
    ['/v1/sites/port', put({ ...site, colour: 'red' }), 400, 'invalid_request'],
    ['/v1/sites/port', put({ ...site, name: ' ' }), 400, 'invalid_request'],
    ['/v1/sites/port', put({ ...site, latitude: 91 }), 400, 'invalid_request'],
    ['/v1/sites/port', put('{"enterprise":'), 400, 'body_not_json'],
    ['/v1/sites/port', put([]), 400, 'invalid_request'],
    ['/v1/sites/port', put({ ...site, id: 'harbour' }), 422, 'entity_invalid'],
    ['/v1/sites/port', put({ ...site, timeZone: 'Mars/Olympus' }), 422, 'entity_invalid'],
    ['/v1/sites/port', put({ ...site, name: 'x'.repeat(11_000) }), 413, 'body_too_large'],
    ['/v1/meters/water', put({ ...meter, unit: 'bushels' }), 422, 'entity_invalid'],
    ['/v1/meters/water', put({ ...meter, intervalMs: 0 }), 400, 'invalid_request'],
    ['/v1/meters/water', put({ ...meter, intervalMs: undefined }), 400, 'invalid_request'],
    ['/v1/meters/water', put({ ...meter, interval: 'PT5M' }), 400, 'invalid_request'],
    ['/v1/meters/water', put({ ...meter, intervalMs: undefined, interval: 'P5M' }), 400, 'invalid_request'],
    [
      '/v1/meters/water',
      put({ ...meter, intervalMs: undefined, interval: '15 min' }),
      400,
      'invalid_request',
    ],
    ['/v1/meters/water', put({ ...meter, site: 'nowhere' }), 422, 'entity_invalid'],
    ['/v1/meters/water', put({ ...meter, validRange: { min: 0, mx: 9 } }), 400, 'invalid_request'],
    ['/v1/meters/water', put({ ...meter, time: { zne: '+07:00' } }), 400, 'invalid_request'],
    ['/v1/meters/water', put({ ...meter, gasState: { temperatureC: 25 } }), 400, 'invalid_request'],
    ['/v1/limits/new', put({ ...limit, source: { ...limit.source, page: 1 } }), 400, 'invalid_request'],
    ['/v1/limits/new', put({ ...limit, referenceOxygen: 7 }), 422, 'entity_invalid'],
    ['/v1/factors/new', put({ ...factor, source: { ...factor.source, url: 'x' } }), 400, 'invalid_request'],
    ['/v1/limits/new', put({ ...limit, validFrom: 1767200400000 }), 400, 'invalid_request'],
    ['/v1/limits/new', put({ ...limit, validFrom: '2026-01-01T00:00:00' }), 400, 'invalid_request'],
    ['/v1/limits/new', put({ ...limit, value: -1 }), 400, 'invalid_request'],
    ['/v1/limits/new', put({ ...limit, validTo: limit.validFrom }), 422, 'entity_invalid'],
    ['/v1/factors/new', put({ ...factor, value: -1 }), 400, 'invalid_request'],
    ['/v1/factors/new', put({ ...factor, validFrom: 1767200400000 }), 400, 'invalid_request'],
    ['/v1/factors/new', put({ ...factor, unit: 'kg' }), 422, 'entity_invalid'],
    ['/v1/keys', post({ name: 'x', role: 'king' }), 400, 'invalid_request'],
    ['/v1/keys', post({ name: 'x', role: 'plant' }), 422, 'entity_invalid'],
    ['/v1/keys', post({ name: 'x', role: 'analyst', hash: '0'.repeat(64) }), 400, 'invalid_request'],
    ['/v1/series', {}, 400, 'invalid_request'],
    ['/v1/series?meter=kiln-pm', {}, 400, 'invalid_request'],
    [`${series}&from=yesterday`, {}, 400, 'invalid_request'],
    [`${series}&from=2026-11-01T00:00:00`, {}, 400, 'invalid_request'],
    [`${series}&from=2026-02-30`, {}, 400, 'invalid_request'],
    [`${series}&from=1969-12-31`, {}, 400, 'invalid_request'],
    [`${series}&from=2026-11-02&to=2026-11-02`, {}, 400, 'span_invalid'],
    [`${series}&from=2026-11-24`, {}, 400, 'span_invalid'],
    [`${series}&from=2026-11-01&window=P1W`, {}, 400, 'invalid_request'],
    [`${series}&from=2026-11-01&asOf=2026-11-01`, {}, 400, 'invalid_request'],
    [`${series}&from=2026-11-01&format=xml`, {}, 400, 'invalid_request'],
    ['/v1/series?meter=absent&from=2026-11-01', {}, 404, 'not_found'],
    ['/v1/indicators?window=PT15M', {}, 400, 'invalid_request'],
    ['/v1/owed?join=1001', {}, 400, 'invalid_request'],
    ['/v1/owed?from=2026-11-24', {}, 400, 'span_invalid'],
    ['/v1/owed?from=yesterday', {}, 400, 'invalid_request'],
    ['/v1/owed?format=xml', {}, 400, 'invalid_request'],
    ['/v1/owed?meter=absent', {}, 404, 'not_found'],
    ['/v1/owed?cursor=x', {}, 400, 'cursor_invalid'],
    ['/v1/limit-norms?medium=soil', {}, 400, 'invalid_request'],
    ['/v1/limit-norms?cursor=x', {}, 400, 'cursor_invalid'],
    ['/v1/availability', {}, 400, 'invalid_request'],
    ['/v1/availability?from=2026-11-24', {}, 400, 'span_invalid'],
    ['/v1/availability?from=2026-11-01&window=PT1H', {}, 400, 'invalid_request'],
    ['/v1/availability?from=2026-11-01&validity=1.1', {}, 400, 'invalid_request'],
    ['/v1/availability?from=2026-11-01&validity=octants', {}, 400, 'invalid_request'],
    ['/v1/availability?from=2026-11-01&meter=absent', {}, 404, 'not_found'],
    ['/v1/availability?from=2026-11-01&site=sugar-site', { as: 'cement' }, 404, 'not_found'],
    ['/v1/availability?from=2026-11-01&cursor=x', {}, 400, 'cursor_invalid'],
    ['/v1/availability?from=1990-01-01&meter=kiln-pm', {}, 400, 'span_too_long'],
    ['/v1/feeds?diagnose=clock', {}, 400, 'invalid_request'],
    ['/v1/feeds?from=2026-11-01', {}, 400, 'invalid_request'],
    ['/v1/feeds?site=absent', {}, 404, 'not_found'],
    ['/v1/feeds?cursor=x', {}, 400, 'cursor_invalid'],
    ['/v1/indicators?asOf=2026-11-01', {}, 400, 'invalid_request'],
    ['/v1/indicators?limit=1001', {}, 400, 'invalid_request'],
    ['/v1/indicators?cursor=x', {}, 400, 'cursor_invalid'],
    ['/v1/restatements?cause=error', {}, 400, 'invalid_request'],
    ['/v1/restatements?from=2026-11-02&to=2026-11-02', {}, 400, 'span_invalid'],
    ['/v1/restatements?cursor=x', {}, 400, 'cursor_invalid'],
    ['/v1/restatements?format=xml', {}, 400, 'invalid_request'],
    ['/v1/indicators/a%2Fb%2FP1D%2F1/history?cursor=x', {}, 400, 'cursor_invalid'],
    ['/v1/savings', {}, 400, 'invalid_request'],
    ['/v1/savings?baseline=absent', {}, 404, 'not_found'],
    [`${savings}&from=2026-11-02&to=2026-11-02`, {}, 400, 'span_invalid'],
    [`${savings}&from=yesterday`, {}, 400, 'invalid_request'],
    [`${savings}&format=xml`, {}, 400, 'invalid_request'],
    [`${savings}&asOf=2026-11-01`, {}, 400, 'invalid_request'],
    ['/v1/baselines/b', put({ ...baseline, period: 'PT1H' }), 400, 'invalid_request'],
    ['/v1/baselines/b', put({ ...baseline, from: '2025-02-30' }), 400, 'invalid_request'],
    ['/v1/baselines/b', put({ ...baseline, acceptance: { r2: 1 } }), 400, 'invalid_request'],
    ['/v1/baselines/b', put({ ...baseline, norm: 'steel' }), 422, 'entity_invalid'],
    ['/v1/baselines/cement-power', put(baseline), 409, 'version_conflict'],
    ['/v1/indicators?window=PT1H', {}, 400, 'invalid_request'],
    ['/v1/indicators?scope=province', {}, 400, 'invalid_request'],
    ['/v1/indicators?from=1990-01-01', {}, 400, 'span_too_long'],
    [`${series}&from=2026-11-01&asOf=9999-12-31T23:59:59Z`, {}, 400, 'invalid_request'],
    [`${series}&from=2026-11-01&asOf=0000-01-01T00:00:00Z`, {}, 400, 'invalid_request'],
    [`${series}&from=9999-12-31T23:59:59Z`, {}, 400, 'invalid_request'],
    [`${series}&from=0000-01-01`, {}, 400, 'invalid_request'],
    ['/v1/meters?asOf=9999-12-31T23:59:59Z', {}, 400, 'invalid_request'],
    ['/v1/indicators?asOf=9999-12-31T23:59:59Z', {}, 400, 'invalid_request'],
    ['/v1/availability?from=2026-11-01&asOf=9999-12-31T23:59:59Z', {}, 400, 'invalid_request'],
    [`${savings}&asOf=9999-12-31T23:59:59Z`, {}, 400, 'invalid_request'],
    ['/v1/ranking?indicator=electricity-intensity&asOf=9999-12-31T23:59:59Z', {}, 400, 'invalid_request'],
    ['/v1/voids/v', put({ ...voided, to: '9999-12-31T23:59:59Z' }), 400, 'invalid_request'],
    ['/v1/voids/v', put({ ...voided, from: '0000-01-01T00:00:00Z' }), 400, 'invalid_request'],
    ['/v1/limits/new', put({ ...limit, validTo: '9999-12-31T23:59:59Z' }), 400, 'invalid_request'],
    ['/v1/meters/water', put({ ...meter, swaps: [{ at: '9999-12-31T23:59:59Z' }] }), 400, 'invalid_request'],
    ['/v1/meters/water', put({ ...meter, intervalMs: 2 ** 53 - 1 }), 400, 'invalid_request'],
    ['/v1/meters/water', put({ ...meter, multiplier: 1e300 }), 400, 'invalid_request'],
    ['/v1/factors/new', put({ ...factor, validTo: '9999-12-31' }), 400, 'invalid_request'],
    ['/v1/baselines/b', put({ ...baseline, from: '0000-01-01' }), 400, 'invalid_request'],
    [
      '/v1/keys',
      post({ name: 'x', role: 'analyst', expiresAt: '9999-12-31T23:59:59Z' }),
      400,
      'invalid_request',
    ],
    ['/v1/alerts?state=new', {}, 400, 'invalid_request'],
    ['/v1/events?types=heartbeat', {}, 400, 'invalid_request'],
    ['/v1/alerts/x/acknowledge', post({ note: 'x'.repeat(1001) }), 400, 'invalid_request'],
    ['/v1/alerts/x/acknowledge', post({ by: 'me' }), 400, 'invalid_request'],
  ])('%s %o is answered with %i %s', async (url, asked, status, code) => {
    const response = await world.ask(url, asked);
    expect(refusalOf(response)).toEqual([status, code]);
    expect(response.headers['content-type']).toContain('application/problem+json');
  });

  it('is told in the language of the reader', async () => {
    const answer = await world.ask('/v1/sites/absent', { headers: { 'accept-language': 'vi-VN,vi;q=0.9' } });
    expect(answer.json<{ detail: string }>().detail).toBe('Không có site "absent".');
    expect(answer.headers['content-language']).toBe('vi');
  });

  it('of the registry is told by name and in the language of the reader, in nested fields too', async () => {
    const errorsOf = async (url: string, body: unknown) => {
      const asked = put(body);
      const answer = await world.ask(url, {
        ...asked,
        headers: { ...asked.headers, 'accept-language': 'vi' },
      });
      return answer.json<{ errors: { path: string; problem: string }[] }>().errors;
    };
    const [nested] = await errorsOf('/v1/meters/water', { ...meter, validRange: { min: 0, mx: 9 } });
    expect(nested).toMatchObject({ path: '/body/validRange' });
    expect(nested!.problem).toMatch(/mx/);
    const [oxygen] = await errorsOf('/v1/limits/new', { ...limit, referenceOxygen: 7 });
    expect(oxygen).toEqual({
      path: '/body/referenceOxygen',
      problem: expect.stringContaining('giới hạn áp dụng ở 7 % oxy') as unknown,
    });
  });

  it('is known before its body is read', async () => {
    const answer = await world.ask('/v1/sites/port', { ...put('{"enterprise":'), as: 'none' });
    expect(answer.json<{ code: string }>().code).toBe('key_missing');
  });
});
