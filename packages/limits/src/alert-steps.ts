import { roundTo15Digits, type AlertStep, type Limit } from '@songma/domain';
import type { AlertState } from './alert-book.ts';
import { conditionsOf, type Condition } from './conditions.ts';
import { validityOf } from './hour-validity.ts';
import { boundsOf } from './limit-value.ts';
import { severityOf } from './severity.ts';
import type { Verdict } from './verdict.ts';

/** What an alert tells of the place that its limit is for. */
export interface LimitScope {
  readonly limit: Limit;
  /** Of the limit, as it is registered. */
  readonly version: number;
  readonly site: string;
  readonly source?: string | undefined;
  readonly enterprise: string;
  /** The meter's. */
  readonly unit: string;
}

/**
 * Id of the alert of the condition that was found to start at `since`. `generation` tells apart those that were
 * voided and found anew at the same place, from 1.
 */
export function alertIdOf(limit: string, since: number, generation: number): string {
  return generation === 1 ? `${limit}/${since}` : `${limit}/${since}/${generation}`;
}

/**
 * The steps that bring a limit's alerts in line with its verdicts. Afterwards, within the time that `verdicts` tell:
 *
 * 1. every condition has exactly one alert that is not voided, and every such alert lies in a condition: its `since`
 *    is between the start of the condition's first window and the end of its last;
 * 2. the alert is resolved if and only if its condition has ended;
 * 3. no step is repeated.
 *
 * An alert keeps its id and `since` while it lies in a condition, although late readings move the start: who was told
 * is not told again. Where they split a condition, the part without an alert gets one; where they join two, the alert
 * that is open stays (the earliest of several) and the others are voided; where they go on after an alert that was
 * resolved, that one is voided and the condition raised anew, because a resolved alert does not open again.
 *
 * @param verdicts ascending, of every window from the last that keeps the limit before what changed (or the first of
 *   all) to the first that keeps it after it (or the last of all), these two included
 * @param alerts every alert of the limit that is known, voided ones too
 * @param at when the steps are made, epoch milliseconds
 * @param reason why alerts are voided
 */
export function reconcileAlerts(
  scope: LimitScope,
  verdicts: readonly Verdict[],
  alerts: readonly AlertState[],
  at: number,
  reason: 'corrected' | 'limit-changed' = 'corrected',
): AlertStep[] {
  const [firstVerdict] = verdicts;
  const lastVerdict = verdicts.at(-1);
  if (firstVerdict === undefined || lastVerdict === undefined) return [];
  const live = alerts
    .filter(
      ({ voided, since }) => voided === undefined && since >= firstVerdict.start && since < lastVerdict.end,
    )
    .toSorted((a, b) => a.since - b.since);
  const known = new Set(alerts.map(({ id }) => id));
  const kept = new Set<string>();
  const steps: AlertStep[] = [];

  for (const condition of conditionsOf(verdicts)) {
    const inside = live.filter(({ since }) => since >= condition.first.start && since < condition.brokenTo);
    const open = inside.find(({ resolvedAt }) => resolvedAt === undefined);
    // Without an open one, a resolved alert stands for a condition that has ended.
    const alert = open ?? (condition.kept === undefined ? undefined : inside[0]);
    let id: string;
    if (alert === undefined) {
      id = unusedId(scope.limit.id, condition.first.start, known);
      steps.push(raised(scope, condition, id, at));
    } else {
      id = alert.id;
      kept.add(id);
    }
    if (condition.kept !== undefined && alert?.resolvedAt === undefined) {
      steps.push({
        step: 'resolved',
        alert: id,
        at,
        until: condition.brokenTo,
        mean: condition.kept.mean ?? 0,
      });
    }
  }
  const voided = live
    .filter(({ id }) => !kept.has(id))
    .map(({ id }): AlertStep => ({ step: 'voided', alert: id, at, reason }));
  return [...voided, ...steps];
}

function unusedId(limit: string, since: number, known: Set<string>): string {
  let generation = 1;
  while (known.has(alertIdOf(limit, since, generation))) generation++;
  const id = alertIdOf(limit, since, generation);
  known.add(id);
  return id;
}

function raised(scope: LimitScope, condition: Condition, id: string, at: number): AlertStep {
  const { limit, version, site, source, enterprise, unit } = scope;
  const { start, mean, coverage, hours } = condition.first;
  const bound = condition.first.bound ?? 'max';
  const limitValue = boundsOf(limit)[bound] ?? 0;
  const ratio = limit.value === undefined ? null : roundTo15Digits((mean ?? 0) / limitValue);
  return {
    step: 'raised',
    alert: id,
    at,
    limit: limit.id,
    limitVersion: version,
    meter: limit.meter,
    ...(source === undefined ? {} : { source }),
    site,
    enterprise,
    parameter: limit.parameter,
    unit,
    averaging: limit.averaging,
    validity: validityOf(limit),
    since: start,
    mean: mean ?? 0,
    limitValue,
    bound,
    coverage,
    ...(hours === undefined ? {} : { validHours: hours.valid, operatingHours: hours.operating }),
    ratio,
    severity: ratio === null ? null : severityOf(ratio),
    document: limit.source.document,
    verified: limit.source.verified,
  };
}
