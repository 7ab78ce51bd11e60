import type { Alert, CaseKind, Incident, LimitAveraging, Severity } from '@songma/domain';

/**
 * Something that lasts and that people act on: an alert, or an incident of the delivery. Times are epoch milliseconds.
 */
export interface Occurrence {
  readonly id: string;
  readonly kind: CaseKind;
  readonly enterprise: string;
  readonly site: string;
  readonly source: string | undefined;
  readonly meter: string | undefined;
  readonly limit: string | undefined;
  readonly parameter: string | undefined;
  /** Of windows that it is judged by. */
  readonly averaging: LimitAveraging;
  readonly condition: 'open' | 'ended' | 'replaced' | 'voided';
  readonly since: number;
  /** Up to where it is known to have lasted. */
  readonly knownUntil: number;
  /** End of the first window that told it: it could not have been known before. */
  readonly knowableAt: number;
  readonly raisedAt: number;
  readonly changedAt: number;
  /** It had ended when it was found. */
  readonly wasOver: boolean;
  readonly severity: Severity | null;
  readonly links: readonly string[];
}

export function occurrenceOfAlert(alert: Alert): Occurrence {
  const { state, source, replaces = [], replacedBy, resolvedAt } = alert;
  return {
    id: alert.id,
    kind: alert.kind,
    enterprise: alert.enterprise,
    site: alert.site,
    source,
    meter: alert.meter,
    limit: alert.limit,
    parameter: alert.parameter,
    averaging: alert.averaging,
    condition: state === 'resolved' ? 'ended' : state,
    since: alert.since,
    knownUntil: alert.knownUntil,
    knowableAt: alert.first.end,
    raisedAt: alert.raisedAt,
    changedAt: alert.changedAt,
    wasOver: resolvedAt === alert.raisedAt,
    severity: alert.peak.severity,
    links: replacedBy === undefined ? replaces : [...replaces, replacedBy],
  };
}

export function occurrenceOfIncident(incident: Incident): Occurrence {
  const { id, kind, enterprise, site, since, until, raisedAt, changedAt } = incident;
  return {
    id,
    kind,
    enterprise,
    site,
    source: undefined,
    meter: undefined,
    limit: undefined,
    parameter: undefined,
    averaging: 'PT1H',
    condition: until === null ? 'open' : 'ended',
    since,
    knownUntil: until ?? raisedAt,
    knowableAt: raisedAt,
    raisedAt,
    changedAt,
    wasOver: false,
    severity: null,
    links: [],
  };
}
