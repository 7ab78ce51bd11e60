import type { EntityKind } from '@songma/domain';
import type { OpenEventLog } from '@songma/event-log';
import { createLogger } from '@songma/runtime';
import { describe, expect, it } from 'vitest';
import { openRegistry } from '../src/index.ts';
import * as sample from './sample.ts';
import { logger, openAlone, openLog, openOn, put, putSample, retire, t0, temporaryDir } from './sample.ts';

/** Numbers and times that were accepted, and then ended every start or made a whole collection answer 500. */
const beyond: readonly (readonly [
  EntityKind,
  string,
  { readonly id: string; readonly [field: string]: unknown },
])[] = [
  ['meter', 'intervalMs', { ...sample.meter, intervalMs: 9_007_199_254_740_991 }],
  ['meter', 'intervalMs', { ...sample.meter, intervalMs: 1 }],
  ['meter', 'holdMaxMs', { ...sample.dust, holdMaxMs: 9e13 }],
  ['meter', 'holdMaxMs', { ...sample.dust, intervalMs: 1_000, holdMaxMs: 86_400_000 }],
  ['meter', 'multiplier', { ...sample.meter, multiplier: 1e300 }],
  ['meter', 'multiplier', { ...sample.meter, multiplier: 5e-324 }],
  ['meter', 'registerWidth', { ...sample.meter, kind: 'counter', registerWidth: 1e300 }],
  ['meter', 'ratePerHourMax', { ...sample.meter, kind: 'counter', ratePerHourMax: 1e300 }],
  ['meter', 'validRange.max', { ...sample.meter, validRange: { max: 1e300 } }],
  ['meter', 'swaps.0.at', { ...sample.meter, kind: 'counter', swaps: [{ at: 253_402_300_799_000 }] }],
  [
    'meter',
    'swaps.0.initialNew',
    { ...sample.meter, kind: 'counter', swaps: [{ at: t0, initialNew: 1e300 }] },
  ],
  ['limit', 'validFrom', { ...sample.limit, validFrom: -62_167_219_200_000 }],
  ['limit', 'validTo', { ...sample.limit, validTo: 253_402_300_799_000 }],
  ['limit', 'value', { ...sample.limit, value: 5e-324 }],
  ['limit', 'factors.kp', { ...sample.limit, factors: { kp: 1e300 } }],
  ['void', 'to', { id: 'v', meter: 'bs1-kwh', from: 0, to: 253_402_300_799_000, reason: 'x' }],
  ['void', 'from', { id: 'v', meter: 'bs1-kwh', from: -1, to: t0, reason: 'x' }],
  ['key', 'expiresAt', { ...sample.key, expiresAt: 253_402_300_799_000 }],
  ['factor', 'value', { ...sample.factor, value: 1e300 }],
  ['factor', 'validTo', { ...sample.factor, validTo: '9999-12-31' }],
  ['baseline', 'from', { ...sample.baseline, from: '0000-01-01' }],
  [
    'participation',
    'applying.since',
    { ...sample.participation, applying: { holds: true, since: '9999-12-31', evidence: 'x' } },
  ],
  ['assessment', 'tasks.0.on', { id: 'bim-son', tasks: [{ task: 1, state: 'done', on: '0000-01-01' }] }],
];

describe('numbers and times', () => {
  it.each(beyond)('of a %s beyond what the engine can bear are refused at %s', async (kind, path, body) => {
    const registry = await openAlone();
    await putSample(registry);
    const result = await put(registry, kind, body);
    expect(result).toMatchObject({ ok: false, reason: 'invalid' });
    expect(
      result.ok || result.reason !== 'invalid' ? [] : result.problems.map((found) => found.path),
    ).toContain(path);
  });

  it.each([
    ['meter', { ...sample.meter, intervalMs: 366 * 86_400_000 }],
    ['meter', { ...sample.meter, intervalMs: 1_000 }],
    ['meter', { ...sample.dust, holdMaxMs: 10_000 * 300_000 }],
    ['limit', { ...sample.limit, validTo: Date.UTC(2200, 0, 1) - 1 }],
  ] as const)('of a %s at the bounds are taken: %o', async (kind, body) => {
    const registry = await openAlone();
    await putSample(registry);
    expect(await put(registry, kind, body)).toMatchObject({ ok: true });
  });
});

describe('a fact that an earlier build accepted', () => {
  /** Logged as the build before this one did. */
  async function logged(
    eventLog: OpenEventLog,
    ...facts: readonly (readonly [string, string, number, unknown])[]
  ) {
    const encoder = new TextEncoder();
    const records = facts.map(([kind, entity, expectedVersion, body], i) => {
      const command = { id: `old ${i} ${entity}`, kind, entity, expectedVersion, body, by: 'before', at: t0 };
      return { key: `${kind}/${entity}`, value: encoder.encode(JSON.stringify(command)) };
    });
    await eventLog.append('registry', records);
  }

  it('does not stop the start: it is named and passed over, and what stood before goes on standing', async () => {
    const eventLog = await openLog(await temporaryDir());
    await putSample(await openOn(eventLog));
    const mad = { ...sample.meter, intervalMs: 9_007_199_254_740_991 };
    await logged(eventLog, ['meter', mad.id, 1, mad], ['meter', 'mad', 0, { ...mad, id: 'mad' }]);
    const lines: string[] = [];
    const told = createLogger({
      service: 'test',
      level: 'warn',
      destination: { write: (line) => void lines.push(line) },
    });
    const registry = await openRegistry({ eventLog, logger: told, now: () => t0 });
    expect(registry.get('meter', mad.id)).toMatchObject({ version: 2, body: { intervalMs: 900_000 } });
    expect(registry.get('meter', 'mad')).toBeUndefined();
    expect(registry.meter('mad')).toBeUndefined();
    expect(lines.filter((line) => line.includes('passed over') && line.includes('intervalMs'))).toHaveLength(
      2,
    );
    await registry.close();
  });

  it('can be mended by the version after it, in the log or from now on', async () => {
    const eventLog = await openLog(await temporaryDir());
    await putSample(await openOn(eventLog));
    const mad = { ...sample.limit, validTo: 253_402_300_799_000 };
    const mended = { ...sample.limit, validTo: t0 + 1 };
    await logged(eventLog, ['limit', mad.id, 1, mad], ['limit', mad.id, 2, mended]);
    await logged(eventLog, ['void', 'v', 0, { id: 'v', meter: 'bs1-kwh', from: 0, to: 9e15, reason: 'x' }]);
    const registry = await openOn(eventLog);
    expect(registry.get('limit', mad.id)).toMatchObject({ version: 3, body: { validTo: t0 + 1 } });
    const anew = { id: 'v', meter: 'bs1-kwh', from: 0, to: t0, reason: 'x' };
    expect(await put(registry, 'void', anew)).toEqual({ ok: true, version: 2 });
    expect(await retire(registry, 'void', 'v')).toEqual({ ok: true, version: 3 });
    expect(registry.changesSince(0).every(({ before, after }) => (before ?? after) !== undefined)).toBe(true);
  });

  it('of a kind that this build does not know is passed over too', async () => {
    const eventLog = await openLog(await temporaryDir());
    await logged(
      eventLog,
      ['spaceship', 'enterprise', 0, {}],
      ['enterprise', 'bim-son', 0, sample.enterprise],
    );
    const registry = await openRegistry({ eventLog, logger, now: () => t0 });
    expect(registry.get('enterprise', 'bim-son')?.version).toBe(1);
    await registry.close();
  });
});
