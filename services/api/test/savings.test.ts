import { dateIn, type Meter } from '@songma/domain';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { firstKnownUs, noon, openApi, refusalOf, type ApiWorld } from './api-world.ts';

const zone = 'Asia/Ho_Chi_Minh';
const dayMs = 86_400_000;
/** Tonnes a day of each month of 2025, and of January to October of 2026. */
const made = {
  2025: [100, 120, 90, 110, 130, 95, 105, 125, 115, 100, 85, 140],
  2026: [110, 115, 0, 120, 105, 100, 130, 90, 125, 110],
} as const;
/** A base load of 2,000 kWh a day and 50 kWh a tonne, with what neither explains; from June 2026 a tenth less. */
const used = (year: 2025 | 2026, month: number) =>
  (year === 2026 && month >= 5 ? 0.9 : 1) * (2000 + 50 * made[year][month]!) + [60, -40, -20][month % 3]!;

const days = (year: 2025 | 2026) =>
  made[year].flatMap((_, month) => {
    const first = Date.parse(`${year}-${String(month + 1).padStart(2, '0')}-01T00:00:00+07:00`);
    const count = new Date(Date.UTC(year, month + 1, 0)).getUTCDate();
    return Array.from({ length: count }, (_day, i) => ({ time: first + i * dayMs, year, month }));
  });
const all = [...days(2025), ...days(2026)];
const monthDays = (year: 2025 | 2026, month: number) =>
  days(year).filter((day) => day.month === month).length;

const daily = { site: 'mill-site', kind: 'interval', intervalMs: dayMs } as const;
const meters: readonly (Pick<Meter, 'id' | 'quantity' | 'unit'> & typeof daily)[] = [
  { ...daily, id: 'mill-kwh', quantity: 'electricity', unit: 'kWh' },
  { ...daily, id: 'mill-tonnes', quantity: 'production', unit: 't' },
];
const power2025 = {
  enterprise: 'cement',
  name: 'Điện theo sản lượng, 2025',
  resource: 'electricity',
  meters: ['mill-kwh', 'mill-tonnes'],
  period: 'P1M',
  from: '2025-01-01',
  to: '2026-01-01',
  model: 'regression',
  drivers: ['production'],
  reason: 'the year before the assessment',
};

let world: ApiWorld;
beforeAll(async () => {
  world = await openApi();
  for (const { id, ...meter } of meters) await put(`/v1/meters/${id}`, { ...meter, name: id });
  await put('/v1/baselines/power-2025', power2025);
  // July 2026 lacks five days of energy, April 2025 all of its production.
  const kwh = all.filter(({ year, month }, i) => !(year === 2026 && month === 6 && i % 31 < 5));
  const tonnes = all.filter(({ year, month }) => !(year === 2025 && month === 3));
  const last = all.at(-1)!.time + dayMs;
  await world.store(
    'mill-kwh',
    kwh.map(({ time, year, month }) => [time, used(year, month)]),
  );
  await world.rollUp('mill-kwh', all[0]!.time, last);
  await world.store(
    'mill-tonnes',
    tonnes.map(({ time, year, month }) => [time, made[year][month]!]),
  );
  await world.rollUp('mill-tonnes', all[0]!.time, last);
});
afterAll(() => world.close());

async function put(
  url: string,
  body: unknown,
  precondition: Record<string, string> = { 'if-none-match': '*' },
) {
  const written = await world.ask(url, { method: 'PUT', body, headers: precondition });
  if (written.statusCode >= 300) throw new Error(written.body);
}

interface Row {
  readonly start: string;
  readonly end: string;
  readonly leftOut: string | null;
  readonly flags: string[];
  readonly [number: string]: unknown;
}
interface Answer {
  readonly items: Row[];
  readonly factors: unknown[];
  readonly model: {
    readonly kind: string | null;
    readonly criteria: { readonly name: string; readonly passed: boolean }[];
    readonly regression: { readonly coefficients: { readonly name: string; readonly value: number }[] };
    readonly ratio: { readonly intensity: number } | null;
    readonly leftOut: { readonly start: string; readonly reason: string }[];
    readonly [fact: string]: unknown;
  };
  readonly totals: { readonly [name: string]: number | null };
  readonly targets: { readonly id: string; readonly verdict: string | null; readonly covered: boolean }[];
  readonly norm: { readonly years: Record<string, unknown>[] } | null;
  readonly [field: string]: unknown;
}

/** A value as CSV shows it. */
function cellOf(value: unknown): string {
  return Array.isArray(value) ? value.join(';') : String((value as string | number | null) ?? '');
}

async function answer(query: string): Promise<Answer> {
  const response = await world.ask(`/v1/savings?${query}`, { as: 'analyst' });
  if (response.statusCode !== 200) throw new Error(response.body);
  return response.json<Answer>();
}

/** The line through the months of 2025 that are known, by the textbook's sums. */
function line(): { readonly base: number; readonly slope: number } {
  const points = made[2025]
    .map((tonnes, month) => {
      const count = monthDays(2025, month);
      return { month, x: tonnes * count, y: used(2025, month) * count };
    })
    .filter(({ month }) => month !== 3);
  const n = points.length;
  const sum = (of: (point: { x: number; y: number }) => number) =>
    points.reduce((s, point) => s + of(point), 0);
  const slope =
    (n * sum(({ x, y }) => x * y) - sum(({ x }) => x) * sum(({ y }) => y)) /
    (n * sum(({ x }) => x * x) - sum(({ x }) => x) ** 2);
  return { slope, base: (sum(({ y }) => y) - slope * sum(({ x }) => x)) / n };
}

describe('savings against a regression', () => {
  it('begin at the end of the baseline, and tell the months that are over', async () => {
    const {
      items,
      baseline,
      unit,
      productionUnit,
      timeZone,
      meters: counted,
    } = await answer('baseline=power-2025');
    expect(items.map(({ start }) => start.slice(0, 7))).toEqual(
      Array.from({ length: 10 }, (_, i) => `2026-${String(i + 1).padStart(2, '0')}`),
    );
    expect(items[0]).toMatchObject({ start: '2026-01-01T00:00:00+07:00', end: '2026-02-01T00:00:00+07:00' });
    expect(baseline).toMatchObject({ id: 'power-2025', version: 1, site: null, model: 'regression' });
    expect([unit, productionUnit, timeZone]).toEqual(['kWh', 't', zone]);
    expect(counted).toEqual({ resource: ['mill-kwh'], production: ['mill-tonnes'] });
  });

  it('stand on the line of the known months, with every criterion named', async () => {
    const { model } = await answer('baseline=power-2025');
    const { base, slope } = line();
    expect(model).toMatchObject({ kind: 'regression', refused: false, accepted: true, periods: 11 });
    const [baseLoad, production] = model.regression.coefficients;
    expect([baseLoad!.name, production!.name]).toEqual(['base-load', 'production']);
    expect(baseLoad!.value / base).toBeCloseTo(1, 9);
    expect(production!.value / slope).toBeCloseTo(1, 9);
    expect(model.criteria.map(({ name, passed }) => [name, passed])).toEqual([
      ['span-days', true],
      ['degrees-of-freedom', true],
      ['independent-drivers', true],
      ['r2', true],
      ['cv-rmse', true],
      ['f-p', true],
      ['driver-p', true],
    ]);
    expect(model.leftOut.map(({ start, reason }) => [start, reason])).toEqual([
      ['2025-04-01T00:00:00+07:00', 'production-missing'],
    ]);
  });

  it('are month by month what the line expects less what was used, and fall in the CUSUM', async () => {
    const { items, totals } = await answer('baseline=power-2025');
    const { base, slope } = line();
    let [cusum, actual, expected] = [0, 0, 0];
    for (const [month, row] of items.entries()) {
      if (month === 6) continue;
      const count = monthDays(2026, month);
      const wanted = base + slope * made[2026][month]! * count;
      const was = used(2026, month) * count;
      cusum += was - wanted;
      [actual, expected] = [actual + was, expected + wanted];
      expect(row).toMatchObject({ leftOut: null, coverage: 1 });
      expect(row['actual']).toBeCloseTo(was, 6);
      expect(row['expected']).toBeCloseTo(wanted, 4);
      expect(row['cusum']).toBeCloseTo(cusum, 4);
    }
    expect(totals).toMatchObject({ periods: 9, leftOut: 1 });
    expect(totals['saving']).toBeCloseTo(expected - actual, 4);
    expect(totals['savingShare']).toBeCloseTo(1 - actual / expected, 9);
    expect(totals['productivityGain']).toBeCloseTo(expected / actual - 1, 9);
  });

  it('name what is left out, and tell zero production from none that is known', async () => {
    const { items } = await answer('baseline=power-2025&from=2025-04-01');
    expect(items[0]).toMatchObject({
      leftOut: 'production-missing',
      production: null,
      flags: ['in-baseline'],
    });
    const july = items.find(({ start }) => start.startsWith('2026-07'))!;
    expect(july).toMatchObject({ leftOut: 'coverage', expected: null, saving: null });
    expect(july['coverage']).toBeCloseTo(26 / 31, 12);
    const march = items.find(({ start }) => start.startsWith('2026-03'))!;
    expect(march).toMatchObject({
      leftOut: null,
      production: 0,
      intensity: null,
      flags: ['outside-range', 'zero-production'],
      outside: ['production'],
    });
    expect(march['actual']).toBeCloseTo(31 * 1980, 6);
  });

  it('date the change, over the baseline and after', async () => {
    const { changePoint, totals } = await answer('baseline=power-2025&from=2025-01-01');
    // Of the twenty months that count the last four lie below all others: clear to see, too few to be sure.
    const p = 2 * Math.exp((-6 * 64 ** 2) / (20 ** 3 + 20 ** 2));
    expect(changePoint).toMatchObject({
      at: '2026-06-01T00:00:00+07:00',
      statistic: 64,
      p,
      significant: false,
    });
    expect(totals).toEqual((await answer('baseline=power-2025')).totals);
  });

  it('are judged against the target bands in force at their end', async () => {
    const bands = async (query: string) =>
      (await answer(`baseline=power-2025&${query}`)).targets.map(({ id, verdict, covered }) => [
        id,
        verdict,
        covered,
      ]);
    expect(await bands('from=2026-08-01')).toEqual([['889-2030', 'within', false]]);
    expect(await bands('from=2026-01-01&to=2026-03-01')).toEqual([['889-2030', 'below', false]]);
    expect(await bands('from=2025-01-01&to=2025-03-01')).toEqual([['889-2025', null, false]]);
  });

  it('hold the same rows as CSV and NDJSON', async () => {
    const { items } = await answer('baseline=power-2025');
    const ask = async (format: string) =>
      (await world.ask(`/v1/savings?baseline=power-2025&format=${format}`)).body.trimEnd();
    const lines = (await ask('ndjson')).split('\n');
    expect(lines.map((text) => JSON.parse(text) as unknown)).toEqual(items);
    const [head, ...rows] = (await ask('csv')).split('\r\n');
    expect(head).toBe(
      'start,end,actual,production,intensity,expected,saving,cusum,adjustment,coverage,matchedShare,leftOut,flags,outside',
    );
    const cells = items.map((item) => Object.values(item).map(cellOf));
    const asTold = (cell: string) => cell.replace(/^(-?\d+)\.0$/, '$1');
    expect(rows.map((row) => row.split(',').map(asTold))).toEqual(cells);
    const accepted = await world.ask('/v1/savings?baseline=power-2025', { headers: { accept: 'text/csv' } });
    expect(accepted.headers['content-type']).toContain('text/csv');
  });

  it('of a span that has not begun are none', async () => {
    const { items, totals } = await answer('baseline=power-2025&from=2026-11-01');
    expect(items).toEqual([]);
    expect(totals).toMatchObject({ periods: 0, saving: null });
  });
});

describe('an adjustment and a correction', () => {
  const before = `&asOf=${encodeURIComponent(new Date(noon).toISOString())}`;
  const later = `&asOf=${encodeURIComponent(new Date(noon + dayMs).toISOString())}`;
  const augustOf = async (more: string) =>
    (await answer(`baseline=adjusted-2025&from=2026-08-01&to=2026-09-01${more}`)).items[0]!;

  it('change the answer, and the one that was given before stays to be asked for', async () => {
    await put('/v1/baselines/adjusted-2025', power2025);
    const plain = await augustOf('');
    expect(await augustOf(before)).toEqual(plain);

    const trial = {
      from: '2026-08-01',
      to: '2026-08-11',
      amount: 1.5,
      unit: 'MWh',
      reason: 'trial',
      by: 'An',
    };
    const [date] = [Date.parse('2026-08-05T00:00:00+07:00')];
    await world.store('mill-kwh', [[date, used(2026, 7) + 1000]], (noon + dayMs / 2) * 1000);
    await put('/v1/baselines/adjusted-2025', { ...power2025, adjustments: [trial] }, { 'if-match': '"1"' });
    const corrected = await augustOf(later);
    expect(corrected['adjustment']).toBe(1500);
    expect(Number(corrected['expected']) - Number(plain['expected'])).toBeCloseTo(1500, 6);
    expect(Number(corrected['actual']) - Number(plain['actual'])).toBeCloseTo(1000, 6);
    expect((await augustOf(before))['actual']).toBe(plain['actual']);
  });

  it('of a baseline that was not there yet cannot be asked for', async () => {
    const early = new Date(firstKnownUs / 1000).toISOString();
    const refused = await world.ask(`/v1/savings?baseline=power-2025&asOf=${encodeURIComponent(early)}`);
    expect(refusalOf(refused)).toEqual([404, 'not_found']);
  });
});

describe('a regression that is not accepted', () => {
  it('gives way to the ratio, and is shown with what failed', async () => {
    const short = { ...power2025, to: '2025-04-01' };
    await put('/v1/baselines/first-quarter', short);
    const { model, items } = await answer('baseline=first-quarter&from=2025-05-01&to=2025-06-01');
    expect(model).toMatchObject({ kind: 'ratio', refused: true, accepted: false });
    expect(model.criteria.filter(({ passed }) => !passed).map(({ name }) => name)).toContain('span-days');
    expect(model.regression.coefficients.length).toBe(2);
    const sum = (of: (month: number) => number) =>
      [0, 1, 2].reduce((all2, month) => all2 + monthDays(2025, month) * of(month), 0);
    const intensity = sum((month) => used(2025, month)) / sum((month) => made[2025][month]!);
    expect(model.ratio!.intensity).toBeCloseTo(intensity, 9);
    expect(items[0]!['expected']).toBeCloseTo(intensity * 31 * made[2025][4], 4);
  });

  it('stands on what is over of a baseline that still runs', async () => {
    await put('/v1/baselines/this-year', { ...power2025, from: '2026-01-01', to: '2027-01-01' });
    const { model } = await answer('baseline=this-year&from=2026-10-01');
    expect(model).toMatchObject({ refused: true, periods: 9 });
    expect(model.criteria[0]).toMatchObject({ name: 'span-days', value: 304, passed: false });
  });

  it('leaves nothing where no production is known either', async () => {
    await put('/v1/baselines/april', { ...power2025, period: 'P1D', from: '2025-04-01', to: '2025-05-01' });
    const { model, items } = await answer('baseline=april&from=2025-05-01&to=2025-05-03');
    expect(model).toMatchObject({ kind: null, withheld: 'no-production-reported' });
    expect(items.map(({ start, expected }) => [start.slice(0, 10), expected])).toEqual([
      ['2025-05-01', null],
      ['2025-05-02', null],
    ]);
  });
});

describe('a baseline of energy', () => {
  const energy = { ...power2025, resource: 'energy', model: 'ratio', drivers: [], norm: 'steel-cold-rolled' };

  it('is judged against its norm year by year, and not past the norm’s time', async () => {
    await put('/v1/baselines/energy-2025', energy);
    const { norm } = await answer('baseline=energy-2025&from=2025-01-01');
    const known = days(2025).filter(({ month }) => month !== 3);
    const kwh = known.reduce((sum, { month }) => sum + used(2025, month), 0);
    const tonnes = known.reduce((sum, { month }) => sum + made[2025][month]!, 0);
    expect(norm).toMatchObject({
      id: 'steel-cold-rolled',
      unit: 'MJ/t',
      document: '20/2016/TT-BCT',
      verified: false,
      assurance: 'press',
    });
    expect(norm!.years).toMatchObject([
      { year: '2025', verdict: 'within', bound: 1500, share: known.length / 365, endedOn: null },
      { year: '2026', verdict: 'none-in-force', bound: null, endedOn: '2026-01-01' },
    ]);
    expect(norm!.years[0]!['value']).toBeCloseTo((3.6 * kwh) / tonnes, 9);
  });

  it('is refused while a fuel of its scope cannot be added up, with the way out in both languages', async () => {
    await put('/v1/meters/mill-coal', { ...daily, name: 'Than', quantity: 'fuel', unit: 't' });
    await put('/v1/baselines/all-energy', { ...energy, meters: [] });
    const refused = await world.ask('/v1/savings?baseline=all-energy', {
      headers: { 'accept-language': 'vi' },
    });
    expect(refusalOf(refused)).toEqual([409, 'baseline_meters_unconvertible']);
    expect(refused.json<{ detail: string }>().detail).toContain('"mill-coal" (t)');
    expect((await answer('baseline=energy-2025')).model.kind).toBe('ratio');
  });

  it('counts fuel by the calorific value in force, which the answer names and a later one restates', async () => {
    const first = days(2026)[0]!.time;
    await put('/v1/meters/mill-oil', {
      ...daily,
      name: 'DO',
      quantity: 'fuel',
      unit: 't',
      carrier: 'mill-do',
    });
    const daysOfOil = { ...energy, meters: ['mill-kwh', 'mill-oil', 'mill-tonnes'], period: 'P1D' };
    await put('/v1/baselines/with-oil', daysOfOil);
    await world.store('mill-oil', [[first, 0.5]]);
    await world.rollUp('mill-oil', first, first + dayMs);
    const daysAsked = 'baseline=with-oil&from=2026-01-01&to=2026-01-02';
    const before = await answer(daysAsked);
    expect(before.items).toMatchObject([{ leftOut: 'factor-missing', actual: null }]);
    expect(before.factors).toEqual([]);

    const source = { document: 'Phiếu phân tích 17/2026', verified: true };
    const ncv = { name: 'NCV', kind: 'ncv', carrier: 'mill-do', value: 42, unit: 'MJ', per: 'kg', source };
    await put('/v1/factors/mill-do-ncv', ncv);
    const after = await answer(daysAsked);
    expect(after.factors).toEqual([
      { id: 'mill-do-ncv', version: 1, verified: true, assurance: 'text', provisional: false },
    ]);
    expect(after.items[0]!['actual']).toBeCloseTo(3.6 * used(2026, 0) + 21_000, 6);
  });
});

describe('sites by other clocks', () => {
  it('give the day that bears the same date', async () => {
    const [from, to] = ['2026-03-01', '2026-03-03'];
    const sites = [
      ['hanoi', zone],
      ['tokyo', 'Asia/Tokyo'],
    ] as const;
    await put('/v1/enterprises/two', { name: 'Hai nơi', sector: '2410' });
    for (const [i, [id, timeZone]] of sites.entries()) {
      await put(`/v1/sites/${id}`, { enterprise: 'two', name: id, timeZone });
      const offset = i === 0 ? '+07:00' : '+09:00';
      for (const [quantity, unit, value] of [
        ['electricity', 'kWh', 100],
        ['production', 't', 10],
      ] as const) {
        const meter = `${id}-${quantity}`;
        await put(`/v1/meters/${meter}`, { ...daily, site: id, name: meter, quantity, unit });
        const first = Date.parse(`${from}T00:00:00${offset}`);
        await world.store(meter, [
          [first, value * (i + 1)],
          [first + dayMs, 3 * value * (i + 1)],
        ]);
        await world.rollUp(meter, first, Date.parse(`${to}T00:00:00${offset}`));
      }
    }
    const { meters: _all, drivers: _none, ...facts } = power2025;
    await put('/v1/baselines/two-days', {
      ...facts,
      enterprise: 'two',
      model: 'ratio',
      period: 'P1D',
      from,
      to,
    });
    const { items, model } = await answer(`baseline=two-days&from=${from}&to=${to}`);
    expect(items.map(({ start, actual, production }) => [start, actual, production])).toEqual([
      ['2026-03-01T00:00:00+07:00', 300, 30],
      ['2026-03-02T00:00:00+07:00', 900, 90],
    ]);
    expect(model.ratio).toEqual({ resource: 1200, production: 120, intensity: 10 });
    expect(dateIn(zone, Date.parse(items[0]!.start))).toBe(from);
  });
});
