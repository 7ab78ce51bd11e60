import { flag, roundTo15Digits, type EntityKind } from '@songma/domain';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openApi, type ApiWorld, type Asked } from './api-world.ts';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;
/** Midnight in Thanh Hóa of 20 November 2026. */
const from = Date.parse('2026-11-20T00:00:00+07:00');

let world: ApiWorld;

async function register(
  kind: EntityKind,
  body: Readonly<Record<string, unknown>> & { readonly id: string },
): Promise<void> {
  const expectedVersion = world.registry.get(kind, body.id)?.version ?? 0;
  const result = await world.registry.submit({ kind, entity: body.id, expectedVersion, body, by: 'test' });
  if (!result.ok) throw new Error(JSON.stringify(result));
}

/** The kiln operates while its flow is above so much. */
async function operate(above: number): Promise<void> {
  const { body } = world.registry.get('source', 'kiln-stack')!;
  await register('source', { ...body, operating: { meter: 'kiln-flow', above } });
}

/** Readings of five minutes over some hours of the day. */
function readings(firstHour: number, hours: number, value: number, flags = 0): number[][] {
  return Array.from({ length: hours * 12 }, (_, i) => [
    from + firstHour * hourMs + i * 5 * minuteMs,
    value,
    flags,
  ]);
}

beforeAll(async () => {
  world = await openApi();
  const { meter } = world.registry.meter('kiln-pm')!;
  await register('meter', {
    ...meter,
    id: 'kiln-flow',
    quantity: 'flow',
    unit: 'm3/h',
    validRange: undefined,
  });
  await register('meter', { ...meter, id: 'hall-pm', source: undefined });
  await operate(1000);
  // Twelve hours of operation; nine are valid, one is calibrating, one at fault, one silent.
  const flow = [...readings(0, 12, 2000), ...readings(12, 12, 0)];
  const dust = [
    // The first hour lacks its last quarter.
    ...readings(0, 9, 30).filter(([time]) => time! < from + 45 * minuteMs || time! >= from + hourMs),
    ...readings(9, 1, 30, flag.calibrating),
    ...readings(10, 1, 30, flag.fault),
    ...readings(12, 12, 30),
  ];
  const hall = [...readings(0, 6, 1), ...readings(3 * 24, 9, 1)];
  for (const [id, given] of Object.entries({ 'kiln-flow': flow, 'kiln-pm': dust, 'hall-pm': hall })) {
    await world.store(id, given);
    await world.rollUp(id, from, from + 4 * dayMs);
  }
});
afterAll(() => world.close());

interface Answer {
  readonly at: string;
  readonly items: Record<string, unknown>[];
  readonly next: string | null;
}
async function available(query: string, asked: Asked = { as: 'analyst' }): Promise<Answer> {
  const response = await world.ask(`/v1/availability?${query}`, asked);
  if (response.statusCode !== 200) throw new Error(response.body);
  return response.json<Answer>();
}
const friday = 'from=2026-11-20&to=2026-11-21&window=P1D';

describe('availability', () => {
  it('is over the hours in which the source operated, and tells where the others went', async () => {
    const { items, next } = await available(`meter=kiln-pm&${friday}`);
    expect(next).toBeNull();
    expect(items).toEqual([
      {
        meter: 'kiln-pm',
        source: 'kiln-stack',
        start: '2026-11-20T00:00:00+07:00',
        end: '2026-11-21T00:00:00+07:00',
        basis: 'operating',
        rule: 'share',
        shareMin: 0.75,
        hours: 24,
        operatingHours: 12,
        unknownHours: 0,
        validHours: 9,
        availability: 0.75,
        calibratingHours: 1,
        // What was at fault holds ten minutes on, as a value would; the first hour lacks ten minutes.
        faultHours: 1.08333333333333,
        outOfRangeHours: 0,
        silentHours: 1.08333333333333,
      },
    ]);
  });

  it('goes by quadrants, or by a share, where that is asked', async () => {
    const rules = ['quadrants', '0.75', '0.95'].map(async (rule) => {
      const { items } = await available(`meter=kiln-pm&${friday}&validity=${rule}`);
      return [items[0]!['rule'], items[0]!['shareMin'], items[0]!['validHours']];
    });
    expect(await Promise.all(rules)).toEqual([
      ['quadrants', null, 8],
      ['share', 0.75, 9],
      ['share', 0.95, 8],
    ]);
  });

  it('goes by the rule of the meter’s limit unless told', async () => {
    const { body } = world.registry.get('limit', 'kiln-dust')!;
    await register('limit', { ...body, validity: { rule: 'quadrants' } });
    const { items } = await available(`meter=kiln-pm&${friday}`);
    expect(items[0]).toMatchObject({ rule: 'quadrants', validHours: 8 });
    await register('limit', body);
  });

  it('is over the calendar without a signal, and says so', async () => {
    const { items } = await available(`meter=hall-pm&${friday}`);
    expect(items[0]).toMatchObject({
      ...{ basis: 'calendar', source: null, unknownHours: null },
      ...{ hours: 24, operatingHours: 24, validHours: 6, availability: 0.25 },
    });
  });

  it('counts no hour that is not over', async () => {
    // It is noon of the 23rd.
    const { items, at } = await available('meter=hall-pm&from=2026-11-23&window=P1D');
    expect(at).toBe('2026-11-23T12:00:00+07:00');
    expect(items).toMatchObject([
      { hours: 12, validHours: 9, availability: 0.75, silentHours: roundTo15Digits(3 - 1 / 12) },
    ]);
    const [tomorrow] = (await available('meter=hall-pm&from=2026-11-24&to=2026-11-25&window=P1D')).items;
    expect(tomorrow).toMatchObject({ hours: 0, availability: null });
  });

  it('takes a source whose signal is silent to operate, and tells how long', async () => {
    const { items } = await available('meter=kiln-pm&from=2026-11-21&to=2026-11-22&window=P1D');
    // The flow’s last reading holds ten minutes into the day, and says that it was off.
    expect(items[0]).toMatchObject({ hours: 24, operatingHours: 23, unknownHours: 23, availability: 0 });
  });

  it('is null where the source did not operate', async () => {
    await operate(5000);
    const { items } = await available(`meter=kiln-pm&${friday}`);
    expect(items[0]).toMatchObject({ operatingHours: 0, validHours: 0, availability: null });
    await operate(1000);
  });

  it('of a site is of its levels, in pages that go on where they ended', async () => {
    const query = 'site=mill-site&from=2026-11-20&to=2026-11-22&window=P1D';
    const whole = await available(query);
    const key = (item: Record<string, unknown>) =>
      `${String(item['meter'])} ${String(item['start']).slice(8, 10)}`;
    expect(whole.items.map(key)).toEqual([
      ...['hall-pm 20', 'hall-pm 21', 'kiln-flow 20', 'kiln-flow 21', 'kiln-pm 20', 'kiln-pm 21'],
    ]);
    const paged: unknown[] = [];
    for (let next: string | null = ''; next !== null;) {
      const cursor: string = next === '' ? '' : `&cursor=${next}`;
      const page: Answer = await available(`${query}&limit=1${cursor}`);
      expect(page.items).toHaveLength(1);
      paged.push(...page.items);
      next = page.next;
    }
    expect(paged).toEqual(whole.items);
  });

  it('of months and years adds the days up, from the first reading on', async () => {
    for (const window of ['P1M', 'P1Y']) {
      const { items } = await available(`meter=hall-pm&from=2026-11-20&window=${window}`);
      const hours = 3 * 24 + 12;
      expect(items).toMatchObject([{ hours, validHours: 15, availability: roundTo15Digits(15 / hours) }]);
    }
  });

  it('is null where nothing had been read yet', async () => {
    const { items } = await available('meter=hall-pm&from=2026-09-01&to=2026-11-01&window=P1M');
    expect(items).toMatchObject([
      { hours: 0, availability: null },
      { hours: 0, availability: null },
    ]);
  });

  it('comes as CSV too', async () => {
    const { body, headers } = await world.ask(`/v1/availability?meter=kiln-pm&${friday}&format=csv`);
    expect(headers['content-type']).toMatch(/^text\/csv/);
    const [head, row] = body.split('\r\n');
    expect(head).toMatch(/^meter,source,start,end,basis,rule,shareMin,hours,/);
    expect(row).toMatch(/^kiln-pm,kiln-stack,2026-11-20T00:00:00\+07:00,/);
  });

  it('as of a date is that of the readings, and of the signal, that were known then', async () => {
    const asOf = async (time: string) => {
      const then = encodeURIComponent(`2026-11-23T${time}+07:00`);
      return (await available(`meter=kiln-pm&${friday}&asOf=${then}`)).items[0];
    };
    const stands = (await available(`meter=kiln-pm&${friday}`)).items[0];
    expect(await asOf('12:00:00')).toEqual(stands);
    // The readings were known an hour before the signal was registered.
    expect(await asOf('11:30:00')).toMatchObject({ basis: 'calendar', operatingHours: 24, validHours: 21 });
    // Nothing had been read by then.
    expect(await asOf('10:30:00')).toMatchObject({ hours: 0, validHours: 0, availability: null });
  });
});
