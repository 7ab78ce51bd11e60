import { roleSchema, type Indicator, type Role } from '@songma/domain';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { noon, openApi, raised, type Answered, type ApiWorld, type KeyName } from './api-world.ts';

const everybody = 'plant analyst officer admin';
const staff = 'analyst officer admin';

/** Each route with the roles that it lets in; `*` behind it: also without a key, where that is switched on. */
const routes: Readonly<Record<string, string>> = {
  ...collection('enterprises', `${everybody} *`),
  ...collection('sites', `${everybody} *`),
  ...collection('sources', `${everybody} *`),
  ...collection('meters', `${everybody} *`),
  ...collection('limits', `${everybody} *`),
  ...collection('voids', `${everybody} *`, 'plant analyst admin'),
  ...collection('baselines', `${everybody} *`),
  ...collection('factors', `${everybody} *`),
  ...collection('officers', staff),
  ...collection('participations', `${everybody} *`, 'analyst admin'),
  ...collection('assessments', `${everybody} *`, 'plant analyst admin'),
  ...collection('source-mappings', everybody, 'plant admin'),
  ...collection('persons', staff),
  ...collection('rosters', staff),
  ...collection('policies', staff),
  ...collection('channels', 'officer admin'),
  ...collection('outages', `${everybody} *`, 'officer admin'),
  ...collection('duties', `${everybody} *`),
  ...collection('keys', 'admin'),
  'POST /v1/keys': 'admin',
  'GET /v1/series': `${everybody} *`,
  'GET /v1/latest': `${everybody} *`,
  'GET /v1/owed': `${everybody} *`,
  'GET /v1/availability': `${everybody} *`,
  'GET /v1/limit-norms': `${everybody} *`,
  'GET /v1/feeds': `${everybody} *`,
  'GET /v1/indicators': `${everybody} *`,
  'GET /v1/indicators/{id}/history': `${everybody} *`,
  'GET /v1/restatements': `${everybody} *`,
  'GET /v1/savings': `${everybody} *`,
  'GET /v1/programme': `${staff} *`,
  'GET /v1/programme/{target}/enterprises': `${everybody} *`,
  'GET /v1/programme/assessments': `${everybody} *`,
  'GET /v1/ranking': `${everybody} *`,
  'GET /v1/alerts': `${everybody} *`,
  'GET /v1/alerts/{id}': `${everybody} *`,
  'GET /v1/alerts/{id}/history': `${everybody} *`,
  'POST /v1/alerts/{id}/acknowledge': 'officer admin',
  'GET /v1/cases/{id}/evidence': everybody,
  'GET /v1/cases': everybody,
  'GET /v1/cases/{id}': everybody,
  'POST /v1/cases/{id}/steps': 'plant officer admin',
  'GET /v1/desk/route': staff,
  'GET /v1/desk/health': staff,
  'GET /v1/notices': staff,
  'GET /v1/rosters/{id}/calendar.ics': staff,
  'GET /v1/events': `${everybody} *`,
  'GET /v1/status': `${everybody} *`,
  'GET /v1/me': `${everybody} *`,
  'GET /v1/sessions': everybody,
  'DELETE /v1/sessions/{id}': everybody,
  'PUT /v1/persons/{id}/password': everybody,
};
/** Routes for whoever has not said yet who he is. */
const open = ['POST /v1/acknowledge', 'GET /v1/sign-in', 'POST /v1/sign-in', 'POST /v1/sign-out'];

function collection(path: string, readers: string, writers = 'admin') {
  return {
    [`GET /v1/${path}`]: readers,
    [`GET /v1/${path}/{id}`]: readers,
    [`PUT /v1/${path}/{id}`]: writers,
    [`DELETE /v1/${path}/{id}`]: writers,
  };
}

const keyOf: Readonly<Record<Role, KeyName>> = {
  plant: 'cement',
  analyst: 'analyst',
  officer: 'officer',
  admin: 'chief',
};

let world: ApiWorld;
let anonymous: ApiWorld;
beforeAll(async () => {
  world = await openApi();
  anonymous = await openApi({ ANONYMOUS_READ: 'true' });
});
afterAll(async () => {
  await world.close();
  await anonymous.close();
});

/** The refusal of a request to this route; undefined when who asks was let in. */
async function refusal(
  of: ApiWorld,
  route: string,
  as: KeyName | 'none',
  headers: Readonly<Record<string, string>> = {},
): Promise<string | undefined> {
  const [method, path] = route.split(' ') as ['GET', string];
  const response = await of.stream(path.replace(/\{\w+\}/, 'nothing'), { method, as, headers });
  if (response.statusCode !== 401 && response.statusCode !== 403) {
    response.stream().destroy();
    return undefined;
  }
  const body = await Array.fromAsync(response.stream());
  return (JSON.parse(Buffer.concat(body as Buffer[]).toString()) as { code: string }).code;
}

describe('reading without a key', () => {
  it.each(['forwarded', 'x-forwarded-for', 'x-forwarded-host', 'x-forwarded-proto'])(
    'is not for what a proxy has passed on, as %s says',
    async (header) => {
      expect(await refusal(anonymous, 'GET /v1/meters', 'none', { host: 'localhost' })).toBeUndefined();
      expect(await refusal(anonymous, 'GET /v1/meters', 'none', { host: 'localhost', [header]: 'x' })).toBe(
        'key_missing',
      );
      expect(await refusal(anonymous, 'GET /v1/meters', 'analyst', { [header]: 'x' })).toBeUndefined();
    },
  );
});

describe('the table of roles', () => {
  it('holds every route that the api describes, and no other', async () => {
    const { paths } = (await world.ask('/openapi.json')).json<{ paths: Record<string, object> }>();
    const described = Object.entries(paths).flatMap(([path, methods]) =>
      Object.keys(methods)
        .filter((method) => method !== 'parameters')
        .map((method) => `${method.toUpperCase()} ${path}`),
    );
    expect(described.toSorted()).toEqual([...Object.keys(routes), ...open].toSorted());
  });

  it('is what the description tells', async () => {
    const { paths, security: otherwise } = (await world.ask('/openapi.json')).json<{
      security: object[];
      paths: Record<string, Record<string, { description: string; security?: object[] }>>;
    }>();
    for (const [route, roles] of Object.entries(routes)) {
      const [method, path] = route.split(' ') as [string, string];
      const { description, security = otherwise } = paths[path]![method.toLowerCase()]!;
      const named = roles.replace(' *', '').split(' ').join(', ');
      expect(`${route}: ${description}`).toContain(`Roles: ${named}.`);
      expect([route, security.length === 3]).toEqual([route, roles.endsWith('*')]);
    }
  });

  describe.each(Object.entries(routes))('%s', (route, roles) => {
    it.each(roleSchema.options)('answers role %s as it should', async (role) => {
      const expected = roles.split(' ').includes(role) ? undefined : 'role_forbidden';
      expect(await refusal(world, route, keyOf[role])).toBe(expected);
    });

    it('asks for a key', async () => {
      expect(await refusal(world, route, 'none')).toBe('key_missing');
      expect(await refusal(world, route, 'expired')).toBe('key_expired');
      const wrong = { 'x-api-key': `sgm_chief_${'0'.repeat(40)}` };
      expect(await refusal(world, route, 'none', wrong)).toBe('key_invalid');
      expect(await refusal(world, route, 'none', { authorization: 'Basic Zm9v' })).toBe('key_scheme_unknown');
    });

    it('lets readers in without a key only where it says so', async () => {
      const expected = roles.endsWith('*') ? undefined : 'key_missing';
      expect(await refusal(anonymous, route, 'none', { host: 'localhost:8080' })).toBe(expected);
    });
  });
});

describe('reading without a key', () => {
  it.each([
    ['localhost', undefined],
    ['127.0.0.1:8080', undefined],
    ['[::1]:8080', undefined],
    ['LOCALHOST:80', undefined],
    ['songma.example.com', 'host_refused'],
    ['localhost.example.com', 'host_refused'],
    ['127.0.0.1.nip.io:8080', 'host_refused'],
  ])('under the name "%s" is answered with %s', async (host, expected) => {
    expect(await refusal(anonymous, 'GET /v1/sites', 'none', { host })).toBe(expected);
  });

  it('does not make up for a wrong key', async () => {
    const headers = { host: 'localhost', 'x-api-key': 'sgm_nobody_00' };
    expect(await refusal(anonymous, 'GET /v1/sites', 'none', headers)).toBe('key_invalid');
  });

  it('needs no known name where a key is sent', async () => {
    const headers = { host: 'songma.example.com' };
    expect(await refusal(anonymous, 'GET /v1/sites', 'analyst', headers)).toBeUndefined();
  });
});

function idsOf(response: Answered): string[] {
  return response.json<{ items: { id: string }[] }>().items.map(({ id }) => id);
}

function detailOf(response: Answered): string {
  return response.json<{ detail: string }>().detail;
}

describe('a plant', () => {
  beforeAll(async () => {
    await world.alert(
      raised(3),
      raised(2, {
        enterprise: 'sugar',
        id: 'sugar-limit/1',
        limit: 'sugar-limit',
        origin: 1,
        site: 'sugar-site',
      }),
    );
    await world.store('sugar-power', [[noon, 1]]);
    await world.keepIndicators('sugar', [indicatorOf('sugar')]);
    await world.store('mill-power', [[noon, 1]]);
    await world.keepIndicators('cement', [indicatorOf('cement')]);
  });

  it.each([
    ['enterprises', ['cement']],
    ['sites', ['mill-site']],
    ['sources', ['kiln-stack']],
    ['meters', ['kiln-pm', 'mill-power']],
    ['limits', ['kiln-dust']],
    ['baselines', ['cement-power']],
    ['alerts', [raised(3).id]],
    ['indicators', ['cement/electricity-intensity/P1D/1']],
  ])('lists its own %s only', async (path, ids) => {
    expect(idsOf(await world.ask(`/v1/${path}`, { as: 'cement' }))).toEqual(ids);
    expect(idsOf(await world.ask(`/v1/${path}`, { as: 'analyst' })).length).toBeGreaterThan(ids.length);
  });

  it('does not widen its list by a filter', async () => {
    for (const path of ['sites', 'sources', 'meters', 'limits', 'baselines', 'alerts']) {
      const ids = idsOf(await world.ask(`/v1/${path}?enterprise=sugar`, { as: 'cement' }));
      expect([path, ids]).toEqual([path, []]);
    }
  });

  it.each([
    '/v1/enterprises/sugar',
    '/v1/sites/sugar-site',
    '/v1/sources/sugar-outfall',
    '/v1/meters/sugar-power',
    '/v1/limits/sugar-limit',
    '/v1/baselines/sugar-power',
    '/v1/alerts/sugar-limit%2F1',
    '/v1/series?meter=sugar-power&from=2026-11-01',
    '/v1/series?meter=mill-power,sugar-power&from=2026-11-01',
    '/v1/indicators?enterprise=sugar',
    '/v1/restatements?enterprise=sugar',
    '/v1/savings?baseline=sugar-power',
    '/v1/indicators?site=sugar-site',
    '/v1/events?enterprise=sugar',
  ])('is told that %s does not exist, in the same words as of what never was', async (url) => {
    const foreign = await world.ask(url, { as: 'cement' });
    expect(foreign.statusCode).toBe(404);
    const owned = await world.stream(url, { as: 'analyst' });
    expect(owned.statusCode).toBe(200);
    owned.stream().destroy();
    const absent = await world.ask(url.replaceAll('sugar', 'absent'), { as: 'cement' });
    expect(detailOf(foreign).replaceAll('sugar', 'absent')).toBe(detailOf(absent));
  });

  it('counts only what is its own in the status', async () => {
    const { registered } = (await world.ask('/v1/status', { as: 'cement' })).json<{ registered: object }>();
    expect(registered).toEqual({ enterprises: 1, sites: 1, meters: 2 });
  });
});

function indicatorOf(enterprise: string): Indicator {
  return {
    id: `${enterprise}/electricity-intensity/P1D/1`,
    enterprise,
    name: 'electricity-intensity',
    window: 'P1D',
    start: noon - 36 * 3_600_000,
    end: noon - 12 * 3_600_000,
    value: 92.4,
    unit: 'kWh/t',
    coverage: 1,
    withheld: null,
    numerator: 924,
    denominator: 10,
    revision: 1,
    inputs: [],
    publishedAt: noon,
  };
}
