import type { Indicator, IndicatorEvent } from '@songma/domain';
import { expect } from 'vitest';
import type { RestatementQuery, SeriesStore } from '../src/index.ts';
import { writeRows } from './blocks.ts';
import { alertOf, indicatorOf, publicationOf, rollupOf } from './results.ts';
import { withStore, type Case } from './subject.ts';

const t0 = Date.UTC(2026, 0, 5);
const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
const name = 'electricity-intensity';
const days = { window: 'P1D', from: t0, to: t0 + 10 * dayMs } as const;

/** Publications of an indicator, one after the other, each with fields of its own. */
function published(
  enterprise: string,
  day: number,
  revisions: readonly Partial<Indicator>[],
  cause: IndicatorEvent['cause'] = 'readings',
): IndicatorEvent[] {
  const events: IndicatorEvent[] = [];
  for (const [index, fields] of revisions.entries()) {
    const start = t0 + day * dayMs;
    const after = indicatorOf(enterprise, name, start, { value: index, ...fields, revision: index + 1 });
    events.push(publicationOf(after, events.at(-1)?.after, cause));
  }
  return events;
}

/** `at(1, 2)`: two hours after the end of the first day. */
const at = (day: number, hours: number) => t0 + day * dayMs + hours * hourMs;

/** Settles the events in calls of their own, as the worker does. */
async function settle(store: SeriesStore, ...calls: readonly (readonly IndicatorEvent[])[]): Promise<void> {
  for (const indicators of calls) {
    const knownUs = settled++;
    await writeRows(store, 's', knownUs, [{ meter: 'a', time: t0, value: knownUs }]);
    const { mark } = await store.due('S00', 10);
    await store.settle('S00', mark!, { rollups: [], indicators });
  }
}
let settled = 1000;

const each = (events: readonly IndicatorEvent[]) => events.map((event) => [event]);
const revisionsOf = (indicators: readonly Indicator[]) =>
  indicators.map(({ enterprise, start, revision }) => `${enterprise} ${(start - t0) / dayMs} r${revision}`);
const namesOf = (events: readonly IndicatorEvent[]) => revisionsOf(events.map(({ after }) => after));

export const publicationCases: Readonly<Record<string, Case>> = {
  '`indicators` answers with what had been published at `asOf`, however often it was published since': async (
    subject,
  ) => {
    const steel = published('steel', 0, [
      { publishedAt: at(0, 12), value: null, withheld: 'coverage', coverage: 0.5 },
      { publishedAt: at(1, 1) },
      { publishedAt: at(5, 0) },
    ]);
    const steelNext = published('steel', 1, [{ publishedAt: at(2, 1) }]);
    const paper = published('paper', 0, [{ publishedAt: at(1, 1) }, { publishedAt: at(5, 0) }]);
    const asOf = async (store: SeriesStore, time: number, more: object = {}) =>
      revisionsOf(await store.indicators({ ...days, ...more, asOf: time }));
    const check = async (store: SeriesStore) => {
      expect(await asOf(store, at(0, 12) - 1)).toEqual([]);
      expect(await asOf(store, at(0, 12))).toEqual(['steel 0 r1']);
      expect(await asOf(store, at(1, 1) - 1)).toEqual(['steel 0 r1']);
      expect(await asOf(store, at(1, 1) + 0.5)).toEqual(['paper 0 r1', 'steel 0 r2']);
      expect(await asOf(store, at(4, 0))).toEqual(['paper 0 r1', 'steel 0 r2', 'steel 1 r1']);
      expect(await asOf(store, at(5, 0))).toEqual(['paper 0 r2', 'steel 0 r3', 'steel 1 r1']);
      expect(await store.indicators({ ...days, asOf: at(9, 0) })).toEqual(await store.indicators(days));
      expect(await store.indicators({ ...days, asOf: at(0, 13) })).toEqual([steel[0]!.after]);

      expect(await asOf(store, at(4, 0), { enterprises: ['steel'] })).toEqual(['steel 0 r2', 'steel 1 r1']);
      expect(await asOf(store, at(4, 0), { enterprises: [] })).toEqual([]);
      expect(await asOf(store, at(4, 0), { names: ['water-intensity'] })).toEqual([]);
      expect(await asOf(store, at(4, 0), { window: 'P1M' })).toEqual([]);
      expect(await asOf(store, at(4, 0), { from: t0 + 1 })).toEqual(['steel 1 r1']);
      expect(await asOf(store, at(4, 0), { to: t0 + dayMs })).toEqual(['paper 0 r1', 'steel 0 r2']);
    };
    await withStore(subject, async (store) => {
      await settle(store, [steel[0]!], [steel[1]!, paper[0]!], steelNext, [steel[2]!, paper[1]!]);
      await check(store);
    });
    await withStore(subject, check);
  },

  '`indicators` tells what is made together from each product of it': async (subject) => {
    const products = [undefined, 'cement', 'clinker, thô \\', 'PC40/PCB30'] as const;
    const events = products.flatMap((product, i) => {
      const id = `steel/${product === undefined ? '' : `product=${encodeURIComponent(product)}/`}${name}/P1D/${t0}`;
      const fields = { id, ...(product === undefined ? {} : { product }), publishedAt: at(1, i) };
      const first = publicationOf(indicatorOf('steel', name, t0, { ...fields, value: i }));
      const again = { ...fields, value: 0 - i, revision: 2, publishedAt: at(3, i) };
      return [first, publicationOf(indicatorOf('steel', name, t0, again), first.after)];
    });
    const check = async (store: SeriesStore) => {
      const valuesOf = async (query: object) =>
        (await store.indicators({ ...days, ...query })).map(({ product = '', value }) => [product, value]);
      expect(await valuesOf({})).toEqual([['', 0]]);
      expect(await valuesOf({ products: ['cement'] })).toEqual([['cement', -1]]);
      expect(await valuesOf({ products: [products[2]] })).toEqual([[products[2], -2]]);
      expect(await valuesOf({ products: [] })).toEqual([]);
      expect(await valuesOf({ products: ['cement', ''] })).toEqual([
        ['', 0],
        ['cement', -1],
      ]);
      const all = [
        ['', 0],
        ['PC40/PCB30', 3],
        ['cement', 1],
        [products[2], 2],
      ];
      expect(await valuesOf({ products: 'all', asOf: at(2, 0) })).toEqual(all);
      expect(await valuesOf({ products: 'all', sites: ['mill'] })).toEqual([]);
      for (const product of products) {
        const of = { enterprise: 'steel', ...(product === undefined ? {} : { product }), name } as const;
        const history = { of: { ...of, window: 'P1D', start: t0 } as const, afterRevision: 0, limit: 10 };
        expect(await store.history(history)).toEqual(events.filter(({ after }) => after.product === product));
      }
      const restated = await store.restatements({ from: t0, to: at(9, 0), filling: false, limit: 10 });
      expect(restated).toEqual(events.filter(({ after }) => after.revision === 2).toReversed());
    };
    await withStore(subject, async (store) => {
      await settle(
        store,
        events.filter(({ before }) => before === null),
        events.filter(({ before }) => before !== null),
      );
      await check(store);
    });
    await withStore(subject, check);
  },

  '`history` gives every publication of an indicator, each revision once, as it was published last': async (
    subject,
  ) => {
    const steel = published('steel', 0, [
      { publishedAt: at(0, 12), value: null, withheld: 'coverage' },
      { publishedAt: at(1, 1) },
      { publishedAt: at(5, 0) },
      { publishedAt: at(6, 0) },
    ]);
    // A crash between the log and the store, then more readings: the same revision once more, with other numbers.
    const again = { ...steel[2]!, after: { ...steel[2]!.after, publishedAt: at(5, 1), value: -1 } };
    const fourth = { ...steel[3]!, before: again.after };
    const of = { enterprise: 'steel', name, window: 'P1D', start: t0 } as const;
    const check = async (store: SeriesStore) => {
      const whole = [steel[0], steel[1], again, fourth];
      expect(await store.history({ of, afterRevision: 0, limit: 10 })).toEqual(whole);
      expect(await store.history({ of, afterRevision: 0, limit: 2 })).toEqual(whole.slice(0, 2));
      expect(await store.history({ of, afterRevision: 2, limit: 2 })).toEqual(whole.slice(2));
      expect(await store.history({ of, afterRevision: 4, limit: 2 })).toEqual([]);
      for (const other of [
        { start: t0 + dayMs },
        { enterprise: 'paper' },
        { name: 'water' },
        { window: 'P1M' as const },
      ]) {
        expect(await store.history({ of: { ...of, ...other }, afterRevision: 0, limit: 10 })).toEqual([]);
      }
      expect(await store.indicators(days)).toEqual([fourth.after]);
      expect(await store.indicators({ ...days, asOf: at(5, 0) })).toEqual([steel[1]!.after]);
    };
    await withStore(subject, async (store) => {
      await settle(store, ...each(steel.slice(0, 3)), [again], [fourth]);
      await check(store);
    });
    await withStore(subject, check);
  },

  '`restatements` gives what was published again, latest first, each once over all pages': async (
    subject,
  ) => {
    const steel = published('steel', 0, [
      { publishedAt: at(0, 12), value: null, withheld: 'coverage' },
      { publishedAt: at(1, 0) },
      { publishedAt: at(2, 0) },
      { publishedAt: at(5, 0) },
    ]);
    // A correction of many days is published at one time.
    const healed = ['paper', 'steel'].flatMap((enterprise) =>
      Array.from({ length: 4 }, (_, i) =>
        published(enterprise, i + 1, [{ publishedAt: at(i + 2, 0) }, { publishedAt: at(7, 0) }], 'registry'),
      ),
    );
    const month = indicatorOf('steel', name, t0, {
      id: `steel/${name}/P1M/${t0}`,
      window: 'P1M',
      end: at(1, 0),
      publishedAt: at(1, 1),
    });
    const monthly = publicationOf({ ...month, revision: 2, publishedAt: at(8, 0) }, month);
    const ofProduct = indicatorOf('mill', name, t0, {
      id: `mill/hot-rolled/product=bar%2C%20round/${name}/P1D/${t0}`,
      site: 'hot-rolled',
      product: 'bar, round',
      publishedAt: at(1, 2),
    });
    const moved = publicationOf({ ...ofProduct, revision: 2, publishedAt: at(9, 0) }, ofProduct);
    const again = { ...steel[3]!, after: { ...steel[3]!.after, publishedAt: at(6, 0), value: -1 } };

    const everything = { from: t0, to: t0 + 100 * dayMs, filling: false, limit: 100 } as const;
    const healedDays = ['paper', 'steel'].flatMap((enterprise) =>
      [1, 2, 3, 4].map((day) => `${enterprise} ${day} r2`),
    );
    const expected = ['mill 0 r2', 'steel 0 r2', ...healedDays, 'steel 0 r4', 'steel 0 r3'];
    const check = async (store: SeriesStore) => {
      const ask = async (query: Partial<RestatementQuery>) =>
        namesOf(await store.restatements({ ...everything, ...query }));
      expect(await ask({})).toEqual(expected);
      expect(await ask({ filling: true })).toEqual([...expected, 'steel 0 r2']);
      const found = await store.restatements({
        ...everything,
        windows: ['P1D', 'P1Y'],
        enterprises: ['steel'],
      });
      expect(found.filter(({ cause }) => cause === 'readings')).toEqual([again, steel[2]]);

      expect(await ask({ windows: ['P1M'] })).toEqual(['steel 0 r2']);
      expect(await ask({ windows: [] })).toEqual([]);
      expect(await ask({ enterprises: ['paper'] })).toEqual(healedDays.slice(0, 4));
      expect(await ask({ enterprises: [] })).toEqual([]);
      for (const of of [{ sites: ['hot-rolled'] }, { products: ['bar, round'] }]) {
        expect(await store.restatements({ ...everything, ...of })).toEqual([moved]);
        expect(await ask({ ...of, enterprises: ['paper'] })).toEqual([]);
      }
      expect(await ask({ sites: ['cold-rolled'] })).toEqual([]);
      expect(await ask({ sites: [] })).toEqual([]);
      expect(await ask({ products: ['bar'] })).toEqual([]);
      expect(await ask({ names: ['water-intensity'] })).toEqual([]);
      expect(await ask({ names: [name] })).toEqual(expected);
      expect(await ask({ causes: ['registry'] })).toEqual(healedDays);
      expect(await ask({ from: at(6, 0), to: at(7, 0) })).toEqual(['steel 0 r4']);
      expect(await ask({ from: at(7, 0) + 1, to: at(9, 0) })).toEqual(['steel 0 r2']);

      for (const limit of [1, 3, 5]) {
        const paged: IndicatorEvent[] = [];
        for (let page = await store.restatements({ ...everything, limit }); page.length > 0;) {
          expect(page.length).toBeLessThanOrEqual(limit);
          paged.push(...page);
          const { id, publishedAt } = page.at(-1)!.after;
          page = await store.restatements({ ...everything, limit, after: { id, publishedAt } });
        }
        expect(namesOf(paged)).toEqual(expected);
      }
    };
    await withStore(subject, async (store) => {
      await settle(store, ...each(steel), [again]);
      await settle(
        store,
        [publicationOf(month), publicationOf(ofProduct)],
        ...each(healed.map(([first]) => first!)),
      );
      await settle(
        store,
        healed.map(([, second]) => second!),
        [monthly],
        [moved],
      );
      await check(store);
    });
    await withStore(subject, check);

    // What a publication says of itself goes before what its times say, and is given back.
    const early = published('glass', 0, [{ publishedAt: at(0, 12) }, { publishedAt: at(3, 0) }]);
    const late = published('lime', 0, [{ publishedAt: at(1, 3) }, { publishedAt: at(3, 1) }]);
    const restating = { ...early[1]!, restates: true };
    const filling = { ...late[1]!, restates: false };
    const saying = { ...everything, enterprises: ['glass', 'lime'] };
    await withStore(subject, (store) =>
      settle(store, early.slice(0, 1), late.slice(0, 1), [restating, filling]),
    );
    await withStore(subject, async (store) => {
      expect(await store.restatements(saying)).toEqual([restating]);
      expect(await store.restatements({ ...saying, filling: true })).toEqual([filling, restating]);
    });
  },

  '`keep` keeps results as `settle` does, and leaves due what is due': async (subject) => {
    const steel = published('steel', 0, [{ publishedAt: at(1, 1) }, { publishedAt: at(5, 0) }]);
    const rollup = rollupOf('s', 'a', t0);
    const alert = alertOf('dust', t0);
    const alerts = [alert, { ...alert, revision: 2, windows: 2 }];
    await withStore(subject, async (store) => {
      await writeRows(store, 's', 1000, [{ meter: 'a', time: t0, value: 1 }]);
      await store.keep({ rollups: [rollup], indicators: steel, alerts });
      // What is there already stays as it was.
      await store.keep({ rollups: [], indicators: steel, alerts });
    });
    await withStore(subject, async (store) => {
      const of = { enterprise: 'steel', name, window: 'P1D', start: t0 } as const;
      expect(await store.history({ of, afterRevision: 0, limit: 10 })).toEqual(steel);
      expect(await store.indicators(days)).toEqual([steel[1]!.after]);
      expect(await store.alertHistory({ alert: alert.id, afterRevision: 0, limit: 10 })).toEqual(alerts);
      expect(await store.alerts({ limit: 10 })).toMatchObject([{ alert: alerts[1] }]);
      const ranges = [{ site: 's', from: t0, to: t0 + hourMs }];
      expect(await store.rollups({ ranges, window: 'PT1H' })).toEqual([rollup]);
      expect((await store.due('S00', 10)).changes).toEqual([{ site: 's', hour: t0 }]);
    });
  },
};
