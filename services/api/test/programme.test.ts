import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { noon, refusalOf, type ApiWorld, type KeyName } from './api-world.ts';
import { openMills, put } from './programme-world.ts';

const holding = { holds: true, since: '2024-01-15', evidence: 'QĐ 12/2024' };
const training = { trained: 2, of: 3, on: '2025-06-30', who: 'Tổ SXSH', evidence: 'CN 6/2025' };

let world: ApiWorld;
beforeAll(async () => {
  world = await openMills([
    {
      id: 'alpha',
      sector: '2394',
      size: 'large',
      intensity: 90,
      participation: { aware: holding, applying: holding, dedicatedUnit: holding, training },
    },
    { id: 'beta', sector: '2410', size: 'medium', intensity: 96, participation: { applying: holding } },
    {
      id: 'delta',
      sector: '1701',
      intensity: 80,
      daysMissing: 62,
      participation: { applying: holding, dedicatedUnit: holding },
    },
    {
      id: 'gamma',
      sector: '1072',
      size: 'small',
      participation: { applying: { ...holding, holds: false }, dedicatedUnit: holding },
    },
  ]);
});
afterAll(() => world.close());

interface Share {
  readonly id: string;
  readonly [field: string]: unknown;
}
interface Standing {
  readonly enterprise: string;
  readonly state: string;
  readonly reason: { readonly code: string; readonly en: string; readonly vi: string } | null;
  readonly saving: number | null;
}

async function programme(query: string) {
  const answer = await world.ask(`/v1/programme?${query}`);
  expect(answer.statusCode, answer.body).toBe(200);
  return answer.json<{ targets: { id: string; inForce: boolean }; enterprises: number; items: Share[] }>();
}
const shareOf = async (query: string, id: string) =>
  (await programme(query)).items.find((item) => item.id === id)!;

async function standings(target: string, query = 'targets=160-thanh-hoa-2020', as: KeyName = 'chief') {
  const answer = await world.ask(`/v1/programme/${target}/enterprises?${query}`, { as });
  expect(answer.statusCode, answer.body).toBe(200);
  return answer.json<{ items: Standing[]; next: string | null }>();
}
const states = async (target: string, query?: string) =>
  Object.fromEntries(
    (await standings(target, query)).items.map(({ enterprise, state, reason }) => [
      enterprise,
      reason === null ? state : `${state}: ${reason.code}`,
    ]),
  );

describe('GET /v1/programme', () => {
  it('tells the share of all that are asked, and what it would be at most', async () => {
    expect(await shareOf('targets=160-thanh-hoa-2020', 'applying')).toMatchObject({
      target: 0.5,
      verified: false,
      assurance: 'press',
      of: 'enterprises',
      numerator: 3,
      denominator: 6,
      share: 0.5,
      shareMax: 0.833333333333333,
      reached: true,
      yes: 3,
      no: 1,
      unknown: 2,
      notAsked: 0,
      reasons: [
        { code: 'not-declared', enterprises: 2 },
        { code: 'declared-not', enterprises: 1 },
      ],
    });
    // Alpha has a unit, beta has declared none, the small one is not asked, of three the size is not known.
    expect(await shareOf('targets=160-thanh-hoa-2020', 'dedicated-unit')).toMatchObject({
      numerator: 1,
      denominator: 5,
      reached: null,
      notAsked: 1,
    });
    expect(await shareOf('targets=160-thanh-hoa-2020', 'trained-staff')).toMatchObject({
      of: 'persons',
      numerator: 2,
      denominator: 3,
    });
  });

  it('tells who of those that apply reaches the band, resource by resource', async () => {
    expect(await shareOf('targets=160-thanh-hoa-2020', 'saving-electricity')).toMatchObject({
      target: null,
      band: { min: 0.08, max: 0.13 },
      covered: true,
      yes: 1,
      no: 1,
      unknown: 1,
      notAsked: 3,
      denominator: 3,
    });
    expect(await shareOf('targets=160-thanh-hoa-2020', 'saving-water')).toMatchObject({
      covered: false,
      yes: 0,
      unknown: 3,
      reasons: [
        { code: 'no-baseline', enterprises: 3 },
        { code: 'not-applying', enterprises: 3 },
      ],
    });
  });

  it('asks the industries that the newer decision names, and counts nothing where nothing is registered', async () => {
    const { targets, enterprises, items } = await programme('');
    expect([targets, enterprises]).toEqual([expect.objectContaining({ id: '889-2030', inForce: true }), 6]);
    // Cement twice, steel and paper; of the usual cement works the baseline has no periods.
    expect(items.find(({ id }) => id === 'saving-electricity')).toMatchObject({
      yes: 1,
      no: 1,
      unknown: 2,
      notAsked: 2,
    });
    expect(items.find(({ id }) => id === 'parks-reached')).toMatchObject({
      target: 1,
      of: null,
      numerator: null,
      reached: null,
    });
  });

  it('narrows to a sector, and judges on another date', async () => {
    expect(await shareOf('targets=1419-2020&sector=23', 'applying')).toMatchObject({
      yes: 1,
      denominator: 2,
    });
    expect(await shareOf('targets=1419-2020&at=2024-01-14', 'applying')).toMatchObject({
      yes: 0,
      no: 3,
      unknown: 3,
    });
    expect((await programme('at=2018-05-01')).targets).toMatchObject({ id: '1419-2020', inForce: true });
  });

  it('reads what many enterprises stand on in one query', async () => {
    const rollups = vi.spyOn(world.seriesStore, 'rollups');
    const indicators = vi.spyOn(world.seriesStore, 'indicators');
    await programme('targets=160-thanh-hoa-2020');
    // Then, of the one that lacks some: since when its meter is there, and the days of a month of its two meters.
    const asked = rollups.mock.calls.map(([{ window }]) => window);
    expect(asked).toEqual(['P1M', ...['P1Y', 'P1M', 'P1D'], ...['P1D', 'P1D']]);
    expect(indicators.mock.calls).toEqual([]);
    vi.restoreAllMocks();
  });

  it('gives the same answer as it was known now, and none from before anything was registered', async () => {
    const asOf = (time: number) => `&asOf=${encodeURIComponent(new Date(time).toISOString())}`;
    const now = await programme('targets=160-thanh-hoa-2020');
    expect((await programme(`targets=160-thanh-hoa-2020${asOf(noon)}`)).items).toEqual(now.items);
    expect((await programme(`targets=160-thanh-hoa-2020${asOf(noon - 1)}`)).enterprises).toBe(0);
  });

  it('holds the same shares as CSV', async () => {
    const csv = (await world.ask('/v1/programme?targets=160-thanh-hoa-2020&format=csv')).body.split('\r\n');
    expect(csv[0]).toMatch(
      /^id,en,vi,target,bandMin,bandMax,covered,verified,assurance,of,numerator,denominator,share,/,
    );
    expect(csv.find((line) => line.startsWith('applying,'))).toContain(',3.0,6.0,0.5,');
  });

  it('is not told to a plant: a share of few tells what its neighbours are', async () => {
    expect(refusalOf(await world.ask('/v1/programme', { as: 'cement' }))).toEqual([403, 'role_forbidden']);
    for (const as of ['analyst', 'officer'] as const) {
      expect((await world.ask('/v1/programme', { as })).statusCode).toBe(200);
    }
    expect(refusalOf(await world.ask('/v1/programme?targets=1420'))).toEqual([400, 'invalid_request']);
  });
});

describe('GET /v1/programme/{target}/enterprises', () => {
  it('tells each enterprise what is missing', async () => {
    expect(await states('saving-electricity')).toEqual({
      alpha: 'yes',
      beta: 'no: saving-below',
      cement: 'not-asked: not-applying',
      delta: 'unknown: saving-withheld',
      gamma: 'not-asked: not-applying',
      sugar: 'not-asked: not-applying',
    });
    expect(await states('dedicated-unit')).toEqual({
      alpha: 'yes',
      beta: 'unknown: not-declared',
      cement: 'unknown: size-unknown',
      delta: 'unknown: size-unknown',
      gamma: 'not-asked: size-not-asked',
      sugar: 'unknown: size-unknown',
    });
    const { items } = await standings('saving-electricity');
    expect(items.find(({ enterprise }) => enterprise === 'delta')!.reason).toEqual({
      code: 'saving-withheld',
      en: 'The saving is withheld: 83.29 % of the twelve months count against baseline "delta-power".',
      vi: 'Chưa công bố mức tiết kiệm: chỉ 83,29 % của 12 tháng tính được theo đường cơ sở "delta-power".',
    });
  });

  it('gives the saving that /v1/savings gives', async () => {
    const { items } = await standings('saving-electricity');
    for (const [enterprise, share] of [
      ['alpha', 0.1],
      ['beta', 0.04],
    ] as const) {
      const url = `/v1/savings?baseline=${enterprise}-power&from=2025-11-01&to=2026-11-01`;
      const { totals } = (await world.ask(url)).json<{ totals: { savingShare: number } }>();
      expect(totals.savingShare).toBeCloseTo(share, 12);
      expect(items.find((one) => one.enterprise === enterprise)!.saving).toBe(totals.savingShare);
    }
  });

  it('takes the baseline that the participation names where there are several', async () => {
    const body = (await world.ask('/v1/baselines/beta-power')).json<Record<string, unknown>>();
    await put(world, '/v1/baselines/beta-second', {
      ...body,
      id: 'beta-second',
      name: 'Khác',
      model: 'ratio',
    });
    expect((await states('saving-electricity'))['beta']).toBe('unknown: several-baselines');
    const standing = await world.ask('/v1/participations/beta');
    const named = { ...standing.json<object>(), baselines: ['beta-power'] };
    const headers = { 'if-match': String(standing.headers['etag']) };
    const written = await world.ask('/v1/participations/beta', { method: 'PUT', body: named, headers });
    expect(written.statusCode).toBe(200);
    expect((await states('saving-electricity'))['beta']).toBe('no: saving-below');
  });

  it('comes in pages, by state, and as CSV', async () => {
    const page = await standings('applying', 'targets=160-thanh-hoa-2020&limit=2&state=yes');
    expect(page.items.map(({ enterprise }) => enterprise)).toEqual(['alpha', 'beta']);
    const rest = await standings(
      'applying',
      `targets=160-thanh-hoa-2020&limit=2&state=yes&cursor=${page.next}`,
    );
    expect(rest).toMatchObject({ items: [{ enterprise: 'delta' }], next: null });
    const csv = (await world.ask('/v1/programme/applying/enterprises?targets=160-thanh-hoa-2020&format=csv'))
      .body;
    expect(csv.split('\r\n')[1]).toBe('alpha,Nhà máy alpha,2394,large,yes,,,,2024-01-15,QĐ 12/2024,,,,');
  });

  it('shows a plant itself and nobody else', async () => {
    const { items } = await standings('applying', 'targets=160-thanh-hoa-2020', 'cement');
    expect(items.map(({ enterprise }) => enterprise)).toEqual(['cement']);
  });

  it('is not there for what is not counted', async () => {
    for (const target of ['parks-reached', 'nothing']) {
      const refused = await world.ask(`/v1/programme/${target}/enterprises?targets=889-2030`);
      expect(refusalOf(refused)).toEqual([404, 'not_found']);
    }
  });
});

describe('who declares', () => {
  const written = (as: KeyName, url: string, body: unknown) =>
    world.ask(url, { method: 'PUT', as, body, headers: { 'if-none-match': '*' } });

  it('is the province for the participation, and the plant for its own assessment', async () => {
    const fact = { aware: holding };
    expect(refusalOf(await written('cement', '/v1/participations/cement', fact))).toEqual([
      403,
      'role_forbidden',
    ]);
    expect(refusalOf(await written('officer', '/v1/participations/cement', fact))).toEqual([
      403,
      'role_forbidden',
    ]);
    expect((await written('analyst', '/v1/participations/cement', fact)).statusCode).toBe(201);

    const tasks = { tasks: [{ task: 1, state: 'done', on: '2026-01-05' }] };
    expect(refusalOf(await written('cement', '/v1/assessments/sugar', tasks))).toEqual([404, 'not_found']);
    expect((await written('cement', '/v1/assessments/cement', tasks)).statusCode).toBe(201);
    expect(refusalOf(await world.ask('/v1/participations/cement', { as: 'sugar' }))).toEqual([
      404,
      'not_found',
    ]);
  });
});
