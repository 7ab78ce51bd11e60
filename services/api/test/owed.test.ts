import { flag } from '@songma/domain';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { owedPage, type OwedPiece } from '../src/feeds/owed-rows.ts';
import { openApi, refusalOf, type ApiWorld, type Asked } from './api-world.ts';

const quarterMs = 900_000;
const dayMs = 86_400_000;
/** Midnight in Thanh Hóa of 20 November 2026. */
const from = Date.parse('2026-11-20T00:00:00+07:00');

let world: ApiWorld;
beforeAll(async () => {
  world = await openApi();
  const { meter } = world.registry.meter('mill-power')!;
  const register = { ...meter, id: 'mill-register', kind: 'counter' };
  const steel = {
    ...meter,
    id: 'mill-steel',
    time: { zone: '+09:00', stamp: 'closes', midnight: 'ends-day' },
  };
  // All of them are there since the year's beginning, and owe what they have not sent since.
  const since = Date.parse('2026-01-01T00:00:00+07:00');
  const known = world.registry.list('meter').map(({ body }) => body);
  for (const body of [...known, register, steel]) await registerMeter({ ...body, from: since });
  await world.store('mill-power', quarters(0, 1, 2, 3, 6, 7));
  await world.store('mill-register', quarters(0, 4));
  await world.store('kiln-pm', [
    [from, 10],
    [from + 300_000, Number.NaN, flag.fault],
    [from + 1_500_000, 30, flag.calibrating],
  ]);
});
afterAll(() => world.close());

async function registerMeter(body: Record<string, unknown> & { readonly id: string }): Promise<void> {
  const expectedVersion = world.registry.get('meter', body.id)?.version ?? 0;
  const command = { kind: 'meter', entity: body.id, expectedVersion, body, by: 'test' } as const;
  const result = await world.registry.submit(command);
  if (!result.ok) throw new Error(JSON.stringify(result));
}

function quarters(...indices: number[]): number[][] {
  return indices.map((i) => [from + i * quarterMs, i]);
}

interface Answer {
  readonly at: string;
  readonly items: Record<string, unknown>[];
  readonly next: string | null;
}

async function owed(query: string, asked: Asked = { as: 'analyst' }): Promise<Answer> {
  const response = await world.ask(`/v1/owed?${query}`, asked);
  if (response.statusCode !== 200) throw new Error(response.body);
  return response.json<Answer>();
}
const until = (time: string) => `from=2026-11-20&to=2026-11-20T${time}%2B07:00`;
const brief = ({ items }: Answer) =>
  items.map((item) => [
    item['meter'],
    String(item['from']).slice(11, 16),
    String(item['to']).slice(11, 16),
    item['missing'],
  ]);

describe('what a meter owes', () => {
  it('is told with the stamps that its logger printed and with what the gap means', async () => {
    const { at, items, next } = await owed(`meter=mill-power&${until('02:00:00')}`);
    expect([at, next]).toEqual(['2026-11-23T12:00:00+07:00', null]);
    expect(items).toEqual([
      {
        meter: 'mill-power',
        kind: 'interval',
        from: '2026-11-20T01:00:00+07:00',
        to: '2026-11-20T01:30:00+07:00',
        missing: 2,
        expected: 2,
        intervalMs: quarterMs,
        firstStamp: '2026-11-20T01:00:00',
        lastStamp: '2026-11-20T01:15:00',
        effect: 'amount-missing',
      },
    ]);
  });

  it('is told by the clock of a logger elsewhere, whose stamps close and whose midnight ends the day', async () => {
    const { items } = await owed(
      'meter=mill-steel&from=2026-11-20T22:00:00%2B09:00&to=2026-11-21T00:00:00%2B09:00',
    );
    expect(items).toMatchObject([
      {
        from: '2026-11-20T20:00:00+07:00',
        firstStamp: '2026-11-20T22:15:00',
        lastStamp: '2026-11-20T00:00:00',
      },
    ]);
  });

  it('begins behind the hold of a level, whatever the status of its last reading', async () => {
    expect(brief(await owed(`meter=kiln-pm&${until('00:40:00')}`))).toEqual([
      ['kiln-pm', '00:15', '00:25', 2],
      ['kiln-pm', '00:35', '00:40', 1],
    ]);
  });

  it('is each reading of a counter in a gap, whose amount is conserved', async () => {
    const { items } = await owed(`meter=mill-register&${until('01:15:00')}`);
    expect(items).toMatchObject([{ missing: 3, effect: 'amount-conserved' }]);
  });

  it('is nothing outside of its life, and without a declared beginning nothing of before its first reading', async () => {
    const { meter } = world.registry.meter('mill-power')!;
    await registerMeter({ ...meter, id: 'mill-ended', to: from + 4 * quarterMs });
    const { from: _since, ...undeclared } = meter;
    await registerMeter({ ...undeclared, id: 'mill-silent' });
    await registerMeter({ ...undeclared, id: 'mill-begun' });
    await world.store('mill-ended', quarters(0, 1));
    await world.store('mill-begun', quarters(2, 5));
    const ended = await owed(`meter=mill-ended&${until('03:00:00')}`);
    expect(brief(ended)).toEqual([['mill-ended', '00:30', '01:00', 2]]);
    expect((await owed(`meter=mill-silent&${until('03:00:00')}`)).items).toEqual([]);
    const begun = await owed(`meter=mill-begun&${until('02:00:00')}`);
    expect(brief(begun)).toEqual([
      ['mill-begun', '00:45', '01:15', 2],
      ['mill-begun', '01:30', '02:00', 2],
    ]);
    // A span that begins in the silence of a meter that told something before it is owed from its beginning on.
    const later = await owed(
      'meter=mill-begun&from=2026-11-20T06:00:00%2B07:00&to=2026-11-20T07:00:00%2B07:00',
    );
    expect(brief(later)).toEqual([['mill-begun', '06:00', '07:00', 4]]);
    for (const id of ['mill-ended', 'mill-silent', 'mill-begun']) {
      const { version } = world.registry.get('meter', id)!;
      await world.registry.submit({
        kind: 'meter',
        entity: id,
        expectedVersion: version,
        body: null,
        by: 'test',
      });
    }
  });

  it('is no more when it has come', async () => {
    const span = 'meter=sugar-power&from=2026-11-10&to=2026-11-11';
    const [gap] = (await owed(span)).items;
    expect(gap).toMatchObject({ missing: 96 });
    const times = Array.from({ length: 96 }, (_, i) => Date.parse(String(gap!['from'])) + i * quarterMs);
    await world.store(
      'sugar-power',
      times.map((time) => [time, 1]),
    );
    expect((await owed(span)).items).toEqual([]);
  });

  it('of the last week up to what is overdue is the default', async () => {
    const { items } = await owed('meter=mill-power');
    expect(items[0]).toMatchObject({ from: '2026-11-16T12:00:00+07:00', to: '2026-11-20T00:00:00+07:00' });
    // The quarter of 11:30 was complete at 11:45 and is overdue by one interval at noon.
    expect(items.at(-1)).toMatchObject({ to: '2026-11-23T11:45:00+07:00' });
    const { items: early } = await owed('meter=mill-power&from=2026-11-23T11:45:00%2B07:00');
    expect(early).toEqual([]);
  });

  it('is joined over held readings where that is wanted', async () => {
    const { items } = await owed(`meter=mill-power&${until('03:00:00')}&join=2`);
    expect(items).toMatchObject([{ missing: 6, expected: 8 }]);
  });
});

describe('the meters', () => {
  const metersOf = ({ items }: Answer) => [...new Set(items.map(({ meter }) => meter))];

  it('are all that the reader knows of, or those of an enterprise, a site or a list, in ascending id', async () => {
    const all = ['kiln-pm', 'mill-power', 'mill-register', 'mill-steel', 'sugar-power'];
    expect(metersOf(await owed('', { as: 'officer' }))).toEqual(all);
    expect(metersOf(await owed('', { as: 'cement' }))).toEqual(all.slice(0, 4));
    expect(metersOf(await owed('enterprise=sugar'))).toEqual(['sugar-power']);
    expect(metersOf(await owed('site=mill-site'))).toEqual(all.slice(0, 4));
    expect(metersOf(await owed('meter=sugar-power,kiln-pm'))).toEqual(['kiln-pm', 'sugar-power']);
    expect(metersOf(await owed('meter=sugar-power,kiln-pm&site=sugar-site'))).toEqual(['sugar-power']);
  });

  it.each(['meter=sugar-power', 'meter=mill-power,sugar-power', 'site=sugar-site', 'enterprise=sugar'])(
    'do not exist for a foreign plant that asks for %s',
    async (query) => {
      const foreign = await world.ask(`/v1/owed?${query}`, { as: 'cement' });
      expect(refusalOf(foreign)).toEqual([404, 'not_found']);
      const absent = await world.ask(`/v1/owed?${query.replaceAll('sugar', 'absent')}`, { as: 'cement' });
      const detail = (response: typeof foreign) => response.json<{ detail: string }>().detail;
      expect(detail(foreign).replaceAll('sugar', 'absent')).toBe(detail(absent));
    },
  );
});

describe('a long answer', () => {
  /** Every third quarter of ten days is missing. */
  beforeAll(() =>
    world.store(
      'mill-steel',
      Array.from({ length: 960 }, (_, i) => [from - 30 * dayMs + i * quarterMs, i]).filter(
        (_, i) => i % 3 !== 0,
      ),
    ),
  );
  const query = 'site=mill-site&from=2026-10-21&to=2026-10-31';

  it.each([1000, 7])('is the same in pages of %d', async (limit) => {
    const whole = (await owed(`${query}&limit=1000`)).items;
    expect(whole.length).toBe(3 + 320);
    const gathered: unknown[] = [];
    for (let cursor = ''; ;) {
      const page = await owed(`${query}&limit=${limit}${cursor}`);
      gathered.push(...page.items);
      if (page.next === null) break;
      cursor = `&cursor=${page.next}`;
    }
    expect(gathered).toEqual(whole);
  });

  it('is the same as CSV and NDJSON, which name the next page in the Link header', async () => {
    const { items, next } = await owed(`${query}&limit=5`);
    const csv = await world.ask(`/v1/owed?${query}&limit=5`, { headers: { accept: 'text/csv' } });
    const [head, ...rows] = csv.body.trimEnd().split('\r\n');
    expect(head).toBe(Object.keys(items[0]!).join(','));
    expect(rows).toEqual(items.map((item) => Object.values(item).join(',')));
    expect(csv.headers['link']).toContain(`cursor=${next}`);
    const ndjson = await world.ask(`/v1/owed?${query}&limit=5&format=ndjson`);
    expect(
      ndjson.body
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line) as unknown),
    ).toEqual(items);
  });

  it('ends a page when it has looked through enough readings, and says where to go on', async () => {
    const pieces = ['kiln-pm', 'mill-power', 'mill-steel'].map((meter): OwedPiece => ({
      row: undefined,
      after: [meter, from, 0],
      readings: 500,
    }));
    const pageFor = (readingsMax: number) =>
      owedPage(
        (async function* () {
          yield* pieces;
        })(),
        { itemsMax: 10, readingsMax },
      );
    expect(await pageFor(1000)).toEqual({ items: [], next: ['mill-power', from, 0] });
    expect(await pageFor(1001)).toEqual({ items: [], next: undefined });
  });

  it('refuses a cursor of another query', async () => {
    const { next } = await owed(`${query}&limit=5`);
    expect(refusalOf(await world.ask(`/v1/owed?${query}&join=1&cursor=${next}`))).toEqual([
      400,
      'cursor_invalid',
    ]);
  });
});
