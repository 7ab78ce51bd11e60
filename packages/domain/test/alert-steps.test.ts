import { describe, expect, it } from 'vitest';
import {
  alertId,
  alertSchema,
  parseAlertId,
  readAlertStep,
  revisionOfEarlierStep,
  type Alert,
  type EarlierStep,
} from '../src/index.ts';

const hourMs = 3_600_000;
/** What a build of 2026-11-27 appended when an hour was beyond its limit. */
const raised = {
  step: 'raised',
  alert: `dust/${5 * hourMs}`,
  at: 9 * hourMs,
  limit: 'dust',
  limitVersion: 2,
  meter: 'kiln-pm',
  site: 'bim-son',
  enterprise: 'xi-mang',
  parameter: 'PM',
  unit: 'mg/Nm3',
  averaging: 'PT1H',
  validity: { rule: 'share', min: 0.75 },
  since: 5 * hourMs,
  mean: 150,
  limitValue: 100,
  bound: 'max',
  coverage: 0.75,
  ratio: 1.5,
  severity: 'from-1.5',
  document: 'QCVN 23:2009/BTNMT',
  verified: false,
} as const;
const { alert, at } = raised;

describe('a step of the topic of alerts', () => {
  it('of a kind that this build does not know is passed over', () => {
    expect(readAlertStep({ step: 'shelved', alert, at, until: 7, reason: { code: 'calibration' } })).toBe(
      undefined,
    );
    expect(() => readAlertStep({ alert, at })).toThrow('step');
    expect(() => readAlertStep({ step: 'acknowledged', alert, at })).toThrow('by');
  });

  it('of an earlier build is still read, and comes to a revision of the whole alert', () => {
    const steps = [
      raised,
      { step: 'resolved', alert, at: at + 1, until: 7 * hourMs, mean: 50 },
      { step: 'voided', alert, at: at + 2, reason: 'corrected' },
    ];
    const revisions: Alert[] = [];
    for (const value of steps) {
      // Each comes twice: delivery is at least once.
      for (const step of [value, value].map((one) => readAlertStep(one) as EarlierStep)) {
        const after = revisionOfEarlierStep(step, revisions.at(-1));
        if (after !== undefined) revisions.push(after);
      }
    }
    for (const revision of revisions) expect(alertSchema.parse(revision)).toEqual(revision);
    expect(revisions).toMatchObject([
      {
        state: 'open',
        since: 5 * hourMs,
        knownUntil: 6 * hourMs,
        peak: { mean: 150, ratio: 1.5 },
        windows: 1,
      },
      { state: 'resolved', until: 7 * hourMs, knownUntil: 7 * hourMs, revision: 2, resolvedAt: at + 1 },
      { state: 'voided', cause: 'correction', revision: 3, changedAt: at + 2 },
    ]);
  });
});

describe('the id of an alert', () => {
  it('names its limit and where it was first found to begin', () => {
    for (const [id, key] of [
      ['dust/18000000', { limit: 'dust', origin: 18_000_000, generation: 1 }],
      ['dust/-3600000/2', { limit: 'dust', origin: -3_600_000, generation: 2 }],
    ] as const) {
      expect(parseAlertId(id)).toEqual(key);
      expect(alertId(key)).toBe(id);
    }
    for (const id of ['dust', 'dust/', 'dust/01', 'dust/5/1', 'dust/5/x', '/5', 'a/b/5/2']) {
      expect(parseAlertId(id)).toBe(undefined);
    }
  });
});
