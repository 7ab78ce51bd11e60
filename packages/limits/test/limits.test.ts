import { limitSchema, type AlertStep } from '@songma/domain';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  AlertBook,
  boundsOf,
  conditionsOf,
  judge,
  reconcileAlerts,
  surroundingsOf,
  type LimitedHour,
  type LimitScope,
  type Verdict,
} from '../src/index.ts';

const hourMs = 3_600_000;
const limit = limitSchema.parse({
  id: 'dust',
  meter: 'kiln-pm',
  parameter: 'PM',
  averaging: 'PT1H',
  value: 100,
  factors: { kp: 0.8, kv: 1.2 },
  source: { document: 'QCVN 23:2009/BTNMT, table 1, column B2', verified: false },
  validFrom: 0,
});
const scope: LimitScope = {
  limit,
  site: 'bim-son',
  enterprise: 'xi-mang',
  source: 'kiln',
  unit: 'mg/Nm3',
  version: 3,
};

/** An hour in which everything is there but what the coverage tells. */
function given(index: number, mean: number | null, coverage = 1): LimitedHour {
  const [start, end] = [index * hourMs, (index + 1) * hourMs];
  const points = { quarters: 0b1111, validSpanMs: 55 * 60_000 };
  const share = { coverage, validMs: coverage * hourMs };
  return { start, end, mean, ...share, ...points, calibrating: 0, calibratingMs: 0 };
}

function hour(index: number, mean: number | null, coverage = 1): Verdict {
  return judge(limit, given(index, mean, coverage));
}

const broken = (index: number): Verdict => hour(index, 150);
const kept = (index: number): Verdict => hour(index, 50);
const names = (steps: readonly AlertStep[]): string[] =>
  steps.map(
    ({ step, alert }) =>
      `${step} ${alert
        .split('/')
        .slice(1)
        .map((part, i) => (i === 0 ? Number(part) / hourMs : part))
        .join('/')}`,
  );

/** One limit's history as a worker keeps it: verdicts by hour, and the book of alerts. */
class History {
  readonly verdicts = new Map<number, Verdict>();
  readonly book = new AlertBook();
  readonly steps: AlertStep[] = [];

  change(...changed: Verdict[]): AlertStep[] {
    for (const verdict of changed) this.verdicts.set(verdict.start, verdict);
    const all = [...this.verdicts.values()].toSorted((a, b) => a.start - b.start);
    const from = Math.min(...changed.map(({ start }) => start));
    const to = Math.max(...changed.map(({ end }) => end));
    const steps = reconcileAlerts(
      scope,
      surroundingsOf(all, from, to).verdicts,
      this.book.ofLimit('dust'),
      1,
    );
    for (const step of steps) {
      if (this.book.apply(step) === undefined)
        throw new Error(`${step.step} of ${step.alert} came to nothing`);
    }
    this.steps.push(...steps);
    return steps;
  }

  conditions() {
    return conditionsOf([...this.verdicts.values()].toSorted((a, b) => a.start - b.start));
  }
}

describe('a verdict', () => {
  it('compares the mean with the value times its factors', () => {
    // QCVN 23:2009, dust of a cement kiln: 100 · 0.8 · 1.2.
    expect(boundsOf(limit)).toEqual({ max: 96 });
    expect(hour(0, 96).state).toBe('kept');
    expect(hour(0, 96.0001)).toMatchObject({ state: 'broken', bound: 'max' });
    expect(boundsOf({ ...limit, factors: { kq: 0.9, kf: 1.1 } })).toEqual({ max: 99 });
  });

  it('needs the least coverage', () => {
    expect(hour(0, 150, 0.75).state).toBe('broken');
    expect(hour(0, 150, 0.7499)).toMatchObject({ state: 'unjudged', reason: 'invalid' });
    expect(hour(0, null, 1).state).toBe('unjudged');
  });

  it('is given for windows that start within the validity', () => {
    const dated = { ...limit, validFrom: hourMs, validTo: 2 * hourMs };
    const reasons = [0, 1, 2].map((index) => judge(dated, given(index, 150)).reason);
    expect(reasons).toEqual(['not-in-force', undefined, 'not-in-force']);
  });

  it('is not given where the source was off, and says so', () => {
    expect(judge(limit, given(0, 150), 'off')).toMatchObject({ state: 'unjudged', reason: 'source-off' });
    for (const operation of ['on', 'partly', 'unknown'] as const)
      expect(judge(limit, given(0, 150), operation).state).toBe('broken');
  });
});

describe('an alert', () => {
  it('is raised once and resolved once', () => {
    const history = new History();
    expect(history.change(broken(3))).toEqual([
      {
        step: 'raised',
        alert: `dust/${3 * hourMs}`,
        at: 1,
        limit: 'dust',
        limitVersion: 3,
        meter: 'kiln-pm',
        source: 'kiln',
        site: 'bim-son',
        enterprise: 'xi-mang',
        parameter: 'PM',
        unit: 'mg/Nm3',
        averaging: 'PT1H',
        validity: { rule: 'share', min: 0.75 },
        since: 3 * hourMs,
        mean: 150,
        limitValue: 96,
        bound: 'max',
        coverage: 1,
        ratio: 1.5625,
        severity: 'from-1.5',
        document: 'QCVN 23:2009/BTNMT, table 1, column B2',
        verified: false,
      },
    ]);
    expect(history.change(broken(3))).toEqual([]);
    expect(history.change(broken(4))).toEqual([]);
    expect(history.change(kept(5))).toEqual([
      { step: 'resolved', alert: `dust/${3 * hourMs}`, at: 1, until: 5 * hourMs, mean: 50 },
    ]);
    expect(history.change(kept(6))).toEqual([]);
  });

  it('stays open over a gap without a judgement', () => {
    const history = new History();
    history.change(broken(3));
    expect(history.change(hour(4, 50, 0.5))).toEqual([]);
    expect(names(history.change(kept(9)))).toEqual(['resolved 3']);
  });

  it('is raised in the past by late readings', () => {
    const history = new History();
    history.change(kept(1), kept(9));
    expect(names(history.change(broken(4)))).toEqual(['raised 4', 'resolved 4']);
  });

  it('is voided by a correction, and raised anew when that is corrected', () => {
    const history = new History();
    history.change(broken(4));
    expect(names(history.change(kept(4)))).toEqual(['voided 4']);
    expect(names(history.change(broken(4)))).toEqual(['raised 4/2']);
    expect(names(history.change(kept(4)))).toEqual(['voided 4/2']);
  });

  it('stays one when late readings move its start', () => {
    const history = new History();
    history.change(broken(5));
    expect(history.change(broken(3))).toEqual([]);
    expect(history.change(broken(4))).toEqual([]);
    expect(names(history.change(kept(4)))).toEqual(['raised 3', 'resolved 3']);
  });

  it('follows a start that is corrected away', () => {
    const history = new History();
    history.change(broken(3), broken(4));
    expect(names(history.change(kept(3)))).toEqual(['voided 3', 'raised 4']);
  });

  it('that is open stands for two conditions that turn out to be one', () => {
    const history = new History();
    history.change(broken(2), kept(3), broken(4));
    expect(names(history.change(broken(3)))).toEqual(['voided 2']);
  });

  it('that was resolved too soon is voided and raised anew', () => {
    const history = new History();
    history.change(broken(2), kept(3));
    expect(names(history.change(broken(3)))).toEqual(['voided 2', 'raised 2/2']);
    expect(names(history.change(kept(4)))).toEqual(['resolved 2/2']);
  });

  it('that was resolved stands when its end only moves', () => {
    const history = new History();
    history.change(broken(2), kept(3), kept(4));
    expect(history.change(broken(3))).toEqual([]);
  });
});

const state = fc.constantFrom<'broken' | 'kept' | 'unjudged'>('broken', 'broken', 'kept', 'unjudged');
const verdictOf = (index: number, of: 'broken' | 'kept' | 'unjudged'): Verdict =>
  hour(index, of === 'broken' ? 150 : 50, of === 'unjudged' ? 0 : 1);
/** Hours as they arrive: index and state, an hour possibly several times; in pieces processed together. */
const arrivals = fc.array(fc.array(fc.tuple(fc.nat({ max: 11 }), state), { minLength: 1, maxLength: 4 }), {
  minLength: 1,
  maxLength: 30,
});

function expectInLine(history: History): void {
  const live = [...history.book.all()].filter(({ voided }) => voided === undefined);
  for (const { first, brokenTo, kept: end } of history.conditions()) {
    const inside = live.filter(({ since }) => since >= first.start && since < brokenTo);
    expect(inside.map(({ resolvedAt }) => resolvedAt !== undefined)).toEqual([end !== undefined]);
  }
  expect(live).toHaveLength(history.conditions().length);
}

describe('alerts', () => {
  it('are one per condition after every piece, whatever arrives and is corrected', () => {
    fc.assert(
      fc.property(arrivals, (pieces) => {
        const history = new History();
        for (const piece of pieces) {
          history.change(...piece.map(([index, of]) => verdictOf(index, of)));
          expectInLine(history);
        }
        const keys = history.steps.map(({ alert, step }) => `${alert} ${step}`);
        expect(new Set(keys).size).toBe(keys.length);
      }),
      { numRuns: 2000 },
    );
  });

  it('that are open stand for the same conditions in whatever order the hours arrive', () => {
    const hours = fc.array(state, { minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(
        hours,
        fc.infiniteStream(fc.nat()),
        fc.infiniteStream(fc.integer({ min: 1, max: 4 })),
        (states, order, sizes) => {
          const all = states.map((of, index) => verdictOf(index, of));
          const inOrder = new History();
          for (const verdict of all) inOrder.change(verdict);
          const shuffled = all
            .map((verdict) => [order.next().value as number, verdict] as const)
            .toSorted((a, b) => a[0] - b[0]);
          const history = new History();
          while (shuffled.length > 0) {
            history.change(...shuffled.splice(0, sizes.next().value as number).map(([, verdict]) => verdict));
          }
          const openIn = (of: History) =>
            of
              .conditions()
              .flatMap((condition) =>
                [...of.book.all()]
                  .filter(
                    ({ state: now, since }) =>
                      now === 'open' && since >= condition.first.start && since < condition.brokenTo,
                  )
                  .map(() => condition.first.start),
              );
          expect(openIn(history)).toEqual(openIn(inOrder));
          expectInLine(history);
        },
      ),
      { numRuns: 1000 },
    );
  });
});

describe('the book of alerts', () => {
  it('takes the first of each step and ignores those that come again', () => {
    const history = new History();
    history.change(broken(1), broken(2), kept(3), broken(5));
    const acknowledged: AlertStep = {
      step: 'acknowledged',
      alert: `dust/${5 * hourMs}`,
      at: 7,
      by: 'lan',
      note: 'seen',
    };
    const steps = [...history.steps, acknowledged];
    const book = new AlertBook();
    for (const step of [...steps, ...steps]) book.apply(step);
    expect(
      [...book.all()].map((alert) => [alert.since / hourMs, alert.state, alert.until, alert.acknowledged]),
    ).toEqual([
      [1, 'resolved', 3 * hourMs, undefined],
      [5, 'acknowledged', undefined, { at: 7, by: 'lan', note: 'seen' }],
    ]);
    expect(book.size).toBe(2);
    expect(book.get('dust/0')).toBeUndefined();
  });

  it('keeps an acknowledgement when the alert is resolved, and nothing follows a voiding', () => {
    const book = new AlertBook();
    const [raised] = new History().change(broken(1));
    const alert = raised!.alert;
    book.apply(raised!);
    book.apply({ step: 'acknowledged', alert, at: 2, by: 'lan' });
    expect(book.apply({ step: 'resolved', alert, at: 3, until: 9, mean: 1 })).toMatchObject({
      state: 'resolved',
      acknowledged: { by: 'lan' },
    });
    expect(book.apply({ step: 'voided', alert, at: 4, reason: 'corrected' })).toMatchObject({
      state: 'voided',
    });
    expect(book.apply({ step: 'acknowledged', alert, at: 5, by: 'minh' })).toBeUndefined();
    expect(book.apply({ step: 'resolved', alert: 'nobody/1', at: 5, until: 1, mean: 1 })).toBeUndefined();
  });
});
