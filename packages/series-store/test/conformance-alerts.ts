import type { Alert, AlertAcknowledgement } from '@songma/domain';
import { expect } from 'vitest';
import type { AlertQuery, KeptAlert, SeriesStore } from '../src/index.ts';
import { writeRows } from './blocks.ts';
import { alertOf } from './results.ts';
import { withStore, type Case } from './subject.ts';

const t0 = Date.UTC(2026, 0, 5);
const hourMs = 3_600_000;
const hour = (index: number) => t0 + index * hourMs;
const everything = { limit: 100 } as const;

/** Settles the revisions in calls of their own, as the worker does. */
async function settle(store: SeriesStore, ...calls: readonly (readonly Alert[])[]): Promise<void> {
  for (const alerts of calls) {
    const knownUs = settled++;
    await writeRows(store, 's', knownUs, [{ meter: 'a', time: t0, value: knownUs }]);
    const { mark } = await store.due('S00', 10);
    await store.settle('S00', mark!, { rollups: [], indicators: [], alerts });
  }
}
let settled = 1000;

/** The next revision of an alert, a day after the one before. */
function revised(before: Alert, fields: Partial<Alert>): Alert {
  return { ...before, revision: before.revision + 1, changedAt: before.changedAt + 24 * hourMs, ...fields };
}

/** `dust 3 r1`: limit, hour of its origin, revision. */
const nameOf = ({ limit, origin, revision }: Alert) => `${limit} ${(origin - t0) / hourMs} r${revision}`;
const namesOf = (found: readonly KeptAlert[]) => found.map(({ alert }) => nameOf(alert));

const severe = { ...alertOf('x', t0).peak, mean: 2000, ratio: 20, severity: 'from-10' } as const;
const paper = { enterprise: 'paper', site: 'mill', parameter: 'COD' };
const alerts = [
  alertOf('dust', hour(1), { state: 'resolved', until: hour(2), resolvedAt: hour(3) }),
  alertOf('dust', hour(3), { state: 'voided', cause: 'correction', revision: 1 }),
  alertOf('dust', hour(6), { peak: severe, since: hour(5), knownUntil: hour(9), windows: 4 }),
  alertOf('so2', hour(6), { state: 'replaced', replacedBy: `so2/${hour(5)}`, knownUntil: hour(7) }),
  alertOf('so2', hour(5), { replaces: [`so2/${hour(6)}`], stale: true }),
  alertOf('cod', hour(6), { ...paper, peak: { ...severe, ratio: null, severity: null } }),
  alertOf('cod', hour(6), { ...paper, id: `cod/${hour(6)}/2`, state: 'resolved', until: hour(8) }),
];
const latestFirst = ['cod 6 r1', 'cod 6 r1', 'dust 6 r1', 'so2 6 r1', 'so2 5 r1', 'dust 3 r1', 'dust 1 r1'];

export const alertCases: Readonly<Record<string, Case>> = {
  '`alerts` gives each alert as it was settled last, in the order of origins, each once over all pages':
    async (subject) => {
      const check = async (store: SeriesStore) => {
        const found = await store.alerts(everything);
        expect(namesOf(found)).toEqual(latestFirst);
        const byId = (a: Alert, b: Alert) => (a.id < b.id ? -1 : 1);
        expect(found.map(({ alert }) => alert).toSorted(byId)).toEqual(alerts.toSorted(byId));
        const ask = async (query: Partial<AlertQuery>) =>
          namesOf(await store.alerts({ ...everything, ...query }));
        expect(await ask({ limits: ['dust'] })).toEqual(['dust 6 r1', 'dust 3 r1', 'dust 1 r1']);
        expect(await ask({ limits: ['dust', 'so2'], states: ['open'] })).toEqual(['dust 6 r1', 'so2 5 r1']);
        expect(await ask({ states: ['replaced', 'voided'] })).toEqual(['so2 6 r1', 'dust 3 r1']);
        expect(await ask({ enterprises: ['paper'] })).toEqual(['cod 6 r1', 'cod 6 r1']);
        expect(await ask({ sites: ['mill'], states: ['resolved'] })).toEqual(['cod 6 r1']);
        expect(await ask({ parameters: ['COD'], enterprises: ['steel'] })).toEqual([]);
        expect(await ask({ kinds: ['exceedance'] })).toHaveLength(7);
        expect(await ask({ severities: ['from-10'] })).toEqual(['dust 6 r1']);
        expect(await ask({ severities: ['from-1.5', 'from-3'], limits: ['so2'] })).toEqual([
          'so2 6 r1',
          'so2 5 r1',
        ]);
        expect(await ask({ ids: [alerts[0]!.id, alerts[6]!.id, 'dust/1', 'dust'] })).toEqual([
          'cod 6 r1',
          'dust 1 r1',
        ]);
        expect(await ask({ ids: [alerts[0]!.id], states: ['open'] })).toEqual([]);
        for (const none of [
          'ids',
          'limits',
          'enterprises',
          'sites',
          'kinds',
          'parameters',
          'states',
          'severities',
        ])
          expect(await ask({ [none]: [] })).toEqual([]);

        // An open one goes on; what has ended ended with its last window.
        const dust = (from: number, to: number) =>
          ask({ limits: ['dust'], span: { from: hour(from), to: hour(to) } });
        expect(await dust(-9, 1)).toEqual([]);
        expect(await dust(0, 2)).toEqual(['dust 1 r1']);
        expect(await dust(2, 4)).toEqual(['dust 3 r1']);
        expect(await dust(4, 5)).toEqual([]);
        expect(await dust(5, 6)).toEqual(['dust 6 r1']);
        expect(await dust(90, 91)).toEqual(['dust 6 r1']);
        expect(await ask({ limits: ['dust'], span: { from: -Infinity, to: Infinity } })).toHaveLength(3);
        // It is found where it was found first, too.
        expect(await ask({ states: ['replaced'], span: { from: hour(6), to: hour(7) } })).toEqual([
          'so2 6 r1',
        ]);

        for (const order of ['latest', 'earliest'] as const) {
          const expected = namesOf(await store.alerts({ ...everything, order }));
          for (const limit of [1, 2, 5]) {
            const paged: KeptAlert[] = [];
            for (let page = await store.alerts({ order, limit }); page.length > 0;) {
              expect(page.length).toBeLessThanOrEqual(limit);
              paged.push(...page);
              const { id, origin } = page.at(-1)!.alert;
              page = await store.alerts({ order, limit, after: { id, origin } });
            }
            expect(namesOf(paged)).toEqual(expected);
            expect(new Set(paged.map(({ alert }) => alert.id)).size).toBe(alerts.length);
          }
        }
        expect((await ask({ order: 'earliest' })).slice(0, 3)).toEqual([
          'dust 1 r1',
          'dust 3 r1',
          'so2 5 r1',
        ]);
      };
      await withStore(subject, async (store) => {
        // What is replaced before anybody asks leaves nothing behind.
        await settle(store, [alertOf('dust', hour(3), { parameter: 'CO', peak: severe })], alerts);
        await check(store);
      });
      await withStore(subject, check);
    },

  '`alerts` answers with what was said at `asOf`, however often it was revised since': async (subject) => {
    const first = alertOf('dust', hour(1));
    const second = revised(first, { state: 'resolved', until: hour(2), peak: severe, since: hour(0) });
    const third = revised(second, { state: 'voided', cause: 'void' });
    const other = alertOf('dust', hour(4));
    const check = async (store: SeriesStore) => {
      const ask = async (asOf: number, query: Partial<AlertQuery> = {}) =>
        namesOf(await store.alerts({ ...everything, asOf, ...query }));
      expect(await ask(first.changedAt - 1)).toEqual([]);
      expect(await ask(first.changedAt)).toEqual(['dust 1 r1']);
      expect(await ask(second.changedAt - 1)).toEqual(['dust 4 r1', 'dust 1 r1']);
      expect(await ask(second.changedAt + 0.5)).toEqual(['dust 4 r1', 'dust 1 r2']);
      expect(await ask(third.changedAt)).toEqual(['dust 4 r1', 'dust 1 r3']);
      expect(await store.alerts({ ...everything, asOf: first.changedAt })).toEqual([
        { alert: first, acknowledged: undefined },
      ]);
      // Conditions are those of then.
      expect(await ask(second.changedAt - 1, { states: ['open'] })).toEqual(['dust 4 r1', 'dust 1 r1']);
      expect(await ask(second.changedAt, { states: ['resolved'] })).toEqual(['dust 1 r2']);
      expect(await ask(third.changedAt, { states: ['open', 'resolved'] })).toEqual(['dust 4 r1']);
      expect(await ask(second.changedAt - 1, { severities: ['from-10'] })).toEqual([]);
      expect(await ask(second.changedAt, { span: { from: hour(0), to: hour(1) } })).toEqual(['dust 1 r2']);
      expect(await ask(second.changedAt - 1, { span: { from: hour(0), to: hour(1) } })).toEqual([]);
      expect(await ask(second.changedAt, { limit: 1 })).toEqual(['dust 4 r1']);
      expect(await ask(second.changedAt, { ids: [first.id] })).toEqual(['dust 1 r2']);
      const { id, origin } = other;
      expect(await ask(second.changedAt, { limit: 1, after: { id, origin } })).toEqual(['dust 1 r2']);
    };
    await withStore(subject, async (store) => {
      await settle(store, [first], [other, second], [third]);
      await check(store);
    });
    await withStore(subject, check);
  },

  '`alertHistory` gives every revision of an alert, each once, as it was settled last': async (subject) => {
    const first = alertOf('dust', hour(1));
    const second = revised(first, { windows: 2 });
    const third = revised(second, { state: 'resolved', until: hour(3) });
    // A crash between the log and the store, then more readings: the same revision once more, with other numbers.
    const again = { ...second, windows: 3, changedAt: second.changedAt + 1 };
    const neighbour = alertOf('dust', hour(1), { id: `${first.id}/2` });
    const check = async (store: SeriesStore) => {
      const ask = (alert: string, afterRevision: number, limit: number) =>
        store.alertHistory({ alert, afterRevision, limit });
      expect(await ask(first.id, 0, 10)).toEqual([first, again, third]);
      expect(await ask(first.id, 0, 2)).toEqual([first, again]);
      expect(await ask(first.id, 2, 2)).toEqual([third]);
      expect(await ask(first.id, 3, 2)).toEqual([]);
      expect(await ask(neighbour.id, 0, 10)).toEqual([neighbour]);
      for (const unknown of ['dust', 'dust/5', `so2/${hour(1)}`])
        expect(await ask(unknown, 0, 10)).toEqual([]);
    };
    await withStore(subject, async (store) => {
      await settle(store, [first, second], [again, neighbour], [third]);
      await check(store);
    });
    await withStore(subject, check);
  },

  'of the acknowledgements of an alert the earliest counts, and stays when the alert is revised': async (
    subject,
  ) => {
    const first = alertOf('dust', hour(1));
    const others = [alertOf('dust', hour(2)), alertOf('so2', hour(1))];
    const second = revised(first, { windows: 2 });
    const took = (by: string, at: number, note?: string): AlertAcknowledgement => ({
      alert: first.id,
      at,
      by,
      ...(note === undefined ? {} : { note }),
    });
    const [lan, minh] = [took('lan', hour(4), 'Đã gọi "nhà máy"\\'), took('minh', hour(3))];
    const check = async (store: SeriesStore, expected: AlertAcknowledgement, revision: number) => {
      const [found] = await store.alerts({ ...everything, ids: [first.id] });
      expect(found).toEqual({ alert: revision === 1 ? first : second, acknowledged: expected });
      expect(namesOf(await store.alerts({ ...everything, acknowledged: true }))).toEqual([
        `dust 1 r${revision}`,
      ]);
      expect(namesOf(await store.alerts({ limit: 1, acknowledged: false }))).toEqual(['dust 2 r1']);
      expect(await store.alerts({ ...everything, acknowledged: false })).toHaveLength(2);
      const [before] = await store.alerts({ ...everything, ids: [first.id], asOf: expected.at - 1 });
      expect(before?.acknowledged).toBe(undefined);
    };
    const keep = (store: SeriesStore, ...acknowledgements: AlertAcknowledgement[]) =>
      store.keep({ rollups: [], indicators: [], acknowledgements });
    await withStore(subject, async (store) => {
      // It may be known before the alert is.
      await keep(store, lan);
      await settle(store, [first, ...others]);
      await check(store, lan, 1);
      await settle(store, [second]);
      await check(store, lan, 2);
      await keep(store, took('an', hour(5)), minh, lan);
      await check(store, minh, 2);
      await keep(store, took('an', hour(3)), minh);
      await check(store, took('an', hour(3)), 2);
    });
    await withStore(subject, (store) => check(store, took('an', hour(3)), 2));
  },
};
