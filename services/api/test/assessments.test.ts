import { assessmentTasks, type Indicator } from '@songma/domain';
import { assessmentSteps } from '@songma/indicators';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { noon, refusalOf, type ApiWorld, type KeyName } from './api-world.ts';
import { openMills, put } from './programme-world.ts';

const start = Date.parse('2025-11-01T00:00:00+07:00');
const end = Date.parse('2026-11-01T00:00:00+07:00');

let world: ApiWorld;
beforeAll(async () => {
  world = await openMills([{ id: 'alpha', sector: '2394', intensity: 90 }]);
  await put(world, '/v1/assessments/alpha', {
    tasks: [
      { task: 1, state: 'done', on: '2026-01-05', evidence: 'Biên bản 1' },
      { task: 2, state: 'under-way', on: '2026-02-01', note: 'còn công đoạn nghiền' },
    ],
  });
  await publish('electricity-intensity', 'kWh/t', { value: 90, numerator: 900_000, denominator: 10_000 });
  await publish('waste-water-intensity', 'm3/t', { value: 0.5, numerator: 5000, denominator: 10_000 });
  await publish('water-intensity', 'm3/t', { value: null, withheld: 'coverage', coverage: 0.6 });
  await publish('pollutant-intensity:NOx', 'kg/t', { value: 0.2, numerator: 2000, denominator: 10_000 });
  await publish('energy-productivity', 't/MJ', { value: 0.01 });
});
afterAll(() => world.close());

function publish(name: string, unit: string, fields: Partial<Indicator>) {
  const after: Indicator = {
    ...{ id: `alpha/${name}/R12M/${start}`, enterprise: 'alpha', name, window: 'R12M', start, end, unit },
    ...{ value: null, coverage: 1, withheld: null, numerator: null, denominator: null, inputs: [] },
    ...{ revision: 1, publishedAt: noon, ...fields },
  };
  return world.publish({ id: after.id, before: null, after, cause: 'readings' });
}

interface Row {
  readonly enterprise: string;
  readonly step: number;
  readonly task: number;
  readonly state: string;
  readonly feeds: readonly { readonly name: string; readonly value: number | null; readonly href: string }[];
}
async function tasks(query = 'enterprise=alpha', as: KeyName = 'chief') {
  const answer = await world.ask(`/v1/programme/assessments?${query}`, { as });
  expect(answer.statusCode, answer.body).toBe(200);
  return answer.json<{ items: Row[]; next: string | null }>();
}
const feedsOf = async (task: number) => (await tasks()).items.find((row) => row.task === task)!.feeds;

describe('the assessment', () => {
  it('has six steps of eighteen tasks, numbered through, in both languages', () => {
    const all = assessmentSteps.flatMap((step) => step.tasks);
    expect(assessmentSteps.map(({ step }) => step)).toEqual([1, 2, 3, 4, 5, 6]);
    expect(all.map(({ task }) => task)).toEqual(Array.from({ length: assessmentTasks }, (_, i) => i + 1));
    expect(assessmentSteps.map((step) => step.tasks.length)).toEqual([3, 4, 2, 4, 3, 2]);
    expect(all.filter(({ feed }) => feed !== undefined).map(({ task }) => task)).toEqual([2, 5, 6, 16, 17]);
    for (const { title } of [...assessmentSteps, ...all]) expect(title.vi).not.toBe(title.en);
  });
});

describe('GET /v1/programme/assessments', () => {
  it('tells each task with its state, and those without an entry as not started', async () => {
    const { items, next } = await tasks();
    expect([items.length, next]).toEqual([18, null]);
    expect(items[0]).toMatchObject({
      step: 1,
      task: 1,
      state: 'done',
      on: '2026-01-05',
      evidence: 'Biên bản 1',
    });
    expect(items[1]).toMatchObject({ task: 2, state: 'under-way', note: 'còn công đoạn nghiền' });
    expect(items.slice(2).every(({ state }) => state === 'not-started')).toBe(true);
  });

  it('does not count an entry of a later date', async () => {
    const { items } = await tasks('enterprise=alpha&at=2026-01-31');
    expect(items.slice(0, 2).map(({ state }) => state)).toEqual(['done', 'not-started']);
  });

  it('feeds norms, the balance and waste streams from the twelve months', async () => {
    const told = async (task: number) => (await feedsOf(task)).map(({ name, value }) => [name, value]);
    expect(await told(2)).toEqual([
      ['electricity-intensity', 90],
      ['waste-water-intensity', 0.5],
      ['water-intensity', null],
    ]);
    expect(await told(5)).toEqual([
      ['electricity', 900_000],
      ['production/electricity', 10_000],
      ['waste-water', 5000],
      ['production/waste-water', 10_000],
      ['water', null],
      ['production/water', null],
    ]);
    expect(await told(6)).toEqual([
      ['NOx', 2000],
      ['waste-water', 5000],
    ]);
    expect((await feedsOf(2))[2]).toMatchObject({ withheld: 'coverage' });
    expect(await told(3)).toEqual([]);
  });

  it('feeds savings and their course from the baseline, with addresses that answer', async () => {
    const [saving] = await feedsOf(16);
    expect(saving).toMatchObject({ name: 'alpha-power', missing: null });
    expect(saving!.value).toBeCloseTo(0.1, 12);
    expect(await feedsOf(17)).toMatchObject([{ name: 'alpha-power', value: null }]);
    for (const task of [2, 5, 6, 16, 17]) {
      for (const { href } of await feedsOf(task)) expect((await world.ask(href)).statusCode).toBe(200);
    }
  });

  it('comes in pages, by state, and as CSV', async () => {
    const page = await tasks('state=under-way,done&limit=1');
    expect(page.items.map(({ enterprise, task }) => [enterprise, task])).toEqual([['alpha', 1]]);
    const rest = await tasks(`state=under-way,done&limit=1&cursor=${page.next}`);
    expect(rest).toMatchObject({ items: [{ enterprise: 'alpha', task: 2 }], next: null });
    const all: Row[] = [];
    for (let next: string | null = ''; next !== null;) {
      const one = await tasks(`limit=7${next === '' ? '' : `&cursor=${next}`}`);
      all.push(...one.items);
      next = one.next;
    }
    expect(all).toEqual((await tasks('limit=1000')).items);
    expect(all).toHaveLength(3 * 18);
    const csv = (await world.ask('/v1/programme/assessments?enterprise=alpha&format=csv')).body.split('\r\n');
    expect(csv[2]).toBe(
      'alpha,1,Getting started,Khởi động,2,List the process steps and establish consumption norms,' +
        'Liệt kê các công đoạn và xác định định mức tiêu thụ,false,press,under-way,2026-02-01,còn công đoạn nghiền,,' +
        'electricity-intensity=90 kWh/t;waste-water-intensity=0.5 m3/t;water-intensity',
    );
  });

  it('shows a plant its own', async () => {
    const { items } = await tasks('', 'cement');
    expect(new Set(items.map(({ enterprise }) => enterprise))).toEqual(new Set(['cement']));
    const refused = await world.ask('/v1/programme/assessments?enterprise=alpha', { as: 'cement' });
    expect(refusalOf(refused)).toEqual([404, 'not_found']);
  });
});
