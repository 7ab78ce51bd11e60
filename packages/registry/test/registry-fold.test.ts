import type { EntityKind, RegistryCommand } from '@songma/domain';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RegistryFold } from '../src/registry-fold.ts';
import * as sample from './sample.ts';
import { day, everything, openLog, openOn, put, t0, temporaryDir } from './sample.ts';

/** Few ids, so that commands meet: bodies that may fit or not, by what else stands. */
const bodies = fc.oneof(
  fc.record({ kind: fc.constant('enterprise'), id: fc.constantFrom('e1', 'e2') }).map(({ kind, id }) => ({
    kind,
    body: { ...sample.enterprise, id },
  })),
  fc
    .record({
      id: fc.constantFrom('s1', 's2'),
      enterprise: fc.constantFrom('e1', 'e2'),
      station: fc.constantFrom('A', 'B', undefined),
    })
    .map((body) => ({ kind: 'site', body: { ...sample.site, ...body } })),
  fc
    .record({
      id: fc.constantFrom('o1', 'o2'),
      site: fc.constantFrom('s1', 's2'),
      station: fc.constantFrom('A', 'C', undefined),
    })
    .map((body) => ({ kind: 'source', body: { ...sample.source, ...body } })),
  fc
    .record({
      id: fc.constantFrom('m1', 'm2', 'm3'),
      site: fc.constantFrom('s1', 's2'),
      source: fc.constantFrom('o1', undefined),
      symbol: fc.constantFrom('PM', 'SO2', undefined),
      unit: fc.constantFrom('mg/m3', 'mg/m3', 'kWh'),
    })
    .map((body) => ({ kind: 'meter', body: { ...sample.dust, ...body } })),
  fc
    .record({ id: fc.constantFrom('l1', 'l2'), meter: fc.constantFrom('m1', 'm2') })
    .map((body) => ({ kind: 'limit', body: { ...sample.limit, ...body } })),
  fc
    .record({
      id: fc.constantFrom('k1', 'k2', 'k3'),
      enterprise: fc.constantFrom('e1', 'e2'),
      expiresAt: fc.constantFrom(undefined, t0 + 5),
    })
    .map((body) => ({ kind: 'key', body: { ...sample.key, ...body } })),
);

const wish = fc.record({
  entity: bodies,
  isRetirement: fc.boolean(),
  /** How far the sender is behind. */
  lag: fc.constantFrom(0, 0, 0, 0, 1),
  /** Whether the log gets the command again later, as by a producer's retry. */
  repeatAfter: fc.constantFrom(undefined, undefined, 0, 1, 3),
});
type Wish = typeof wish extends fc.Arbitrary<infer T> ? T : never;

const wishLists = fc.array(wish, { minLength: 20, maxLength: 80 });

/** What most wishes refer to, so that many of them are granted. */
const base: readonly (readonly [EntityKind, { readonly id: string; readonly [field: string]: unknown }])[] = [
  ['enterprise', { ...sample.enterprise, id: 'e1' }],
  ['enterprise', { ...sample.enterprise, id: 'e2' }],
  ['site', { ...sample.site, id: 's1', enterprise: 'e1', station: undefined }],
  ['site', { ...sample.site, id: 's2', enterprise: 'e2', station: 'B' }],
  ['source', { ...sample.source, id: 'o1', site: 's1', station: 'C' }],
];

/** Commands as senders would make them that see the fold, and where each is logged again; the base comes first. */
function commandsOf(wishes: readonly Wish[]): { commands: RegistryCommand[]; fold: RegistryFold } {
  const fold = new RegistryFold();
  const commands: RegistryCommand[] = base.map(([kind, body]) => ({
    id: `base ${body.id}`,
    kind,
    entity: body.id,
    expectedVersion: 0,
    body,
    by: 'test',
    at: t0,
  }));
  for (const [position, command] of commands.entries()) fold.apply(command, position);
  const later: { at: number; command: RegistryCommand }[] = [];
  for (const [i, { entity, isRetirement, lag, repeatAfter }] of wishes.entries()) {
    const kind = entity.kind as EntityKind;
    const { id } = entity.body;
    const command: RegistryCommand = {
      id: `c${i}`,
      kind,
      entity: id,
      expectedVersion: Math.max(0, (fold.entities.last(kind, id)?.version ?? 0) - lag),
      body: isRetirement && i % 3 === 0 ? null : JSON.parse(JSON.stringify(entity.body)),
      by: 'test',
      at: t0 + i,
    };
    fold.apply(command, commands.length);
    commands.push(command);
    if (repeatAfter !== undefined) later.push({ at: i + repeatAfter, command });
    for (const repeat of later.filter(({ at }) => at === i)) commands.push(repeat.command);
  }
  return { commands, fold };
}

function folded(commands: readonly RegistryCommand[]): RegistryFold {
  const fold = new RegistryFold();
  for (const [position, command] of commands.entries()) fold.apply(command, position);
  return fold;
}

describe('the fold', () => {
  it('decides alike however often a command is logged', () => {
    let metersTaken = 0;
    fc.assert(
      fc.property(wishLists, (wishes) => {
        const { commands, fold } = commandsOf(wishes);
        expect(everything(folded(commands).entities)).toEqual(everything(fold.entities));
        metersTaken += fold.entities.list('meter').length;
      }),
      { numRuns: 150 },
    );
    expect(metersTaken).toBeGreaterThan(50);
  });

  it('keeps its indexes equal to a search through everything', () => {
    fc.assert(
      fc.property(wishLists, (wishes) => {
        const { entities } = commandsOf(wishes).fold;
        const meters = entities.list('meter').map(({ body }) => body);
        for (const site of ['s1', 's2']) {
          expect(entities.metersOfSite(site)).toEqual(meters.filter((meter) => meter.site === site));
        }
        for (const enterprise of ['e1', 'e2']) {
          const sites = entities.list('site').map(({ body }) => body);
          expect(entities.sitesOfEnterprise(enterprise)).toEqual(
            sites.filter((site) => site.enterprise === enterprise),
          );
        }
        for (const meter of meters) {
          const site = entities.get('site', meter.site)?.body;
          expect(entities.meter(meter.id)).toMatchObject({
            meter,
            site,
            enterprise: entities.get('enterprise', site?.enterprise ?? '')?.body,
          });
        }
        const named = meters.flatMap((meter) => {
          const source = entities.get('source', meter.source ?? '')?.body;
          const station = source?.station ?? entities.get('site', meter.site)?.body.station;
          return station === undefined || meter.symbol === undefined
            ? []
            : [{ meter, station, symbol: meter.symbol }];
        });
        for (const { meter, station, symbol } of named) {
          expect(entities.stationMeters(station, symbol).map((one) => one.meter)).toEqual([meter]);
        }
        for (const { body } of entities.list('limit')) {
          expect(entities.limitsOfMeter(body.meter)).toContainEqual(body);
        }
      }),
      { numRuns: 150 },
    );
  });

  it('gives on every date what stood then', () => {
    fc.assert(
      fc.property(wishLists, fc.nat(80), (wishes, cut) => {
        const { commands, fold } = commandsOf(wishes);
        const then = folded(commands.filter(({ at }) => at <= t0 + cut)).entities;
        for (const kind of sample.allKinds) {
          for (const id of ['e1', 's1', 'o1', 'm1', 'l1', 'k1']) {
            expect(fold.entities.getAsOf(kind, id, t0 + cut)).toEqual(then.get(kind, id));
          }
        }
      }),
    );
  });
});

it('registries that submit at once through one log agree with each other and with one opened later', async () => {
  const eventLog = await openLog(await temporaryDir());
  const registries = [await openOn(eventLog), await openOn(eventLog), await openOn(eventLog, () => t0 + day)];
  for (const [kind, body] of base) await put(registries[0]!, kind, body);
  let accepted = 0;
  await Promise.all(
    fc.sample(wish, { numRuns: 150, seed: 7 }).map(async ({ entity, isRetirement }, i) => {
      const registry = registries[i % registries.length]!;
      const kind = entity.kind as EntityKind;
      const { id } = entity.body;
      for (let turn = 0; turn < 3; turn++) {
        const { ok } = await registry.submit({
          kind,
          entity: id,
          expectedVersion: registry.get(kind, id)?.version ?? 0,
          body: isRetirement && turn === 1 ? null : entity.body,
          by: `sender ${i}`,
        });
        if (ok) accepted++;
      }
    }),
  );
  const late = await openOn(eventLog);
  // What stands at the end is a matter of luck; that the senders were at work is not.
  expect(accepted).toBeGreaterThan(20);
  // Each has passed its own last command; of the others' it may be a delivery behind.
  for (const registry of registries) {
    await expect.poll(() => everything(registry)).toEqual(everything(late));
  }
});
