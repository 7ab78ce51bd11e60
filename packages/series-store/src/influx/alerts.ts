import {
  alertAcknowledgementSchema,
  alertSchema,
  parseAlertId,
  type Alert,
  type AlertAcknowledgement,
} from '@songma/domain';
import {
  compareAlerts,
  firstAcknowledgement,
  isAskedFor,
  type AlertHistoryQuery,
  type AlertQuery,
  type KeptAlert,
} from '../alert-query.ts';
import type { InfluxConnection, Table } from './connection.ts';
import { anyOf, select, type Selection } from './influxql.ts';
import { queryAll } from './line-pages.ts';
import { measurement } from './names.ts';

/** Alerts that are read at a time, at least: of some only the past fulfils the conditions, or the present. */
const pageAlertsMin = 200;

/**
 * Goes along the origins until the page is full, by whole milliseconds: alerts of one have no order of their own.
 * @see SeriesStore.alerts
 */
export async function readAlerts(connection: InfluxConnection, query: AlertQuery): Promise<KeptAlert[]> {
  const { after, order = 'latest', limit } = query;
  const isNarrowedToNone = Object.values(query).some((value) => Array.isArray(value) && value.length === 0);
  if (isNarrowedToNone || limit <= 0) return [];
  const isWanted = (one: KeptAlert) =>
    isAskedFor(query, one) && (after === undefined || compareAlerts(query, one.alert, after) > 0);
  const inOrder = (found: KeptAlert[]) =>
    found.toSorted((a, b) => compareAlerts(query, a.alert, b.alert)).slice(0, limit);
  if (query.ids !== undefined) {
    const standing = await alertsById(connection, query.ids);
    return inOrder((await asKnown(connection, standing, query)).filter(isWanted));
  }

  const found: KeptAlert[] = [];
  const pageAlerts = Math.max(limit, pageAlertsMin);
  const isLatest = order === 'latest';
  let [since, until] = [-Infinity, Infinity];
  if (after !== undefined && isLatest) until = after.origin + 1;
  if (after !== undefined && !isLatest) since = after.origin;
  for (;;) {
    const page = await standingAlerts(connection, query, { since, until, limit: pageAlerts });
    // The last origin of a full page may have more alerts than the page had room for.
    const edge = page.length < pageAlerts ? undefined : page.at(-1)!.origin;
    const whole =
      edge === undefined
        ? page
        : [
            ...page.filter(({ origin }) => origin !== edge),
            ...(await standingAlerts(connection, query, { since: edge, until: edge + 1 })),
          ];
    found.push(...(await asKnown(connection, whole, query)).filter(isWanted));
    if (edge === undefined || found.length >= limit) return inOrder(found);
    if (isLatest) until = edge;
    else since = edge + 1;
  }
}

/** What stands, narrowed by what never changes, and by the rest where the present is asked for. */
async function standingAlerts(
  connection: InfluxConnection,
  query: AlertQuery,
  range: Pick<Selection, 'since' | 'until' | 'limit'>,
): Promise<Alert[]> {
  const { order = 'latest', span } = query;
  const ofPresent =
    query.asOf !== undefined
      ? []
      : [
          ...anyOf('kind', query.kinds),
          ...anyOf('parameter', query.parameters),
          ...anyOf('state', query.states),
          ...anyOf('severity', query.severities),
          ...(span === undefined ? [] : [lastedIn(span)]),
        ];
  const [table] = await connection.query([
    select({
      fields: ['json'],
      from: measurement.alerts,
      where: [
        ...anyOf('enterprise', query.enterprises),
        ...anyOf('site', query.sites),
        ...anyOf('limit', query.limits),
        ...ofPresent,
      ],
      latestFirst: order === 'latest',
      ...range,
    }),
  ]);
  return alertsIn(table);
}

function lastedIn({ from, to }: { readonly from: number; readonly to: number }): string {
  const [least, most] = [wholeTime(from), wholeTime(to)];
  const lasted = `("since" < ${most} AND "until" > ${least})`;
  return `(${lasted} OR ("origin" >= ${least} AND "origin" < ${most}))`;
}

function wholeTime(time: number): number {
  return Math.ceil(Math.min(Math.max(time, Number.MIN_SAFE_INTEGER), Number.MAX_SAFE_INTEGER));
}

async function alertsById(connection: InfluxConnection, ids: readonly string[]): Promise<Alert[]> {
  const keys = [...new Set(ids)].flatMap((id) => parseAlertId(id) ?? []);
  const tables = await queryAll(
    connection,
    keys.map(({ limit, origin }) =>
      select({
        fields: ['json'],
        from: measurement.alerts,
        where: anyOf('limit', [limit]),
        since: origin,
        until: origin + 1,
      }),
    ),
  );
  return tables.flatMap(alertsIn);
}

/** The alerts as they were known at the query's date, without those that were not, with who had taken them up. */
async function asKnown(
  connection: InfluxConnection,
  standing: readonly Alert[],
  { asOf = Infinity }: AlertQuery,
): Promise<KeptAlert[]> {
  if (standing.length === 0) return [];
  const later = standing.filter(({ changedAt }) => changedAt > asOf);
  const [acknowledgements, revisions] = await queryAll(connection, [
    aroundThem(measurement.acknowledgements, standing),
    ...(later.length === 0 ? [] : [aroundThem(measurement.alertRevisions, later)]),
  ]);
  const known = new Map(
    standing.filter(({ changedAt }) => changedAt <= asOf).map((alert) => [alert.id, alert]),
  );
  const wanted = new Set(later.map(({ id }) => id));
  for (const alert of alertsIn(revisions)) {
    if (!wanted.has(alert.id) || alert.changedAt > asOf) continue;
    if (alert.revision > (known.get(alert.id)?.revision ?? 0)) known.set(alert.id, alert);
  }
  const taken = new Map<string, AlertAcknowledgement>();
  for (const one of bodiesIn(acknowledgements, (body) => alertAcknowledgementSchema.parse(body))) {
    if (one.at <= asOf) taken.set(one.alert, firstAcknowledgement(taken.get(one.alert), one));
  }
  return [...known.values()].map((alert) => ({ alert, acknowledged: taken.get(alert.id) }));
}

/** What lies at the origins of the alerts, and perhaps between them. */
function aroundThem(from: string, alerts: readonly Alert[]): string {
  const origins = alerts.map(({ origin }) => origin);
  return select({
    fields: ['json'],
    from,
    where: anyOf('limit', [...new Set(alerts.map(({ limit }) => limit))]),
    since: Math.min(...origins),
    until: Math.max(...origins) + 1,
  });
}

/** @see SeriesStore.alertHistory */
export async function readAlertHistory(
  connection: InfluxConnection,
  { alert: id, afterRevision, limit }: AlertHistoryQuery,
): Promise<Alert[]> {
  const key = parseAlertId(id);
  if (key === undefined) return [];
  const { origin, generation } = key;
  const [table] = await connection.query([
    select({
      fields: ['json'],
      from: measurement.alertRevisions,
      where: [
        ...anyOf('limit', [key.limit]),
        ...anyOf('generation', [String(generation)]),
        `"revision" > ${afterRevision}`,
      ],
      since: origin,
      until: origin + 1,
      limit,
    }),
  ]);
  return alertsIn(table);
}

function alertsIn(table: Table | undefined): Alert[] {
  return bodiesIn(table, (body) => alertSchema.parse(body));
}

function bodiesIn<T>(table: Table | undefined, parse: (body: unknown) => T): T[] {
  return (table?.rows ?? []).map((row) => parse(JSON.parse(row[1] as string)));
}
