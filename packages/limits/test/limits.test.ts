import { limitSchema, parseAlertId, type Alert } from '@songma/domain';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  boundsOf,
  conditionContent,
  conditionsOf,
  isStanding,
  judge,
  reconcileAlerts,
  surroundingsOf,
  type AlertRevision,
  type Judged,
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
  zone: 'Asia/Ho_Chi_Minh',
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

/** What became of which alert: `raised 3`, by the hour of its id. */
const names = (revisions: readonly AlertRevision[]): string[] =>
  revisions.map(({ change, alert }) => `${change} ${hoursOf(alert.id)}`);
const hoursOf = (id: string): string => {
  const { origin, generation } = parseAlertId(id)!;
  return generation === 1 ? `${origin / hourMs}` : `${origin / hourMs}/${generation}`;
};

/** One limit's history as a worker keeps it: verdicts by hour, and the alerts as they stand. */
class History {
  readonly verdicts = new Map<number, Verdict>();
  readonly alerts = new Map<string, Alert>();
  /** Every window has ended unless told. */
  overUntil = 10_000 * hourMs;
  #at = 1;

  change(...changed: Verdict[]): AlertRevision[] {
    for (const verdict of changed) this.verdicts.set(verdict.start, verdict);
    const from = Math.min(...changed.map(({ start }) => start));
    const to = Math.max(...changed.map(({ end }) => end));
    const { verdicts, isOpenBefore, isOpenAfter } = surroundingsOf(this.#all(), from, to);
    const judged: Judged = {
      from: isOpenBefore ? -Infinity : verdicts[0]!.start,
      to: isOpenAfter ? Infinity : verdicts.at(-1)!.end,
      verdicts,
      overUntil: this.overUntil,
    };
    const concerned = [...this.alerts.values()].filter(
      ({ since, knownUntil, origin }) =>
        (since < judged.to && knownUntil > judged.from) || (origin >= judged.from && origin < judged.to),
    );
    const revisions = reconcileAlerts(scope, judged, concerned, {
      at: this.#at++,
      causeOf: () => 'readings',
    });
    for (const { alert } of revisions) {
      const before = this.alerts.get(alert.id)?.revision ?? 0;
      if (alert.revision !== before + 1) throw new Error(`${alert.id}: ${alert.revision} after ${before}`);
      this.alerts.set(alert.id, alert);
    }
    return revisions;
  }

  /** Alerts of which something stands, in order of time. */
  standing(): Alert[] {
    return [...this.alerts.values()].filter(isStanding).toSorted((a, b) => a.since - b.since);
  }

  /** What the alerts should say. */
  expected() {
    const judged = {
      from: -Infinity,
      to: Infinity,
      verdicts: this.#all(),
      overUntil: this.overUntil,
    };
    return conditionsOf(judged.verdicts).map((condition) => conditionContent(scope, condition, judged));
  }

  #all(): Verdict[] {
    return [...this.verdicts.values()].toSorted((a, b) => a.start - b.start);
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
  it('of before its assurance was told is not revised by that alone', () => {
    const history = new History();
    history.change(broken(3), kept(4));
    const [alert] = history.standing();
    const { assurance: _, ...before } = alert!;
    history.alerts.set(before.id, before);
    expect(history.change(broken(3))).toEqual([]);
    expect(names(history.change(hour(3, 200)))).toEqual(['revised 3']);
    expect(history.standing()).toMatchObject([{ assurance: 'memory', peak: { mean: 200 } }]);
  });

  it('is raised once, grows with its condition, and is resolved once', () => {
    const history = new History();
    history.overUntil = 4 * hourMs;
    const window = {
      start: 3 * hourMs,
      end: 4 * hourMs,
      mean: 150,
      limitValue: 96,
      bound: 'max',
      coverage: 1,
      ratio: 1.5625,
      severity: 'from-1.5',
    };
    expect(history.change(broken(3))).toEqual([
      {
        change: 'raised',
        alert: {
          id: `dust/${3 * hourMs}`,
          kind: 'exceedance',
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
          document: 'QCVN 23:2009/BTNMT, table 1, column B2',
          verified: false,
          assurance: 'memory',
          origin: 3 * hourMs,
          state: 'open',
          since: 3 * hourMs,
          until: null,
          knownUntil: 4 * hourMs,
          first: window,
          peak: window,
          latest: window,
          windows: 1,
          coverage: 1,
          stale: false,
          revision: 1,
          cause: 'readings',
          raisedAt: 1,
          changedAt: 1,
        },
      },
    ]);
    expect(history.change(broken(3))).toEqual([]);
    expect(names(history.change(hour(4, 2000, 0.8)))).toEqual(['revised 3']);
    expect(history.standing()).toMatchObject([
      {
        windows: 2,
        coverage: 0.8,
        knownUntil: 5 * hourMs,
        first: { mean: 150 },
        peak: { start: 4 * hourMs, mean: 2000, ratio: 20.8333333333333, severity: 'from-10' },
        latest: { mean: 2000 },
        revision: 2,
        raisedAt: 1,
      },
    ]);
    expect(names(history.change(kept(5)))).toEqual(['resolved 3']);
    expect(history.standing()).toMatchObject([
      { state: 'resolved', until: 5 * hourMs, raisedAt: 1, changedAt: 4, resolvedAt: 4 },
    ]);
    expect(history.change(kept(6))).toEqual([]);
  });

  it('has the earliest of equal windows for its peak, and of a range the farthest beyond either bound', () => {
    const history = new History();
    history.change(broken(1), broken(2), hour(3, 120), kept(4));
    expect(history.standing()).toMatchObject([{ peak: { start: hourMs }, latest: { mean: 120 } }]);
    const { value: _, ...rest } = limit;
    const ranged = { ...rest, range: { min: 6, max: 9 } };
    const verdicts = [9.5, 4, 10].map((mean, i) => judge(ranged, given(i, mean)));
    const judged = { from: 0, to: 3 * hourMs, verdicts, overUntil: 3 * hourMs };
    const content = conditionContent({ ...scope, limit: ranged }, conditionsOf(verdicts)[0]!, judged);
    expect(content.peak).toMatchObject({ mean: 4, bound: 'min', limitValue: 6, ratio: null, severity: null });
  });

  it('stays open over a gap without a judgement', () => {
    const history = new History();
    history.change(broken(3));
    expect(history.change(hour(4, 50, 0.5))).toEqual([]);
    expect(names(history.change(kept(9)))).toEqual(['resolved 3']);
  });

  it('is stale once three windows were not judged, and fresh when one is', () => {
    const history = new History();
    history.overUntil = 6 * hourMs;
    history.change(broken(3));
    expect(history.standing()).toMatchObject([{ stale: false, knownUntil: 4 * hourMs }]);
    history.overUntil = 7 * hourMs;
    expect(names(history.change(broken(3)))).toEqual(['revised 3']);
    expect(history.standing()).toMatchObject([{ stale: true, knownUntil: 4 * hourMs, state: 'open' }]);
    expect(names(history.change(broken(6)))).toEqual(['revised 3']);
    expect(history.standing()).toMatchObject([{ stale: false, knownUntil: 7 * hourMs }]);
  });

  it('is not stale for hours in which the source was off', () => {
    const history = new History();
    history.overUntil = 8 * hourMs;
    const off = [4, 5].map((index) => judge(limit, given(index, null, 0), 'off'));
    history.change(broken(3), ...off);
    expect(history.standing()).toMatchObject([{ stale: false }]);
    history.overUntil = 9 * hourMs;
    history.change(broken(3));
    expect(history.standing()).toMatchObject([{ stale: true }]);
  });

  it('ends with the time in which its limit is in force', () => {
    const dated = { ...scope, limit: { ...limit, validTo: 5 * hourMs } };
    const verdicts = [broken(3)];
    const stateAt = (overUntil: number) => {
      const judged = { from: 0, to: 9 * hourMs, verdicts, overUntil };
      const content = conditionContent(dated, conditionsOf(verdicts)[0]!, judged);
      return { state: content.state, until: content.until, stale: content.stale };
    };
    expect(stateAt(4 * hourMs)).toEqual({ state: 'open', until: null, stale: false });
    expect(stateAt(5 * hourMs)).toEqual({ state: 'resolved', until: 4 * hourMs, stale: false });
  });

  it('is raised in the past by late readings, already resolved', () => {
    const history = new History();
    history.change(kept(1), kept(9));
    expect(names(history.change(broken(4)))).toEqual(['raised 4']);
    expect(history.standing()).toMatchObject([{ state: 'resolved', until: 5 * hourMs, resolvedAt: 2 }]);
  });

  it('is voided by a correction, and comes back under its id when that is corrected', () => {
    const history = new History();
    history.change(broken(4));
    expect(names(history.change(kept(4)))).toEqual(['voided 4']);
    expect(names(history.change(broken(4)))).toEqual(['reopened 4']);
    expect(history.standing()).toMatchObject([{ id: `dust/${4 * hourMs}`, revision: 3, raisedAt: 1 }]);
  });

  it('goes on under its id when its start moves, either way', () => {
    const history = new History();
    history.change(broken(5));
    expect(names(history.change(broken(3)))).toEqual(['revised 5']);
    expect(history.standing()).toMatchObject([{ since: 3 * hourMs, origin: 5 * hourMs }]);
    expect(names(history.change(kept(3)))).toEqual(['revised 5']);
    expect(history.standing()).toMatchObject([{ since: 5 * hourMs, origin: 5 * hourMs }]);
  });

  it('goes on with the first part where its condition is split, and the other names it', () => {
    const history = new History();
    history.change(broken(3), broken(4), broken(5));
    expect(names(history.change(kept(4)))).toEqual(['resolved 3', 'raised 5']);
    expect(history.standing()).toMatchObject([
      { state: 'resolved', until: 4 * hourMs },
      { state: 'open', since: 5 * hourMs, replaces: [`dust/${3 * hourMs}`] },
    ]);
    // And stays as it is while nothing changes.
    expect(history.change(kept(4))).toEqual([]);
  });

  it('that was raised first stands for conditions that turn out to be one, and the other names it', () => {
    const history = new History();
    history.change(broken(2), kept(3), broken(4));
    expect(names(history.change(broken(3)))).toEqual(['replaced 4', 'reopened 2']);
    const [first, second] = [`dust/${2 * hourMs}`, `dust/${4 * hourMs}`];
    expect(history.standing()).toMatchObject([{ id: first, state: 'open', windows: 3, replaces: [second] }]);
    expect(history.alerts.get(second)).toMatchObject({ state: 'replaced', replacedBy: first });
    // Parted again, the other comes back under its id.
    expect(names(history.change(kept(3)))).toEqual(['resolved 2', 'reopened 4']);
    expect(history.alerts.get(second)).not.toHaveProperty('replacedBy');
  });

  it('that was resolved too soon is open again under its id', () => {
    const history = new History();
    history.change(broken(2), kept(3));
    expect(names(history.change(broken(3)))).toEqual(['reopened 2']);
    expect(history.standing()[0]).not.toHaveProperty('resolvedAt');
    expect(names(history.change(kept(4)))).toEqual(['resolved 2']);
  });

  it('that was resolved is resolved later when its condition turns out to be longer', () => {
    const history = new History();
    history.change(broken(2), kept(3), kept(4));
    expect(names(history.change(broken(3)))).toEqual(['revised 2']);
    expect(history.standing()).toMatchObject([{ state: 'resolved', until: 4 * hourMs, resolvedAt: 1 }]);
  });

  it('leaves its id to a condition that is found where it no longer is', () => {
    const history = new History();
    // Found at four; the condition turns out to begin at two, and four to be another one.
    history.change(broken(4));
    history.change(broken(2));
    expect(names(history.change(kept(3)))).toEqual(['resolved 4', 'raised 4/2']);
  });

  it('says why it was revised, by what changed in its time', () => {
    const spans: unknown[] = [];
    const judged = { from: 0, to: 9 * hourMs, verdicts: [broken(2), kept(5)], overUntil: 9 * hourMs };
    const [revision] = reconcileAlerts(scope, judged, [], {
      at: 7,
      causeOf: (span) => {
        spans.push(span);
        return 'correction';
      },
    });
    expect(revision!.alert.cause).toBe('correction');
    expect(spans).toEqual([{ from: 2 * hourMs, to: 6 * hourMs, before: undefined }]);
  });
});

const verdictState = fc.constantFrom<'broken' | 'kept' | 'unjudged'>('broken', 'broken', 'kept', 'unjudged');
const verdictOf = (index: number, of: 'broken' | 'kept' | 'unjudged'): Verdict =>
  hour(index, of === 'broken' ? 150 + (index % 3) : 50, of === 'unjudged' ? 0 : 1);
/** Hours as they arrive: index and state, an hour possibly several times; in pieces processed together. */
const arrivals = fc.array(
  fc.array(fc.tuple(fc.nat({ max: 11 }), verdictState), { minLength: 1, maxLength: 4 }),
  {
    minLength: 1,
    maxLength: 30,
  },
);

/** What of an alert follows from the verdicts: not its name, its revisions, and what it replaced. */
function saidBy(alert: Alert) {
  const unsaid = ['id', 'origin', 'revision', 'cause', 'raisedAt', 'changedAt', 'resolvedAt', 'replaces'];
  return Object.fromEntries(Object.entries(alert).filter(([field]) => !unsaid.includes(field)));
}

function expectInLine(history: History): void {
  const told = history.standing().map(saidBy);
  expect(told).toEqual(history.expected());
  for (const { state, replacedBy } of history.alerts.values()) {
    expect(replacedBy !== undefined).toBe(state === 'replaced');
  }
}

describe('alerts', () => {
  it('say what the verdicts say after every piece, whatever arrives and is corrected', () => {
    fc.assert(
      fc.property(arrivals, (pieces) => {
        const history = new History();
        for (const piece of pieces) {
          const verdicts = piece.map(([index, of]) => verdictOf(index, of));
          history.change(...verdicts);
          expectInLine(history);
          // The same once more says nothing new.
          expect(history.change(...verdicts)).toEqual([]);
        }
      }),
      { numRuns: 500 },
    );
  });

  it('say the same in whatever order the hours arrive', () => {
    const hours = fc.array(verdictState, { minLength: 1, maxLength: 12 });
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
          expect(history.expected()).toEqual(inOrder.expected());
          expectInLine(history);
          expectInLine(inOrder);
        },
      ),
      { numRuns: 500 },
    );
  });
});
