import { alertId, type Alert, type AlertCause, type AlertChange } from '@songma/domain';
import {
  conditionContent,
  isStanding,
  type AlertContent,
  type Judged,
  type LimitScope,
} from './alert-content.ts';
import { conditionsOf, type Condition } from './conditions.ts';

export type { Judged, LimitScope } from './alert-content.ts';

/** An alert as it stands from now on, and what that does to it. */
export interface AlertRevision {
  readonly change: AlertChange;
  readonly alert: Alert;
}

/** When and why alerts are revised. */
export interface Revising {
  /** Epoch milliseconds. A revision is never made at or before the time of the one before it. */
  readonly at: number;
  /** What moved an alert, by what changed in the time that it tells of; `to` exclusive. */
  readonly causeOf: (revised: {
    readonly from: number;
    readonly to: number;
    /** As it stood; undefined when it is raised. */
    readonly before: Alert | undefined;
  }) => AlertCause;
}

/** A condition with the alert that stands for it. */
interface Matched {
  readonly condition: Condition;
  /** Undefined: it has none yet. */
  readonly alert: Alert | undefined;
  /** Others that said that they lasted in its time. */
  readonly others: readonly Alert[];
}

/**
 * The revisions that bring a limit's alerts in line with the verdicts that stand. Afterwards every condition has exactly
 * one alert that stands, every such alert a condition, and all that it says of it follows from the verdicts: only ids,
 * what replaces what, and the times of revisions depend on the way that led there. What says the same is not revised.
 *
 * An alert goes on under its id as long as its condition overlaps what it said. Where conditions are joined, the alert
 * that was raised first goes on, and the others name it in `replacedBy`. Where one is split, its alert goes on with the
 * first part, and those of the other parts name it in `replaces`. An alert of which nothing is left is voided; one that
 * is found again where it began comes back under its id.
 *
 * @param alerts every alert of the limit that lasted, as it says, or was first found within the judged time, whatever
 *   its state
 */
export function reconcileAlerts(
  scope: LimitScope,
  judged: Judged,
  alerts: readonly Alert[],
  revising: Revising,
): AlertRevision[] {
  const standing = alerts.filter(
    (alert) => isStanding(alert) && alert.since < judged.to && alert.knownUntil > judged.from,
  );
  const matched = matchedConditions(conditionsOf(judged.verdicts), standing);
  const goingOn = new Set(matched.flatMap(({ alert }) => alert?.id ?? []));
  const taken = new Map(alerts.map((alert) => [alert.id, alert]));
  const revisions: AlertRevision[] = [];
  /** Conditions by the ids of alerts that are replaced, the first of several. */
  const replacedBy = new Map<string, string>();

  for (const { condition, alert, others } of matched) {
    const content = conditionContent(scope, condition, judged);
    const before = alert ?? unusedAlert(scope.limit.id, condition.first.start, taken, goingOn);
    const id = typeof before === 'string' ? before : before.id;
    goingOn.add(id);
    for (const other of others) {
      if (!goingOn.has(other.id) && !replacedBy.has(other.id)) replacedBy.set(other.id, id);
    }
    // A part that was split off names whom it was split from.
    const replaced = alert === undefined ? others : others.filter((other) => replacedBy.get(other.id) === id);
    const known = typeof before === 'string' ? undefined : before;
    const revision = revised({ id, before: known, content, condition, replaced, revising });
    if (revision !== undefined) revisions.push(revision);
  }
  const gone = standing.filter(({ id }) => !goingOn.has(id));
  return [...gone.map((alert) => ended(alert, replacedBy.get(alert.id), revising)), ...revisions];
}

function matchedConditions(conditions: readonly Condition[], standing: readonly Alert[]): Matched[] {
  const byAge = standing.toSorted(
    (a, b) => a.raisedAt - b.raisedAt || a.origin - b.origin || (a.id < b.id ? -1 : 1),
  );
  const matched = new Set<string>();
  return conditions.map((condition) => {
    const inside = byAge.filter(
      ({ since, knownUntil }) => since < condition.brokenTo && knownUntil > condition.first.start,
    );
    const alert = inside.find(({ id }) => !matched.has(id));
    if (alert !== undefined) matched.add(alert.id);
    return { condition, alert, others: inside.filter((other) => other !== alert) };
  });
}

/** The alert that was found at this place before and does not stand, or the first id that is free. */
function unusedAlert(
  limit: string,
  origin: number,
  taken: ReadonlyMap<string, Alert>,
  goingOn: ReadonlySet<string>,
): Alert | string {
  for (let generation = 1; ; generation++) {
    const id = alertId({ limit, origin, generation });
    const alert = taken.get(id);
    if (goingOn.has(id)) continue;
    if (alert === undefined) return id;
    if (!isStanding(alert)) return alert;
  }
}

function revised(given: {
  readonly id: string;
  readonly before: Alert | undefined;
  readonly content: AlertContent;
  readonly condition: Condition;
  readonly replaced: readonly Alert[];
  readonly revising: Revising;
}): AlertRevision | undefined {
  const { id, before, content, condition, replaced, revising } = given;
  const origin = before?.origin ?? content.since;
  const lineage = new Set([...(before?.replaces ?? []), ...replaced.map((other) => other.id)]);
  lineage.delete(id);
  const told = { ...content, ...(lineage.size === 0 ? {} : { replaces: [...lineage] }) };
  // What an earlier build did not tell is no change.
  const compared = before?.assurance === undefined ? { ...told, assurance: undefined } : told;
  if (before !== undefined && isStanding(before) && says(before) === says(compared)) return undefined;
  const changedAt = before === undefined ? revising.at : Math.max(revising.at, before.changedAt + 1);
  const cause = revising.causeOf({
    from: Math.min(content.since, before?.since ?? content.since),
    to: Math.max(condition.kept?.end ?? content.knownUntil, before?.knownUntil ?? 0),
    before,
  });
  const resolvedAt = content.state === 'resolved' ? (before?.resolvedAt ?? changedAt) : undefined;
  const alert: Alert = {
    id,
    ...told,
    origin,
    revision: (before?.revision ?? 0) + 1,
    cause,
    raisedAt: before?.raisedAt ?? changedAt,
    changedAt,
    ...(resolvedAt === undefined ? {} : { resolvedAt }),
  };
  return { change: changeOf(before, alert), alert };
}

/** The alert as nothing stands of it any more, or as another one stands for it. */
function ended(alert: Alert, replacedBy: string | undefined, { at, causeOf }: Revising): AlertRevision {
  const state = replacedBy === undefined ? 'voided' : 'replaced';
  const { resolvedAt: _, ...told } = alert;
  const after: Alert = {
    ...told,
    state,
    stale: false,
    ...(replacedBy === undefined ? {} : { replacedBy }),
    revision: alert.revision + 1,
    cause: causeOf({ from: alert.since, to: alert.knownUntil, before: alert }),
    changedAt: Math.max(at, alert.changedAt + 1),
  };
  return { change: state, alert: after };
}

function changeOf(before: Alert | undefined, { state }: Alert): AlertChange {
  if (before === undefined) return 'raised';
  if (!isStanding(before)) return 'reopened';
  if (before.state === state) return 'revised';
  return state === 'resolved' ? 'resolved' : 'reopened';
}

/** Everything that an alert says, as one text to compare: without its name, its revision and its times. */
function says(alert: Pick<Alert, keyof AlertContent>): string {
  const unsaid = new Set(['id', 'origin', 'revision', 'cause', 'raisedAt', 'changedAt', 'resolvedAt']);
  return JSON.stringify(
    Object.entries(alert)
      .filter(([field, value]) => !unsaid.has(field) && value !== undefined)
      .toSorted(([a], [b]) => (a < b ? -1 : 1)),
    (_, value: unknown) =>
      isRecord(value) ? Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1)) : value,
  );
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
