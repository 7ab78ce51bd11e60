import {
  assuranceOf,
  roundTo15Digits,
  windowAt,
  type Alert,
  type AlertWindow,
  type Limit,
} from '@songma/domain';
import type { Condition } from './conditions.ts';
import { validityOf } from './hour-validity.ts';
import { boundsOf } from './limit-value.ts';
import { severityOf } from './severity.ts';
import type { Verdict } from './verdict.ts';

/** An open alert is stale once so many windows in a row were not judged while the source operated. */
export const staleAfterWindows = 3;

/** What an alert tells of the place that its limit is for. */
export interface LimitScope {
  readonly limit: Limit;
  /** Of the limit, as it is registered. */
  readonly version: number;
  readonly site: string;
  /** Of the site: its windows are cut by it. */
  readonly zone: string;
  readonly source?: string | undefined;
  readonly enterprise: string;
  /** The meter's. */
  readonly unit: string;
}

/** The verdicts of a limit in a time, as far as its windows are over. */
export interface Judged {
  /** Epoch milliseconds, `to` exclusive. Every condition in this time lies wholly in it. */
  readonly from: number;
  readonly to: number;
  /** Ascending. */
  readonly verdicts: readonly Verdict[];
  /** Windows that end by then are over, whether anything is known of them or not. */
  readonly overUntil: number;
}

/** What of an alert follows from the verdicts that stand, and from them alone. */
export type AlertContent = Pick<
  Alert,
  | 'kind'
  | 'limit'
  | 'limitVersion'
  | 'meter'
  | 'source'
  | 'site'
  | 'enterprise'
  | 'parameter'
  | 'unit'
  | 'averaging'
  | 'validity'
  | 'document'
  | 'verified'
  | 'assurance'
  | 'since'
  | 'until'
  | 'knownUntil'
  | 'first'
  | 'peak'
  | 'latest'
  | 'windows'
  | 'coverage'
  | 'stale'
> & { readonly state: 'open' | 'resolved' };

/** Whether anything stands of an alert. */
export function isStanding({ state }: Pick<Alert, 'state'>): boolean {
  return state === 'open' || state === 'resolved';
}

/** What an alert of the condition says. */
export function conditionContent(scope: LimitScope, condition: Condition, judged: Judged): AlertContent {
  const { limit, version, site, source, enterprise, unit } = scope;
  const windows = condition.broken.map((verdict) => windowContent(limit, verdict));
  const hasEnded = condition.kept !== undefined || isExpired(scope, judged.overUntil);
  const { brokenTo } = condition;
  return {
    kind: 'exceedance',
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
    document: limit.source.document,
    verified: limit.source.verified,
    assurance: assuranceOf(limit.source),
    state: hasEnded ? 'resolved' : 'open',
    since: condition.first.start,
    until: hasEnded ? brokenTo : null,
    knownUntil: brokenTo,
    first: windows[0]!,
    peak: windows.reduce((peak, window) => (excessOf(window) > excessOf(peak) ? window : peak)),
    latest: windows.at(-1)!,
    windows: windows.length,
    coverage: Math.min(...windows.map(({ coverage }) => coverage)),
    stale: !hasEnded && isStale(scope, brokenTo, judged),
  };
}

function windowContent(limit: Limit, verdict: Verdict): AlertWindow {
  const { start, end, coverage, hours } = verdict;
  const mean = verdict.mean!;
  const bound = verdict.bound!;
  const limitValue = boundsOf(limit)[bound]!;
  const ratio = limit.value === undefined ? null : roundTo15Digits(mean / limitValue);
  return {
    start,
    end,
    mean,
    limitValue,
    bound,
    coverage,
    ...(hours === undefined ? {} : { validHours: hours.valid, operatingHours: hours.operating }),
    ratio,
    severity: ratio === null ? null : severityOf(ratio),
  };
}

/** How far beyond its limit a window is. */
function excessOf({ bound, mean, limitValue }: AlertWindow): number {
  return bound === 'max' ? mean - limitValue : limitValue - mean;
}

/** Whether the last window for which the limit is in force is over: nothing can go on under it. */
function isExpired({ limit, zone }: LimitScope, overUntil: number): boolean {
  return limit.validTo !== undefined && windowAt(limit.averaging, limit.validTo - 1, zone).end <= overUntil;
}

/** A window in which the source was off tells nothing of whether the condition goes on, so it does not count. */
function isStale({ limit, zone }: LimitScope, brokenTo: number, { verdicts, overUntil }: Judged): boolean {
  const off = new Set(
    verdicts.filter(({ reason }) => reason === 'source-off').map((verdict) => verdict.start),
  );
  for (let [start, unjudged] = [brokenTo, 0]; ;) {
    const window = windowAt(limit.averaging, start, zone);
    if (window.end > overUntil) return false;
    if (!off.has(window.start) && ++unjudged === staleAfterWindows) return true;
    start = window.end;
  }
}
