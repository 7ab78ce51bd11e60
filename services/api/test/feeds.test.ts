import { shiftEvidenceKinds, type ShiftEvidenceKind } from '@songma/domain';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { feedPage, type FeedRow } from '../src/feeds/feed-rows.ts';
import { registerWire } from '../src/feeds/register-wire.ts';
import { shiftEvidenceTexts, shiftWire } from '../src/feeds/shift-wire.ts';
import { firstKnownUs, noon, openApi, refusalOf, type ApiWorld, type Asked } from './api-world.ts';

const quarterMs = 900_000;
const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
const days = 12;
const from = noon - days * dayMs;

let world: ApiWorld;
beforeAll(async () => {
  world = await openApi();
  const { meter } = world.registry.meter('mill-power')!;
  for (const id of ['kiln-power', 'packing-power', 'slow-power']) {
    const command = {
      kind: 'meter',
      entity: id,
      expectedVersion: 0,
      body: { ...meter, id },
      by: 'test',
    } as const;
    const result = await world.registry.submit(command);
    if (!result.ok) throw new Error(JSON.stringify(result));
  }
  await pushed('mill-power', 0);
  await pushed('kiln-power', 0);
  await pushed('packing-power', 0);
  // Its logger stands an hour behind, so that what it sends at once seems an hour old.
  await pushed('slow-power', -hourMs);
});
afterAll(() => world.close());

/** Two shifts a day, with a break at noon. */
function kwhAt(time: number, seed: number): number {
  const hour = ((time + 7 * hourMs) % dayMs) / hourMs;
  const load = hour >= 6 && hour < 11 ? 100 : hour >= 13 && hour < 18 ? 80 : 15;
  return load + (((seed * time) / quarterMs) % 7);
}

/** Quarters of twelve days up to the last that is over at noon, each pushed by itself 20 s after its end. */
async function pushed(meter: string, shiftMs: number): Promise<void> {
  const { site } = world.registry.meter(meter)!;
  const seed = meter.length;
  const blocks = Array.from({ length: days * 96 }, (_, i) => {
    const time = from + i * quarterMs;
    return {
      shard: world.registry.meter(meter)!.shard,
      block: {
        site: site.id,
        batch: `${meter}-${i}`,
        apiKey: 'test',
        knownUs: (time + quarterMs + 20_000) * 1000 + seed,
        part: 0,
        parts: 1,
        meters: [meter],
        meterIndex: new Uint32Array(1),
        times: Float64Array.of(time + shiftMs),
        values: Float64Array.of(kwhAt(time, seed)),
        flags: new Uint8Array(1),
        rows: new Uint32Array(1),
      },
    };
  });
  await world.seriesStore.write(blocks);
}

interface Answer {
  readonly items: (Record<string, unknown> & { readonly meter: string; readonly shift?: Shift })[];
  readonly next: string | null;
}
interface Shift {
  readonly suspected: boolean | null;
  readonly evidence: { readonly kind: string; readonly text: { readonly en: string; readonly vi: string } }[];
}

async function feeds(query: string, asked: Asked = { as: 'analyst' }): Promise<Answer> {
  const response = await world.ask(`/v1/feeds?${query}`, asked);
  if (response.statusCode !== 200) throw new Error(response.body);
  return response.json<Answer>();
}

describe('a feed', () => {
  it('is told by its last reading, its coverage and how late it came', async () => {
    const { items } = await feeds('meter=mill-power');
    expect(items).toEqual([
      {
        meter: 'mill-power',
        site: 'mill-site',
        enterprise: 'cement',
        kind: 'interval',
        intervalMs: quarterMs,
        lastReading: '2026-11-23T11:45:00+07:00',
        lastArrival: '2026-11-23T12:00:20+07:00',
        silentIntervals: 0,
        coverage: { day: 1, month: (12 * 96 - 1) / (30 * 96) },
        arrivals: {
          count: 12 * 96,
          corrected: 0,
          early: 0,
          lateByInterval: 0,
          lateByHour: 0,
          lateByDay: 0,
          medianMs: 20_000,
          p95Ms: 20_000,
        },
        register: null,
      },
    ]);
  });

  it('that is silent says since when, and one that never sent that it never did', async () => {
    await world.store('kiln-pm', [[noon - hourMs - 100_000, 10]], firstKnownUs);
    expect((await feeds('meter=kiln-pm,sugar-power')).items).toMatchObject([
      { meter: 'kiln-pm', silentIntervals: 12, lastArrival: '2026-11-23T11:00:00+07:00' },
      {
        meter: 'sugar-power',
        silentIntervals: null,
        lastReading: null,
        arrivals: { count: 0, medianMs: null },
      },
    ]);
  });

  it('of a foreign plant does not exist', async () => {
    const own = (await feeds('', { as: 'sugar' })).items.map(({ meter }) => meter);
    expect(own).toEqual(['sugar-power']);
    const foreign = await world.ask('/v1/feeds?meter=mill-power', { as: 'sugar' });
    expect(refusalOf(foreign)).toEqual([404, 'not_found']);
  });

  it('comes in ascending id, the same in pages as at once', async () => {
    const whole = (await feeds('site=mill-site')).items;
    expect(whole.map(({ meter }) => meter)).toEqual([
      'kiln-pm',
      'kiln-power',
      'mill-power',
      'packing-power',
      'slow-power',
    ]);
    const gathered: unknown[] = [];
    for (let cursor = ''; ;) {
      const page = await feeds(`site=mill-site&limit=2${cursor}`);
      gathered.push(...page.items);
      if (page.next === null) break;
      cursor = `&cursor=${page.next}`;
    }
    expect(gathered).toEqual(whole);
  });
});

describe('a page of feeds', () => {
  it('ends with the meter by which it has looked through enough readings', async () => {
    const [row] = (await feeds('meter=mill-power')).items;
    const pageFor = async (readingsMax: number) => {
      const rows = (async function* () {
        for (let i = 0; i < 3; i++) yield { row: row as unknown as FeedRow, readings: 500 };
      })();
      return (await feedPage(rows, readingsMax)).length;
    };
    expect(await pageFor(1000)).toBe(2);
    expect(await pageFor(1001)).toBe(3);
  });
});

describe('the diagnosis of a shift', () => {
  it('suspects the meter whose stamps are an hour behind those of its site, and tells why in both languages', async () => {
    const { items } = await feeds('meter=slow-power&diagnose=shift');
    const { shift } = items[0]!;
    expect(shift).toMatchObject({
      suspected: true,
      shiftMs: -hourMs,
      confidence: 0.85,
      since: null,
      midnightOnly: false,
      peersInStep: 0,
      peersShifted: 3,
    });
    expect(shift!.evidence.map(({ kind, text }) => [kind, text.en])).toEqual([
      [
        'profile-of-peers',
        '3 of 3 meters of the site run like this one, but at other times: its stamps lie -60 minutes after theirs (negative: before).',
      ],
      [
        'arrives-late',
        'Even the quickest readings come 60 minutes after what they describe is over; those of the other meters of the site: 0.',
      ],
    ]);
    for (const { text } of shift!.evidence) expect(text.vi).not.toMatch(/[{}]|undefined/);
  });

  it('does not suspect those that are in step, and is only given when asked for', async () => {
    const { items } = await feeds('meter=mill-power,kiln-pm&diagnose=shift');
    expect(items.map(({ meter, shift }) => [meter, shift!.suspected])).toEqual([
      ['kiln-pm', null],
      ['mill-power', false],
    ]);
    expect((await feeds('meter=mill-power')).items[0]).not.toHaveProperty('shift');
  });

  it.each(['daily', 'monthly'] as const)(
    'tells resets that seem to be %s in both languages',
    (suspectedResets) => {
      const told = registerWire({ suspectedResets, held: 0, glitches: 0, unexplained: 0 });
      expect(told?.text?.vi).toContain(`"${suspectedResets}"`);
      expect(told?.text?.en).toContain(`"${suspectedResets}"`);
      expect(registerWire(undefined)).toBeNull();
    },
  );

  const measured: Record<ShiftEvidenceKind, Record<string, number>> = {
    'arrives-early': { quickestMs: -890_000, arrivals: 100 },
    'arrives-late': { quickestMs: 3_620_000, peersMs: 20_000, arrivals: 100 },
    'profile-of-peers': { peers: 2, compared: 3 },
    'profile-moved': { correlation: 0.98765, unshifted: 0.7 },
    midnight: { beforeMs: 20_000, midnightMs: 86_420_000, afterMs: 20_000 },
  };
  it.each(shiftEvidenceKinds)('tells %s in both languages, every place filled', (kind) => {
    const evidence = [{ kind, shiftMs: -hourMs, weight: 0.5, measures: measured[kind] }];
    const [one] = shiftWire({ ...unsuspected, evidence }, 'Asia/Ho_Chi_Minh').evidence;
    expect(one!.text.vi).not.toBe(one!.text.en);
    expect(one!.text.en + one!.text.vi).not.toMatch(/[{}]|undefined|NaN/);
    const places = (words: string) => [...words.matchAll(/\{\w+\}/g)].map(([place]) => place).toSorted();
    expect(places(shiftEvidenceTexts[kind].vi)).toEqual(places(shiftEvidenceTexts[kind].en));
  });
});

const unsuspected = {
  suspected: null,
  shiftMs: null,
  confidence: 0,
  since: null,
  midnightOnly: false,
  peersInStep: 0,
  peersShifted: 0,
};
