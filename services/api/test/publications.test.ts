import type { Indicator, IndicatorEvent } from '@songma/domain';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { noon, openApi, refusalOf, type ApiWorld, type KeyName } from './api-world.ts';

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
/** Midnight in Thanh Hóa of 20 November 2026. */
const day = Date.parse('2026-11-20T00:00:00+07:00');
const name = 'electricity-intensity';
const idOf = (enterprise: string, start = day) => `${enterprise}/${name}/P1D/${start}`;

function indicatorOf(enterprise: string, start: number, fields: Partial<Indicator>): Indicator {
  return {
    id: idOf(enterprise, start),
    enterprise,
    name,
    window: 'P1D',
    start,
    end: start + dayMs,
    value: 96,
    unit: 'kWh/t',
    coverage: 1,
    withheld: null,
    numerator: 11_520,
    denominator: 120,
    revision: 1,
    inputs: [
      { meter: 'mill-power', revision: 3 },
      { meter: 'mill-clinker', revision: 2 },
    ],
    publishedAt: start + dayMs,
    ...fields,
  };
}

function published(
  after: Indicator,
  before: Indicator | null = null,
  cause: IndicatorEvent['cause'] = 'readings',
): IndicatorEvent {
  return { id: after.id, before, after, cause };
}

const filled = indicatorOf('cement', day, {
  value: null,
  withheld: 'coverage',
  coverage: 0.5,
  publishedAt: day + 12 * hourMs,
});
const whole = indicatorOf('cement', day, { revision: 2, publishedAt: day + dayMs + 1000 });
const corrected = indicatorOf('cement', day, {
  revision: 3,
  value: 90,
  denominator: 128,
  publishedAt: noon - hourMs,
});
const sugar = indicatorOf('sugar', day, { value: 91.3 });
const recalibrated = indicatorOf('sugar', day, { value: 92.4, revision: 2, publishedAt: noon });

/** Long ago, so that it is found by its time only. */
const clinker = indicatorOf('cement', day - 60 * dayMs, {
  id: `cement/mill-site/product=clinker/${name}/P1D/${day - 60 * dayMs}`,
  site: 'mill-site',
  product: 'clinker',
});
const remeasured = { ...clinker, value: 95, revision: 2, publishedAt: day - 50 * dayMs };

let world: ApiWorld;
beforeAll(async () => {
  world = await openApi();
  await world.publish(published(filled), published(whole, filled), published(corrected, whole));
  await world.publish(published(sugar), published(recalibrated, sugar, 'registry'));
  await world.publish(published(clinker), published(remeasured, clinker));
  for (let i = 1; i <= 5; i++) await world.publish(published(indicatorOf('cement', day - i * dayMs, {})));
});
afterAll(() => world.close());

interface Answer {
  readonly items: Record<string, unknown>[];
  readonly next: string | null;
}

async function answered(url: string, as: KeyName = 'analyst'): Promise<Answer> {
  const response = await world.ask(url, { as });
  expect(response.statusCode, response.body).toBe(200);
  return response.json<Answer>();
}

const idsOf = async (url: string, as?: KeyName) => (await answered(url, as)).items.map(({ id }) => id);

describe('an indicator as known on a date', () => {
  it.each([
    ['2026-11-20T11:59:59.999+07:00', []],
    ['2026-11-20T12:00:00+07:00', [[null, 'coverage', 1]]],
    ['2026-11-21T00:00:00.999+07:00', [[null, 'coverage', 1]]],
    ['2026-11-21T00:00:01+07:00', [[96, null, 2]]],
    ['2026-11-23T10:59:59+07:00', [[96, null, 2]]],
    ['2026-11-23T11:00:00+07:00', [[90, null, 3]]],
    ['2100-01-01T00:00:00Z', [[90, null, 3]]],
  ])('at %s is what had been published by then', async (asOf, expected) => {
    const url = `/v1/indicators?enterprise=cement&from=2026-11-20&to=2026-11-21`;
    const { items } = await answered(`${url}&asOf=${encodeURIComponent(asOf)}`);
    expect(items.map(({ value, withheld, revision }) => [value, withheld, revision])).toEqual(expected);
  });
});

describe('indicators as a table', () => {
  const url = '/v1/indicators?from=2026-11-01';

  it('hold the same rows in every format', async () => {
    const { items } = await answered(url);
    expect(items).toHaveLength(7);
    const lines = (await world.ask(`${url}&format=ndjson`)).body.trimEnd().split('\n');
    expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual(items);
    const csv = await world.ask(url, { headers: { accept: 'text/csv' } });
    expect(csv.headers['content-type']).toBe('text/csv; charset=utf-8; header=present');
    const [head, first, ...rest] = csv.body.trimEnd().split('\r\n');
    expect(head).toBe(
      'id,enterprise,site,product,name,window,start,end,value,unit,coverage,withheld,numerator,denominator,' +
        'matchedNumerator,matchedDenominator,matchedShare,estimatedShare,biogenicCo2,gwpSet,allocation,factors,' +
        'verified,assurance,provisional,revision,inputs,publishedAt,rules,voids',
    );
    expect(first).toBe(
      `${idOf('cement', day - 5 * dayMs)},cement,,,${name},P1D,2026-11-15T00:00:00+07:00,2026-11-16T00:00:00+07:00,` +
        '96.0,kWh/t,1.0,,11520.0,120.0,,,,,,,,,,,,1,mill-power:3;mill-clinker:2,2026-11-16T00:00:00+07:00,0,',
    );
    expect(rest).toHaveLength(6);
  });

  it.each(['json', 'csv', 'ndjson'])('come in pages of %s that together hold each once', async (format) => {
    const found: string[] = [];
    for (let next: string | undefined = `${url}&limit=3&format=${format}`; next !== undefined;) {
      const { headers, body } = await world.ask(next);
      if (format === 'json') {
        const page = JSON.parse(body) as Answer;
        found.push(...page.items.map(({ id }) => String(id)));
        next = page.next === null ? undefined : `${url}&limit=3&format=${format}&cursor=${page.next}`;
      } else {
        const rows = body
          .trimEnd()
          .split('\n')
          .slice(format === 'csv' ? 1 : 0);
        found.push(
          ...rows.map((row) =>
            format === 'csv' ? row.split(',')[0]! : (JSON.parse(row) as { id: string }).id,
          ),
        );
        next = /^<(.+)>; rel="next"$/.exec(String(headers['link'] ?? ''))?.[1];
      }
    }
    expect(found).toEqual(await idsOf(url));
  });

  it('in other formats are refused', async () => {
    const refused = await world.ask(url, { headers: { accept: 'image/png' } });
    expect(refusalOf(refused)).toEqual([406, 'not_acceptable']);
  });
});

describe('restatements', () => {
  it('tell what stood before and after, by how much it moved and why, the latest first', async () => {
    const { items, next } = await answered('/v1/restatements');
    expect(next).toBeNull();
    expect(items).toMatchObject([
      {
        id: idOf('sugar'),
        restatement: true,
        cause: 'registry',
        before: { value: 91.3, revision: 1 },
        after: { value: 92.4, revision: 2, publishedAt: '2026-11-23T12:00:00+07:00' },
        difference: { value: 1.1, share: 0.0120481927710843 },
      },
      {
        id: idOf('cement'),
        restatement: true,
        cause: 'readings',
        before: { value: 96, revision: 2 },
        after: { value: 90, revision: 3 },
        difference: { value: -6, share: -0.0625 },
      },
    ]);
  });

  it.each([
    ['enterprise=cement', ['cement']],
    ['cause=registry', ['sugar']],
    ['window=P1M', []],
    ['name=water-intensity', []],
    [`name=${name}&window=P1D`, ['sugar', 'cement']],
    ['from=2026-11-23T12:00:00%2B07:00', ['sugar']],
    ['to=2026-11-23T12:00:00%2B07:00', ['cement']],
    ['from=2026-11-22&to=2026-11-23', []],
    ['from=2026-11-23&to=2026-11-24', ['sugar', 'cement']],
    ['filling=show', ['sugar', 'cement', 'cement']],
  ])('are found by %s', async (query, enterprises) => {
    expect(await idsOf(`/v1/restatements?${query}`)).toEqual(enterprises.map((one) => idOf(one)));
  });

  it.each([
    ['site=mill-site', 1],
    ['product=clinker', 1],
    ['site=mill-site&product=clinker&enterprise=cement', 1],
    ['site=sugar-site', 0],
    ['product=cement', 0],
  ])('of a site or a product are found by %s', async (query, count) => {
    const ids = await idsOf(`/v1/restatements?from=2026-09-01&to=2026-11-01&${query}`);
    expect(ids).toEqual(Array.from({ length: count }, () => clinker.id));
  });

  it.each(['no-site', 'sugar-site'])(
    'of site %s are not found by a plant that has none such',
    async (site) => {
      const refused = await world.ask(`/v1/restatements?site=${site}`, { as: 'cement' });
      expect(refusalOf(refused)).toEqual([404, 'not_found']);
    },
  );

  it('of a plant are its own', async () => {
    expect(await idsOf('/v1/restatements', 'cement')).toEqual([idOf('cement')]);
  });

  it('come in pages', async () => {
    const url = '/v1/restatements?filling=show&limit=1';
    const found: unknown[] = [];
    for (let page = await answered(url); ; page = await answered(`${url}&cursor=${page.next}`)) {
      found.push(...page.items.map(({ after }) => (after as Indicator).revision));
      if (page.next === null) break;
    }
    expect(found).toEqual([2, 3, 2]);
  });

  it('are a table for a spreadsheet', async () => {
    const { body } = await world.ask('/v1/restatements?enterprise=cement&format=csv');
    expect(body).toBe(
      'id,enterprise,site,product,name,window,start,end,unit,revision,publishedAt,restatement,cause,valueBefore,value,difference,' +
        'differenceShare,coverageBefore,coverage,withheldBefore,withheld,publishedAtBefore,voids\r\n' +
        `${idOf('cement')},cement,,,${name},P1D,2026-11-20T00:00:00+07:00,2026-11-21T00:00:00+07:00,kWh/t,3,` +
        '2026-11-23T11:00:00+07:00,true,readings,96.0,90.0,-6.0,-0.0625,1.0,1.0,,,2026-11-21T00:00:01+07:00,\r\n',
    );
    const lines = (await world.ask('/v1/restatements?format=ndjson')).body.trimEnd().split('\n');
    expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual(
      (await answered('/v1/restatements')).items,
    );
  });
});

describe('the history of an indicator', () => {
  const url = `/v1/indicators/${encodeURIComponent(idOf('cement'))}/history`;

  it('has every publication, the first one first', async () => {
    const { items } = await answered(url, 'cement');
    expect(items).toMatchObject([
      { before: null, after: { revision: 1, withheld: 'coverage' }, restatement: false },
      { after: { revision: 2, value: 96 }, restatement: false, difference: { value: null, share: null } },
      { after: { revision: 3, value: 90 }, restatement: true, difference: { value: -6 } },
    ]);
  });

  it('comes in pages, and whole as CSV', async () => {
    const first = await answered(`${url}?limit=2`);
    expect(first.items).toHaveLength(2);
    const second = await answered(`${url}?limit=2&cursor=${first.next}`);
    expect(second.items).toMatchObject([{ after: { revision: 3 } }]);
    expect(second.next).toBeNull();
    expect((await world.ask(`${url}?format=csv`)).body.trimEnd().split('\r\n')).toHaveLength(4);
  });

  it.each(['cement/water/P1D/1', 'cement', 'cement/electricity-intensity/P1W/1', 'a/b/P1D/x', 'a/b/P1D/1/2'])(
    'of %s, which never was, is not found',
    async (id) => {
      const refused = await world.ask(`/v1/indicators/${encodeURIComponent(id)}/history`);
      expect(refusalOf(refused)).toEqual([404, 'not_found']);
    },
  );

  it('of another enterprise does not exist for a plant', async () => {
    expect(refusalOf(await world.ask(url, { as: 'sugar' }))).toEqual([404, 'not_found']);
  });
});
