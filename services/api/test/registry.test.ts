import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { noon, openApi, refusalOf, type ApiWorld } from './api-world.ts';

let world: ApiWorld;
beforeAll(async () => {
  world = await openApi();
});
afterAll(() => world.close());

const site = { enterprise: 'cement', name: 'Cảng' };
const create = { 'if-none-match': '*' };

describe('a registered entity', () => {
  it('is created with If-None-Match and answered with its address and version', async () => {
    const made = await world.ask('/v1/sites/port', { method: 'PUT', body: site, headers: create });
    expect([made.statusCode, made.headers['location'], made.headers['etag']]).toEqual([
      201,
      '/v1/sites/port',
      '"1"',
    ]);
    expect(made.json()).toMatchObject({ id: 'port', name: 'Cảng', version: 1, changedBy: 'chief' });
  });

  it('is created only once', async () => {
    await world.ask('/v1/sites/once', { method: 'PUT', body: site, headers: create });
    const again = await world.ask('/v1/sites/once', { method: 'PUT', body: site, headers: create });
    expect(refusalOf(again)).toEqual([409, 'version_conflict']);
    expect(again.headers['etag']).toBe('"1"');
  });

  it('can be read, edited and sent back as it was answered', async () => {
    await world.ask('/v1/sites/edited', { method: 'PUT', body: site, headers: create });
    const read = await world.ask('/v1/sites/edited');
    const changed = await world.ask('/v1/sites/edited', {
      method: 'PUT',
      body: { ...read.json<object>(), name: 'Cảng mới' },
      headers: { 'if-match': String(read.headers['etag']) },
    });
    expect([changed.statusCode, changed.headers['etag']]).toEqual([200, '"2"']);
    expect(changed.json()).toMatchObject({ name: 'Cảng mới', version: 2 });
  });

  describe('as known on a date', () => {
    const hourMs = 3_600_000;
    const asOf = (hours: number) => `asOf=${new Date(noon + hours * hourMs).toISOString()}`;
    const namesAt = async (query: string, as: 'analyst' | 'cement' | 'sugar' = 'analyst') => {
      const answer = await world.ask(`/v1/meters?site=dated&${query}`, { as });
      return answer.json<{ items: { name: string }[] }>().items.map(({ name }) => name);
    };

    beforeAll(async () => {
      const meter = {
        site: 'dated',
        name: 'Điện',
        quantity: 'electricity',
        kind: 'interval',
        unit: 'kWh',
        intervalMs: 900_000,
      };
      const put = (url: string, body: object, headers: Record<string, string>) =>
        world.ask(url, { method: 'PUT', body, headers });
      world.setClock(noon + hourMs);
      await put('/v1/sites/dated', site, create);
      await put('/v1/meters/dated-power', meter, create);
      world.setClock(noon + 2 * hourMs);
      await put('/v1/meters/dated-power', { ...meter, name: 'Điện 2' }, { 'if-match': '"1"' });
      world.setClock(noon + 3 * hourMs);
      for (const path of ['meters/dated-power', 'sites/dated']) {
        const version = path.startsWith('meters') ? '"2"' : '"1"';
        await world.ask(`/v1/${path}`, { method: 'DELETE', headers: { 'if-match': version } });
      }
      world.setClock(noon);
    });

    it.each([
      [1, 'Điện'],
      [1.5, 'Điện'],
      [2, 'Điện 2'],
      [2.5, 'Điện 2'],
    ])('is what stood %s hours after noon', async (hours, name) => {
      expect(await namesAt(asOf(hours))).toEqual([name]);
      expect((await world.ask(`/v1/meters/dated-power?${asOf(hours)}`)).json()).toMatchObject({ name });
    });

    it.each([0.5, 3])('is not there %s hours after noon', async (hours) => {
      expect(await namesAt(asOf(hours))).toEqual([]);
      const one = await world.ask(`/v1/meters/dated-power?${asOf(hours)}`);
      expect(refusalOf(one)).toEqual([404, 'not_found']);
    });

    it('is found by what it belonged to then, and seen by whose it was then', async () => {
      expect(await namesAt(`enterprise=cement&${asOf(1)}`)).toEqual(['Điện']);
      expect(await namesAt(`enterprise=sugar&${asOf(1)}`)).toEqual([]);
      expect(await namesAt(asOf(1), 'cement')).toEqual(['Điện']);
      expect(await namesAt(asOf(1), 'sugar')).toEqual([]);
      const foreign = await world.ask(`/v1/meters/dated-power?${asOf(1)}`, { as: 'sugar' });
      expect(refusalOf(foreign)).toEqual([404, 'not_found']);
    });

    it('is refused for what is no time', async () => {
      const refused = await world.ask('/v1/meters?asOf=yesterday');
      expect(refusalOf(refused)).toEqual([400, 'invalid_request']);
    });
  });

  it.each([
    ['PT15M', 900_000, 'PT15M'],
    ['P1W', 7 * 86_400_000, 'P7D'],
    ['P1M', 31 * 86_400_000, 'P1M'],
    ['P12M', 366 * 86_400_000, 'P1Y'],
  ])(
    'a meter states its interval as %s, and what is read can be sent back',
    async (interval, intervalMs, told) => {
      const url = `/v1/meters/read-every-${interval.toLowerCase()}`;
      const meter = {
        site: 'mill-site',
        name: 'Nước',
        quantity: 'water',
        kind: 'interval',
        unit: 'm3',
        interval,
      };
      const created = await world.ask(url, { method: 'PUT', body: meter, headers: create });
      expect(created.json()).toMatchObject({ interval: told, intervalMs });
      const headers = { 'if-match': String(created.headers['etag']) };
      const again = await world.ask(url, { method: 'PUT', body: created.json(), headers });
      expect(again.json()).toMatchObject({ interval: told, intervalMs });
    },
  );

  it('keeps the first of two changes made from one version', async () => {
    await world.ask('/v1/sites/raced', { method: 'PUT', body: site, headers: create });
    const answers = await Promise.all(
      ['A', 'B'].map((name) =>
        world.ask('/v1/sites/raced', {
          method: 'PUT',
          body: { ...site, name },
          headers: { 'if-match': '"1"' },
        }),
      ),
    );
    expect(new Set(answers.map(({ statusCode }) => statusCode))).toEqual(new Set([200, 409]));
    const winner = answers.find(({ statusCode }) => statusCode === 200)!.json<{ name: string }>();
    expect((await world.ask('/v1/sites/raced')).json()).toMatchObject({ name: winner.name, version: 2 });
  });

  it('is not written without a precondition', async () => {
    for (const method of ['PUT', 'DELETE'] as const) {
      const body = method === 'PUT' ? site : undefined;
      const refused = await world.ask('/v1/sites/mill-site', { method, body });
      expect(refusalOf(refused)).toEqual([428, 'precondition_required']);
    }
  });

  it.each([
    [{ 'if-match': '*' }],
    [{ 'if-match': 'W/"1"' }],
    [{ 'if-match': '"1", "2"' }],
    [{ 'if-none-match': '"1"' }],
    [{ 'if-match': '"1"', 'if-none-match': '*' }],
  ])('is not written under the precondition %o', async (headers) => {
    const refused = await world.ask('/v1/sites/mill-site', { method: 'PUT', body: site, headers });
    expect(refusalOf(refused)).toEqual([400, 'precondition_invalid']);
  });

  it('is not sent again to who has its version', async () => {
    const { headers } = await world.ask('/v1/meters/kiln-pm');
    const same = await world.ask('/v1/meters/kiln-pm', {
      headers: { 'if-none-match': String(headers['etag']) },
    });
    expect([same.statusCode, same.body]).toEqual([304, '']);
    const other = await world.ask('/v1/meters/kiln-pm', { headers: { 'if-none-match': '"99"' } });
    expect(other.statusCode).toBe(200);
  });

  it('is retired with the version that was seen, and may be made again', async () => {
    await world.ask('/v1/sites/closed', { method: 'PUT', body: site, headers: create });
    const stale = await world.ask('/v1/sites/closed', { method: 'DELETE', headers: { 'if-match': '"7"' } });
    expect(refusalOf(stale)).toEqual([409, 'version_conflict']);
    const gone = await world.ask('/v1/sites/closed', { method: 'DELETE', headers: { 'if-match': '"1"' } });
    expect([gone.statusCode, gone.body]).toEqual([204, '']);
    expect(refusalOf(await world.ask('/v1/sites/closed'))).toEqual([404, 'not_found']);
    const anew = await world.ask('/v1/sites/closed', { method: 'PUT', body: site, headers: create });
    expect(anew.statusCode).toBe(201);
  });

  it('is not retired while others refer to it', async () => {
    const { headers } = await world.ask('/v1/enterprises/sugar');
    const refused = await world.ask('/v1/enterprises/sugar', {
      method: 'DELETE',
      headers: { 'if-match': String(headers['etag']) },
    });
    expect(refusalOf(refused)).toEqual([422, 'entity_invalid']);
  });

  it('names the place where it cannot be kept', async () => {
    const refused = await world.ask('/v1/sites/lost', {
      method: 'PUT',
      body: { ...site, enterprise: 'nobody' },
      headers: create,
    });
    expect(refusalOf(refused)).toEqual([422, 'entity_invalid']);
    expect(refused.json()).toMatchObject({ errors: [{ path: '/body/enterprise' }] });
  });

  it('has its times as text with an offset', async () => {
    const body = {
      meter: 'kiln-pm',
      parameter: 'PM',
      averaging: 'PT1H',
      value: 50,
      source: { document: 'QCVN', verified: true },
      validFrom: '2026-01-01T00:00:00+07:00',
      validTo: '2026-12-31T17:00:00Z',
    };
    const made = await world.ask('/v1/limits/timed', { method: 'PUT', body, headers: create });
    expect(made.json()).toMatchObject({
      validFrom: '2026-01-01T00:00:00+07:00',
      validTo: '2027-01-01T00:00:00+07:00',
    });
    expect(world.registry.get('limit', 'timed')?.body.validFrom).toBe(Date.parse(body.validFrom));
  });

  it('has the times of its swaps as text too, and takes them back as they were answered', async () => {
    const { body: power } = world.registry.get('meter', 'mill-power')!;
    const { id: _, ...meter } = power;
    const swaps = [{ at: '2026-01-31T17:00:00Z', finalOld: 4_821.5 }, { at: '2026-03-01T00:00:00+07:00' }];
    const body = { ...meter, kind: 'counter', swaps };
    const made = await world.ask('/v1/meters/swapped', { method: 'PUT', body, headers: create });
    expect(made.json()).toMatchObject({
      swaps: [{ at: '2026-02-01T00:00:00+07:00', finalOld: 4_821.5 }, { at: '2026-03-01T00:00:00+07:00' }],
    });
    expect(world.registry.get('meter', 'swapped')?.body.swaps).toEqual([
      { at: Date.parse(swaps[0]!.at), finalOld: 4_821.5 },
      { at: Date.parse(swaps[1]!.at) },
    ]);
    const headers = { 'if-match': String(made.headers['etag']) };
    const again = await world.ask('/v1/meters/swapped', { method: 'PUT', body: made.json(), headers });
    expect(again.statusCode).toBe(200);
    expect(again.json()).toMatchObject({ swaps: made.json<typeof body>().swaps });
  });
});

describe('a key', () => {
  it('shows its token once, and its hash never', async () => {
    const made = await world.ask('/v1/keys', {
      method: 'POST',
      body: { name: 'Cổng Bỉm Sơn', role: 'plant', enterprise: 'cement' },
    });
    expect(made.statusCode).toBe(201);
    expect(made.headers['cache-control']).toBe('private, no-store');
    const { key, token } = made.json<{ key: { id: string }; token: string }>();
    expect(key.id).toMatch(/^cong-bim-son-[0-9a-f]{6}$/);
    expect(token).toMatch(new RegExp(`^sgm_${key.id}_[0-9a-f]{40}$`));
    expect(made.headers['location']).toBe(`/v1/keys/${key.id}`);

    const secret = token.split('_').at(-1)!;
    const { hash } = world.registry.get('key', key.id)!.body;
    const later = [await world.ask(`/v1/keys/${key.id}`), await world.ask('/v1/keys?limit=1000')];
    for (const { statusCode, body } of later) {
      expect(statusCode).toBe(200);
      expect(body).toContain(key.id);
      expect(body).not.toContain(secret);
      expect(body).not.toContain(hash);
    }
    expect(made.body).not.toContain(hash);
    const used = await world.ask('/v1/sites', { as: 'none', headers: { 'x-api-key': token } });
    expect(used.statusCode).toBe(200);
  });

  it('opens nothing any more once it is revoked', async () => {
    const made = await world.ask('/v1/keys', { method: 'POST', body: { name: 'short', role: 'analyst' } });
    const { key, token } = made.json<{ key: { id: string }; token: string }>();
    const headers = { 'if-match': String(made.headers['etag']) };
    expect((await world.ask(`/v1/keys/${key.id}`, { method: 'DELETE', headers })).statusCode).toBe(204);
    const refused = await world.ask('/v1/sites', { as: 'none', headers: { 'x-api-key': token } });
    expect(refusalOf(refused)).toEqual([401, 'key_invalid']);
  });

  it('keeps role, enterprise and secret when it is changed', async () => {
    const body = { id: 'kept', name: 'kept', role: 'plant', enterprise: 'cement' };
    const { token } = (await world.ask('/v1/keys', { method: 'POST', body })).json<{ token: string }>();
    const changed = await world.ask('/v1/keys/kept', {
      method: 'PUT',
      body: { name: 'renamed', sites: ['mill-site'] },
      headers: { 'if-match': '"1"' },
    });
    expect(changed.json()).toMatchObject({
      name: 'renamed',
      role: 'plant',
      sites: ['mill-site'],
      version: 2,
    });
    expect((await world.ask('/v1/sites', { as: 'none', headers: { 'x-api-key': token } })).statusCode).toBe(
      200,
    );
    const stolen = { name: 'x', sites: [], role: 'admin' };
    const refused = await world.ask('/v1/keys/kept', {
      method: 'PUT',
      body: stolen,
      headers: { 'if-match': '"2"' },
    });
    expect(refusalOf(refused)).toEqual([400, 'invalid_request']);
  });

  it('is refused as the third active one of a name', async () => {
    const body = { name: 'rotated', role: 'analyst' };
    const codes = [];
    for (let i = 0; i < 3; i++)
      codes.push((await world.ask('/v1/keys', { method: 'POST', body })).statusCode);
    expect(codes).toEqual([201, 201, 422]);
  });
});
