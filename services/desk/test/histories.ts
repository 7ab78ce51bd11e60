import { CaseFacts } from '@songma/cases';
import {
  alertId,
  severities,
  type Alert,
  type AlertWindow,
  type CaseStep,
  type EntityKind,
  type EntityOf,
  type NoticeStep,
} from '@songma/domain';
import type { Registered } from '@songma/duty';
import * as fc from 'fast-check';
import { Decisions } from '../src/decisions.ts';

export const minute = 60_000;
export const hour = 3_600_000;
export const day = 24 * hour;
/** Monday 2026-01-05, 00:00 in Thanh Hóa. */
export const start = Date.UTC(2026, 0, 4, 17);

type Bodies = { readonly [K in EntityKind]?: readonly EntityOf<K>[] };

/** A registry of these entities, each in its first version. */
export function registeredOf(bodies: Bodies): Registered {
  const list = <K extends EntityKind>(kind: K) =>
    ((bodies[kind] ?? []) as readonly EntityOf<K>[]).map((body) => ({ version: 1, body }));
  return {
    list,
    get: (kind, id) => list(kind).find(({ body }) => body.id === id),
  };
}

const person = (id: string, role: EntityOf<'person'>['role'], more: object = {}): EntityOf<'person'> => ({
  id,
  name: id,
  role,
  mail: `${id}@example.vn`,
  language: 'vi',
  territory: [],
  ...more,
});

export const bodies = {
  enterprise: [{ id: 'works', name: 'Xi măng', sector: '2394' }],
  site: [
    { id: 'mill', enterprise: 'works', name: 'Nhà máy', province: 'Thanh Hóa', timeZone: 'Asia/Ho_Chi_Minh' },
  ],
  person: [
    person('plant', 'plant', { enterprise: 'works' }),
    person('an', 'officer'),
    person('binh', 'officer', { territory: [{ kind: 'ward', name: 'Nghi Sơn' }] }),
    person('chief', 'admin'),
  ],
  policy: [
    {
      id: 'all',
      name: 'all',
      select: {},
      steps: [
        { afterMin: 0, to: [{ kind: 'plant' }, { kind: 'person', id: 'an' }] },
        { afterMin: 120, to: [{ kind: 'person', id: 'chief' }] },
      ],
      repeat: 1,
      ackLapseMin: 1440,
      askPlantMin: 1440,
      verified: false,
    },
  ],
} as const satisfies Bodies;

/** Something that is written down at a time. */
export type Said =
  | { readonly at: number; readonly alert: Alert }
  | { readonly at: number; readonly step: CaseStep }
  | { readonly at: number; readonly notice: NoticeStep };

const bands = [1.05, 1.2, 2, 4] as const;

/** A window whose mean is so many times the limit of 100. */
export function windowAt(since: number, ratio: number): AlertWindow {
  const severity = severities[[1, 1.1, 1.5, 3, 5, 10].findLastIndex((least) => ratio >= least)] ?? 'warning';
  const beyond = { mean: ratio * 100, limitValue: 100, bound: 'max', coverage: 1 } as const;
  return { start: since, end: since + hour, ...beyond, ratio, severity };
}

/** An alert as it was first raised. */
export function alertAt(limit: string, since: number, ratio: number, more: Partial<Alert> = {}): Alert {
  const window = windowAt(since, ratio);
  const raisedAt = more.raisedAt ?? since + hour;
  return {
    id: alertId({ limit, origin: since, generation: 1 }),
    kind: 'exceedance',
    limit,
    limitVersion: 1,
    meter: 'dust',
    site: 'mill',
    enterprise: 'works',
    parameter: 'PM',
    unit: 'mg/Nm3',
    averaging: 'PT1H',
    document: 'QCVN 23:2009/BTNMT',
    verified: false,
    origin: since,
    state: 'open',
    since,
    until: null,
    knownUntil: window.end,
    first: window,
    peak: window,
    latest: window,
    windows: 1,
    coverage: 1,
    stale: false,
    revision: 1,
    cause: 'readings',
    raisedAt,
    changedAt: raisedAt,
    ...more,
  };
}

/** A later revision of it. */
export function revised(alert: Alert, at: number, more: Partial<Alert>): Alert {
  return { ...alert, revision: alert.revision + 1, changedAt: at, ...more };
}

/** Two weeks of three limits: conditions that begin, get worse, end, are withdrawn or joined; people who act. */
export const historyArbitrary: fc.Arbitrary<Said[]> = fc
  .array(
    fc.record({
      limit: fc.constantFrom('l1', 'l2', 'l3'),
      hour: fc.integer({ min: 0, max: 14 * 24 }),
      lasts: fc.integer({ min: 1, max: 30 }),
      lateHours: fc.constantFrom(0, 0, 0, 2, 10, 60),
      band: fc.integer({ min: 0, max: 3 }),
      worse: fc.boolean(),
      fate: fc.constantFrom('ends', 'ends', 'voided', 'open', 'joined'),
      people: fc.array(
        fc.record({
          kind: fc.constantFrom('acknowledged', 'answered', 'shelved', 'closed', 'reopened', 'assigned'),
          minutes: fc.integer({ min: 1, max: 3000 }),
        }),
        { maxLength: 3 },
      ),
    }),
    { minLength: 1, maxLength: 8 },
  )
  .map((plans) => {
    const said: Said[] = [];
    const taken = new Set<string>();
    let previous: Alert | undefined;
    for (const [index, plan] of plans.entries()) {
      const since = start + plan.hour * hour;
      const raisedAt = since + (1 + plan.lateHours) * hour;
      const first = alertAt(plan.limit, since, bands[plan.band]!, { raisedAt });
      if (taken.has(first.id)) continue;
      taken.add(first.id);
      let alert = first;
      said.push({ at: raisedAt, alert });
      if (plan.worse) {
        alert = revised(alert, raisedAt + 20 * minute, {
          peak: windowAt(since, 6),
          latest: windowAt(since, 6),
        });
        said.push({ at: alert.changedAt, alert });
      }
      const end = raisedAt + plan.lasts * hour;
      const until = since + plan.lasts * hour;
      if (plan.fate === 'ends')
        alert = revised(alert, end, { state: 'resolved', until, knownUntil: until, resolvedAt: end });
      if (plan.fate === 'voided') alert = revised(alert, end, { state: 'voided', cause: 'correction' });
      if (plan.fate === 'joined' && previous !== undefined) {
        alert = revised(alert, end, { state: 'replaced', replacedBy: previous.id });
      }
      if (alert.changedAt === end) said.push({ at: end, alert });
      for (const { kind, minutes } of plan.people) {
        const at = raisedAt + minutes * minute;
        said.push({ at, step: personStep(kind, `${index}/${kind}/${minutes}`, first.id, at) });
      }
      previous = first;
    }
    return said;
  });

function personStep(
  kind: 'acknowledged' | 'answered' | 'shelved' | 'closed' | 'reopened' | 'assigned',
  id: string,
  of: string,
  at: number,
): CaseStep {
  const step = { id, case: of, at, by: 'an', via: 'web' } as const;
  switch (kind) {
    case 'acknowledged':
      return { ...step, step: kind, until: at + 5 * hour };
    case 'answered':
      return { ...step, by: 'plant', step: kind, cause: 'process', text: 'Đã chỉnh lò' };
    case 'shelved':
      return {
        ...step,
        step: kind,
        scope: 'limit',
        until: at + 6 * hour,
        oneShot: false,
        reason: 'calibration',
      };
    case 'closed':
      return { ...step, step: kind, conclusion: 'explained', severity: 'from-1.5' };
    case 'reopened':
      return { ...step, step: kind };
    case 'assigned':
      return { ...step, step: kind, to: 'binh' };
  }
}

export interface Course {
  readonly facts: CaseFacts;
  /** In the order in which they were planned. */
  readonly planned: Extract<NoticeStep, { step: 'planned' }>[];
  readonly log: readonly Said[];
}

/** How a desk behaves: in which order it hears what is said at one time, how often it hears it twice, when it dies. */
export interface Manner {
  readonly random: () => number;
  /** Share of times at which the desk starts anew from the log. */
  readonly restarts: number;
  /** Share of deliveries that come twice. */
  readonly repeats: number;
  /** Whether what is sent to that notice dies. */
  readonly dies?: (notice: string) => boolean;
}

/** Lets a desk live through a history, by a clock that stands still while it works. */
export function live(said: readonly Said[], registered: Registered, manner: Manner, until: number): Course {
  const { random, restarts, repeats, dies = () => false } = manner;
  const log: Said[] = [];
  const planned: Course['planned'] = [];
  let facts = new CaseFacts();
  let decisions = new Decisions(facts, registered);
  const take = (one: Said) => {
    const times = random() < repeats ? 2 : 1;
    for (let i = 0; i < times; i++) decisions.changed(put(facts, one));
  };
  const write = (one: Said) => {
    log.push(one);
    take(one);
  };
  const times = [...new Set(said.map(({ at }) => at))].toSorted((a, b) => a - b);
  let now = start;
  while (now <= until) {
    for (const one of shuffled(
      said.filter(({ at }) => at === now),
      random,
    ))
      write(one);
    if (random() < restarts) {
      facts = new CaseFacts();
      for (const one of inTheirOrder(log, random)) put(facts, one);
      decisions = new Decisions(facts, registered);
    }
    work();
    const next = times.find((at) => at > now) ?? Infinity;
    const wake = decisions.nextAt();
    if (wake <= now) throw new Error(`it would look again at ${wake}, which is not after ${now}`);
    now = Math.min(next, wake);
  }
  return { facts, planned, log };

  function work(): void {
    for (let round = 0; ; round++) {
      if (round > 200) throw new Error('it never comes to rest');
      const { steps, withdraw } = decisions.decide(now);
      for (const step of steps) write({ at: now, step });
      for (const notice of withdraw) write({ at: now, notice: { step: 'withdrawn', notice, at: now } });
      if (steps.length + withdraw.length > 0) continue;
      const messages = decisions.messages(now);
      if (messages.length === 0) return;
      for (const { id, person: to, way, tellings } of messages) {
        const notice = {
          step: 'planned',
          notice: id,
          at: now,
          person: to,
          channel: way.id,
          address: { kind: 'mail', mail: way.address ?? '' },
          language: 'vi',
          purpose: tellings.length === 1 ? tellings[0]!.item.purpose : 'gathered',
          items: tellings.map(({ item }) => item),
          subject: 's',
          text: 't',
        } as const;
        planned.push(notice);
        write({ at: now, notice });
        write({
          at: now,
          notice: dies(id)
            ? { step: 'dead', notice: id, at: now, attempt: 1, code: 'mail_refused' }
            : { step: 'sent', notice: id, at: now, ref: 'r' },
        });
      }
    }
  }
}

function put(facts: CaseFacts, one: Said): Set<string> {
  if ('alert' in one) return facts.putAlert(one.alert);
  return 'step' in one ? facts.putStep(one.step) : facts.putNotice(one.notice);
}

function keyOf(one: Said): string {
  if ('alert' in one) return `a${one.alert.id}`;
  return 'step' in one ? `c${one.step.case}` : `n${one.notice.notice}`;
}

/** The log as another reader may have it: in the order of each key, keys in any order. */
function inTheirOrder(log: readonly Said[], random: () => number): Said[] {
  const byKey = [...Map.groupBy(log, keyOf).values()];
  const order = shuffled(
    byKey.flatMap((records, key) => records.map(() => key)),
    random,
  );
  const next = byKey.map(() => 0);
  return order.map((key) => byKey[key]![next[key]!++]!);
}

function shuffled<T>(items: readonly T[], random: () => number): T[] {
  return items
    .map((item) => [random(), item] as const)
    .toSorted(([a], [b]) => a - b)
    .map(([, item]) => item);
}

/** A generator of numbers from 0 to 1 (mulberry32). */
export function randomOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
