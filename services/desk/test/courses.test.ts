import type { CaseStep, EntityOf } from '@songma/domain';
import type { Registered } from '@songma/duty';
import { describe, expect, it } from 'vitest';
import {
  alertAt,
  bodies,
  day,
  hour,
  live,
  minute,
  registeredOf,
  revised,
  start,
  windowAt,
  type Said,
} from './histories.ts';

const calm = { random: () => 0.5, restarts: 0, repeats: 0 };
const registered = registeredOf(bodies);
/** Monday, ten in the morning. */
const morning = start + 10 * hour;

/** What was told: hours after `morning`, to whom, why. */
function told(
  said: readonly Said[],
  more: { of?: Registered; days?: number; dies?: (id: string) => boolean } = {},
) {
  const { of = registered, days = 6, dies } = more;
  const { planned } = live(
    said,
    of,
    { ...calm, ...(dies === undefined ? {} : { dies }) },
    start + days * day,
  );
  return planned.map(
    ({ at, person, purpose }) => `${+((at - morning) / hour).toFixed(2)} ${person} ${purpose}`,
  );
}

const alert = alertAt('l1', morning - hour, 1.2);
const raised: Said = { at: morning, alert };
const by = { by: 'an', via: 'web' } as const;
const step = (at: number, more: object): Said => ({
  at,
  step: { id: `s${at}`, case: alert.id, at, ...by, ...more } as CaseStep,
});
const resolved = (at: number) =>
  ({
    at,
    alert: revised(alert, at, { state: 'resolved', until: at - hour, knownUntil: at - hour, resolvedAt: at }),
  }) as const;

describe('what people are told', () => {
  it('is told at once, then to the next as long as nobody takes it up, and the answer is owed', () => {
    expect(told([raised], { days: 2 })).toEqual([
      '0 an raised',
      '0 plant asked',
      '2 chief raised',
      '4 an escalated',
      '6 chief escalated',
      '24 an answer-overdue',
    ]);
  });

  it('does not go on once somebody has taken it up, until that lapses', () => {
    const lines = told([raised, step(morning + hour, { step: 'acknowledged', until: morning + 5 * hour })], {
      days: 1,
    });
    expect(lines).toEqual([
      '0 an raised',
      '0 plant asked',
      '5 an lapsed',
      '7 chief raised',
      '9 an escalated',
      '11 chief escalated',
    ]);
  });

  it('tells that it is worse, at once and to those who were told', () => {
    const worse = revised(alert, morning + hour, {
      peak: windowAt(morning, 4),
      latest: windowAt(morning, 4),
    });
    const taken = step(morning + 30 * minute, { step: 'acknowledged' });
    expect(told([raised, taken, { at: morning + hour, alert: worse }], { days: 1 })).toEqual([
      '0 an raised',
      '0 plant asked',
      '1 an worse',
      '1 plant worse',
    ]);
  });

  it('tells the end once it has been quiet for twelve hours', () => {
    const taken = step(morning + 30 * minute, { step: 'acknowledged' });
    const answered = step(morning + 40 * minute, {
      step: 'answered',
      by: 'plant',
      cause: 'process',
      text: 'Đã chỉnh lò',
    });
    expect(told([raised, taken, answered, resolved(morning + 3 * hour)])).toEqual([
      '0 an raised',
      '0 plant asked',
      '0.67 an answered',
      '14 an ended',
      '14 plant ended',
    ]);
  });

  it('tells a second condition within those hours to nobody, and the end of both once', () => {
    const again = alertAt('l1', morning + 4 * hour, 1.2);
    const end = morning + 8 * hour;
    const over = revised(again, end, {
      state: 'resolved',
      until: end - hour,
      knownUntil: end - hour,
      resolvedAt: end,
    });
    const taken = step(morning + 30 * minute, { step: 'acknowledged' });
    const answered = step(morning + 40 * minute, {
      step: 'answered',
      by: 'plant',
      cause: 'process',
      text: 'x',
    });
    const lines = told([
      raised,
      taken,
      answered,
      resolved(morning + 3 * hour),
      { at: again.raisedAt, alert: again },
      { at: end, alert: over },
    ]);
    expect(lines.filter((line) => line.includes('raised'))).toEqual(['0 an raised']);
  });

  it('tells what is found long afterwards once, in office hours, and escalates nothing', () => {
    const night = start + 2 * hour;
    const found = alertAt('l1', night - 20 * hour, 1.2, { raisedAt: night });
    expect(told([{ at: night, alert: found }])).toEqual(['-2.5 an found', '-2.5 plant found']);
    const severe = alertAt('l1', night - 20 * hour, 4, { raisedAt: night });
    expect(told([{ at: night, alert: severe }], { days: 1 })[0]).toBe('-8 an found');
  });

  it('withdraws what nobody was told without a word, and tells exactly those who were told', () => {
    const quiet = { from: '00:00', to: '23:59' };
    const channel = {
      id: 'an-mail',
      person: 'an',
      kind: 'smtp',
      timeZone: 'Asia/Ho_Chi_Minh',
      secretVersion: 1,
      quiet,
    } as const;
    const of = registeredOf({ ...bodies, channel: [channel] });
    const voided = {
      at: morning + hour,
      alert: revised(alert, morning + hour, { state: 'voided', cause: 'correction' }),
    };
    expect(told([raised, voided], { of })).toEqual(['0 plant asked', '1 plant withdrawn']);
  });

  it('takes the next step at once where everything sent has died', () => {
    const lines = told([raised], { days: 1, dies: (id) => id.includes('/an/') });
    expect(lines.slice(0, 3)).toEqual(['0 an raised', '0 plant asked', '0 chief raised']);
  });

  it('tells the administrators where nobody can be reached', () => {
    const unreachable = bodies.person.map((one) => (one.id === 'an' ? { ...one, mail: undefined } : one));
    const policy = [{ ...bodies.policy[0], steps: [{ afterMin: 0, to: [{ kind: 'person', id: 'an' }] }] }];
    const of = registeredOf({ ...bodies, person: unreachable, policy: policy as never });
    expect(told([raised], { of, days: 1 })[0]).toBe('0 chief raised');
  });

  it('is silent while it is on the shelf, says so an hour before, and tells what is open then as new', () => {
    const shelved = step(morning, {
      step: 'shelved',
      scope: 'case',
      until: morning + 6 * hour,
      oneShot: false,
      reason: 'calibration',
    });
    const lines = told([raised, shelved], { days: 1 });
    expect(lines.slice(0, 4)).toEqual(['5 an shelf-ends', '6 an raised', '6 plant asked', '8 chief raised']);
  });

  it('takes a shelf that is too long for one officer for none', () => {
    const until = morning + 25 * hour;
    const long = { step: 'shelved', scope: 'case', until, oneShot: false, reason: 'calibration' };
    expect(told([raised, step(morning, long)], { days: 1 })[0]).toBe('0 an raised');
    expect(told([raised, step(morning, { ...long, second: 'chief' })], { days: 1 })).toEqual([]);
  });

  it('tells nobody of what is out of service', () => {
    const outage = { id: 'o', meter: 'dust', from: start, to: start + day, reason: 'x', approvedBy: 'an' };
    expect(told([raised], { of: registeredOf({ ...bodies, outage: [outage] }) })).toEqual([]);
  });

  it('waits in quiet hours, but for what is three times the limit', () => {
    const night = start + 23 * hour;
    const quiet = { from: '22:00', to: '06:00' };
    const channel = {
      id: 'an-mail',
      person: 'an',
      kind: 'smtp',
      timeZone: 'Asia/Ho_Chi_Minh',
      secretVersion: 1,
      quiet,
    };
    const of = registeredOf({ ...bodies, channel: [channel as EntityOf<'channel'>] });
    const at = (ratio: number) => [{ at: night, alert: alertAt('l1', night - hour, ratio) }];
    const first = (lines: string[]) => lines.find((line) => line.includes(' an '));
    expect(first(told(at(1.2), { of, days: 2 }))).toBe('20 an raised');
    expect(first(told(at(4), { of, days: 2 }))).toBe('13 an raised');
  });

  it('opens again what was closed when it gets worse', () => {
    const closed = step(morning + hour, { step: 'closed', conclusion: 'explained', severity: 'from-1.1' });
    const worse = revised(alert, morning + 2 * hour, {
      peak: windowAt(morning, 4),
      latest: windowAt(morning, 4),
    });
    const lines = told([raised, closed, { at: morning + 2 * hour, alert: worse }], { days: 1 });
    expect(lines.filter((line) => line.startsWith('2 '))).not.toEqual([]);
    expect(told([raised, closed], { days: 1 })).toEqual(['0 an raised', '0 plant asked']);
  });
});
