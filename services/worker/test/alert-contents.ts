import type { Alert } from '@songma/domain';
import { conditionContent, conditionsOf, isStanding } from '@songma/limits';
import { expect } from 'vitest';
import { byMeter, judgedLimits, verdictsOf } from '../src/limit-verdicts.ts';
import { dayMs, monday, type WorkerWorld } from './worker-world.ts';

/** What of an alert follows from the verdicts that stand: not its name, its revisions, and what it replaced. */
export function saidBy({
  id: _id,
  origin: _origin,
  revision: _revision,
  cause: _cause,
  raisedAt: _raisedAt,
  changedAt: _changedAt,
  resolvedAt: _resolvedAt,
  replaces: _replaces,
  ...said
}: Alert) {
  return said;
}

/** The alerts of which something stands, in order of time. */
export async function standingAlerts(world: WorkerWorld, limit: string): Promise<Alert[]> {
  const found = await world.alerts({ limits: [limit] });
  return found.filter(isStanding).toSorted((a, b) => a.since - b.since);
}

/**
 * Holds that the alerts of a limit say what the stored hours say, in every field, and that their history takes up each
 * revision from the one before. What is known of windows that end later says nothing yet.
 * @returns how many there are
 */
export async function expectAlertsInLine(
  world: WorkerWorld,
  meter: string,
  limitId: string,
): Promise<number> {
  const { registry, seriesStore, now } = world.deps;
  const of = judgedLimits(registry, meter).find(({ limit }) => limit.id === limitId)!;
  const { site, enterprise, meter: body } = of.context;
  const span = { from: monday - 1_000 * dayMs, to: now() };
  const ranges = [{ site: site.id, meters: of.meters, ...span }];
  const hours = byMeter(await seriesStore.rollups({ ranges, window: 'PT1H' }));
  const overUntil = now() - world.config.windowGraceMs;
  const verdicts = verdictsOf({ of, ...span }, hours).filter(({ end }) => end <= overUntil);
  const judged = { ...span, verdicts, overUntil };
  const scope = {
    limit: of.limit,
    version: of.version,
    site: site.id,
    zone: site.timeZone,
    source: body.source,
    enterprise: enterprise.id,
    unit: body.unit,
  };
  const expected = conditionsOf(verdicts).map((condition) => conditionContent(scope, condition, judged));
  const standing = await standingAlerts(world, limitId);
  expect(standing.map(saidBy)).toEqual(expected);
  for (const alert of await world.alerts({ limits: [limitId] })) {
    const history = await seriesStore.alertHistory({ alert: alert.id, afterRevision: 0, limit: 1_000 });
    expect(history.at(-1)).toEqual(alert);
    expect(history.map(({ revision }) => revision)).toEqual(history.map((_, index) => index + 1));
    expect(alert.replacedBy !== undefined).toBe(alert.state === 'replaced');
  }
  return expected.length;
}
