import {
  lastsUntil,
  type Alert,
  type AlertAcknowledgement,
  type AlertKind,
  type AlertState,
  type Severity,
} from '@songma/domain';

/** Which alerts are asked for. Conditions that are absent do not narrow; an empty list is fulfilled by none. */
export interface AlertQuery {
  readonly ids?: readonly string[];
  readonly limits?: readonly string[];
  readonly enterprises?: readonly string[];
  readonly sites?: readonly string[];
  readonly kinds?: readonly AlertKind[];
  readonly parameters?: readonly string[];
  readonly states?: readonly AlertState[];
  /** Of their peaks. */
  readonly severities?: readonly Severity[];
  /** Whether somebody has taken them up. */
  readonly acknowledged?: boolean;
  /** Those that lasted in this time, or were first found in it; epoch ms, `to` exclusive. An open one goes on. */
  readonly span?: { readonly from: number; readonly to: number };
  /** Answer with what was said at this time (epoch ms, inclusive); absent: with what stands now. */
  readonly asOf?: number;
  /** By their origins, which never move, so that no page misses or repeats an alert; `latest` first unless told. */
  readonly order?: 'latest' | 'earliest';
  /** The last of the page before. */
  readonly after?: Pick<Alert, 'origin' | 'id'>;
  /** At most so many. */
  readonly limit: number;
}

/** An alert, and whether somebody has taken it up. */
export interface KeptAlert {
  readonly alert: Alert;
  /** The earliest; of one time the one by the lesser key. */
  readonly acknowledged: AlertAcknowledgement | undefined;
}

export interface AlertHistoryQuery {
  readonly alert: string;
  /** Last revision of the page before; 0 for the first page. */
  readonly afterRevision: number;
  /** At most so many. */
  readonly limit: number;
}

/** Whether an alert fulfils the conditions of a query, its order, page and date aside. */
export function isAskedFor(query: AlertQuery, { alert, acknowledged }: KeptAlert): boolean {
  const { span } = query;
  const among = <T>(wanted: readonly T[] | undefined, value: T | null) =>
    wanted === undefined || (value !== null && wanted.includes(value));
  return (
    among(query.ids, alert.id) &&
    among(query.limits, alert.limit) &&
    among(query.enterprises, alert.enterprise) &&
    among(query.sites, alert.site) &&
    among(query.kinds, alert.kind) &&
    among(query.parameters, alert.parameter) &&
    among(query.states, alert.state) &&
    among(query.severities, alert.peak.severity) &&
    (query.acknowledged === undefined || query.acknowledged === (acknowledged !== undefined)) &&
    (span === undefined ||
      (alert.since < span.to && lastsUntil(alert) > span.from) ||
      (alert.origin >= span.from && alert.origin < span.to))
  );
}

/** The order of a query: negative when `a` comes first. */
export function compareAlerts(
  { order = 'latest' }: Pick<AlertQuery, 'order'>,
  a: Pick<Alert, 'origin' | 'id'>,
  b: Pick<Alert, 'origin' | 'id'>,
): number {
  const byOrigin = order === 'latest' ? b.origin - a.origin : a.origin - b.origin;
  return byOrigin || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0);
}

/** Of one alert's acknowledgements the one that counts, in whatever order they come. */
export function firstAcknowledgement(
  a: AlertAcknowledgement | undefined,
  b: AlertAcknowledgement,
): AlertAcknowledgement {
  if (a === undefined || b.at < a.at) return b;
  return b.at === a.at && b.by < a.by ? b : a;
}
