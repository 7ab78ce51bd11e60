import { listValue, type DuckDBConnection } from '@duckdb/node-api';
import { lastsUntil, parseAlertId, type Alert, type AlertAcknowledgement } from '@songma/domain';
import {
  firstAcknowledgement,
  type AlertHistoryQuery,
  type AlertQuery,
  type KeptAlert,
} from '../alert-query.ts';
import { TableAppender } from './columns.ts';
import { Filter } from './filter.ts';
import { wholeTime } from './reading-query.ts';

/** Later than any window ends: what columns `until_ms` hold for what goes on. */
const neverMs = 8.64e15;

const texts = ['text', 'text', 'text', 'text', 'text', 'text', 'text', 'text'] as const;
const columnTypes = [...texts, 'double', 'double', 'double', 'double', 'integer', 'text'] as const;

/** Keeps alerts within the connection's open transaction. */
export class AlertWriter {
  private readonly connection: DuckDBConnection;
  private readonly appenders: Readonly<Record<'standing' | 'revisions' | 'acknowledgements', TableAppender>>;

  private constructor(connection: DuckDBConnection, appenders: AlertWriter['appenders']) {
    this.connection = connection;
    this.appenders = appenders;
  }

  static async open(connection: DuckDBConnection): Promise<AlertWriter> {
    return new AlertWriter(connection, {
      standing: await TableAppender.open(connection, 'alerts', columnTypes),
      revisions: await TableAppender.open(connection, 'alert_revisions', columnTypes),
      acknowledgements: await TableAppender.open(connection, 'acknowledgements', ['text', 'double', 'text']),
    });
  }

  close(): void {
    for (const appender of Object.values(this.appenders)) appender.close();
  }

  /** What stands is kept apart, since nearly every question is about it. At least one alert. */
  async keep(alerts: readonly Alert[]): Promise<void> {
    const standing = [...new Map(alerts.map((alert) => [alert.id, alert])).values()];
    const held = await this.takeStanding(standing);
    const revisions = [...new Map(alerts.map((alert) => [nameOf(alert), alert])).values()];
    await this.forget(revisions.filter(({ id, revision }) => revision <= (held.get(id) ?? 0)));
    this.appenders.revisions.append(columnsOf(revisions), revisions.length);
    this.appenders.standing.append(columnsOf(standing), standing.length);
  }

  /** At least one. */
  async acknowledge(given: readonly AlertAcknowledgement[]): Promise<void> {
    const counted = new Map<string, AlertAcknowledgement>();
    const alerts = [...new Set(given.map(({ alert }) => alert))];
    const taken = await this.connection.runAndReadAll(
      'DELETE FROM acknowledgements WHERE alert IN (SELECT unnest($1::VARCHAR[])) RETURNING body',
      [listValue(alerts)],
    );
    const held = taken.getRows().map(([body]) => JSON.parse(body as string) as AlertAcknowledgement);
    for (const one of [...held, ...given]) {
      counted.set(one.alert, firstAcknowledgement(counted.get(one.alert), one));
    }
    const rows = [...counted.values()];
    const times = Float64Array.from(rows, ({ at }) => at);
    const bodies = rows.map((one) => JSON.stringify(one));
    this.appenders.acknowledgements.append([rows.map(({ alert }) => alert), times, bodies], rows.length);
  }

  /** Takes away what stands of the alerts; gives the revisions that they had, by id. */
  private async takeStanding(alerts: readonly Alert[]): Promise<Map<string, number>> {
    const taken = await this.connection.runAndReadAll(
      `DELETE FROM alerts WHERE ${originsAmong(alerts)} AND id IN (SELECT unnest($1::VARCHAR[]))
       RETURNING id, revision`,
      [listValue(alerts.map(({ id }) => id))],
    );
    return new Map(taken.getRows().map(([id, revision]) => [id as string, revision as number]));
  }

  /** Takes away revisions that are made again: rare, so that the table is not searched for them each time. */
  private async forget(alerts: readonly Alert[]): Promise<void> {
    if (alerts.length === 0) return;
    await this.connection.run(
      `DELETE FROM alert_revisions
       WHERE ${originsAmong(alerts)} AND id || '/' || revision IN (SELECT unnest($1::VARCHAR[]))`,
      [listValue(alerts.map(nameOf))],
    );
  }
}

const nameOf = ({ id, revision }: Pick<Alert, 'id' | 'revision'>) => `${id}/${revision}`;

function columnsOf(alerts: readonly Alert[]) {
  return [
    alerts.map(({ id }) => id),
    alerts.map(({ limit }) => limit),
    alerts.map(({ enterprise }) => enterprise),
    alerts.map(({ site }) => site),
    alerts.map(({ kind }) => kind),
    alerts.map(({ parameter }) => parameter),
    alerts.map(({ peak }) => peak.severity ?? ''),
    alerts.map(({ state }) => state),
    Float64Array.from(alerts, ({ origin }) => origin),
    Float64Array.from(alerts, ({ since }) => since),
    Float64Array.from(alerts, (alert) => Math.min(neverMs, lastsUntil(alert))),
    Float64Array.from(alerts, ({ changedAt }) => changedAt),
    Int32Array.from(alerts, ({ revision }) => revision),
    alerts.map((alert) => JSON.stringify(alert)),
  ];
}

/** Lets DuckDB skip row groups by their least and greatest origin. */
function originsAmong(alerts: readonly Pick<Alert, 'origin'>[]): string {
  const origins = alerts.map(({ origin }) => origin);
  return `origin_ms BETWEEN ${Math.min(...origins)} AND ${Math.max(...origins)}`;
}

/** @see SeriesStore.alerts */
export async function readAlerts(connection: DuckDBConnection, query: AlertQuery): Promise<KeptAlert[]> {
  const { span, asOf, order = 'latest', after, acknowledged } = query;
  const filter = new Filter()
    .where('true')
    .among('id', query.ids)
    .among('limit_id', query.limits)
    .among('enterprise', query.enterprises)
    .among('site', query.sites)
    .among('kind', query.kinds)
    .among('parameter', query.parameters)
    .among('state', query.states)
    .among('severity', query.severities);
  if (span !== undefined) {
    const [from, to] = [wholeTime(span.from), wholeTime(span.to)];
    const lasted = `since_ms < ${to} AND until_ms > ${from}`;
    filter.where(`(${lasted} OR origin_ms >= ${from} AND origin_ms < ${to})`);
  }
  const known = asOf === undefined ? 'true' : `at_ms <= ${Math.floor(asOf)}`;
  if (acknowledged !== undefined) {
    filter.where(`id ${acknowledged ? '' : 'NOT '}IN (SELECT alert FROM acknowledgements WHERE ${known})`);
  }
  const isLatest = order === 'latest';
  if (after !== undefined) {
    const at = after.origin;
    const behind = `origin_ms ${isLatest ? '<' : '>'} ${at}`;
    filter.where(`(${behind} OR (origin_ms = ${at} AND id > ${filter.value(after.id)}))`);
  }
  const table = asOf === undefined ? 'alerts' : 'alert_revisions';
  if (asOf !== undefined) {
    filter.where(
      `rowid IN (SELECT arg_max(rowid, revision) FROM alert_revisions
        WHERE changed_ms <= ${Math.floor(asOf)} GROUP BY id)`,
    );
  }
  const sorted = `ORDER BY origin_ms ${isLatest ? 'DESC' : 'ASC'}, id`;
  // Bodies are long: they are fetched for the rows of the page only.
  const page = `SELECT rowid FROM ${table} ${filter.sql} ${sorted} LIMIT ${query.limit}`;
  const result = await connection.runAndReadAll(
    `SELECT t.body, a.body FROM ${table} t
     LEFT JOIN (SELECT * FROM acknowledgements WHERE ${known}) a ON a.alert = t.id
     WHERE t.rowid IN (${page}) ORDER BY t.origin_ms ${isLatest ? 'DESC' : 'ASC'}, t.id`,
    filter.values,
  );
  return result.getRows().map(([body, acknowledgement]) => ({
    alert: JSON.parse(body as string) as Alert,
    acknowledged:
      typeof acknowledgement === 'string' ? (JSON.parse(acknowledgement) as AlertAcknowledgement) : undefined,
  }));
}

/** @see SeriesStore.alertHistory */
export async function readAlertHistory(
  connection: DuckDBConnection,
  { alert, afterRevision, limit }: AlertHistoryQuery,
): Promise<Alert[]> {
  const key = parseAlertId(alert);
  if (key === undefined) return [];
  const filter = new Filter()
    .where(`origin_ms = ${key.origin}`, `revision > ${afterRevision}`)
    .among('id', [alert]);
  const result = await connection.runAndReadAll(
    `SELECT body FROM alert_revisions ${filter.sql} ORDER BY revision LIMIT ${limit}`,
    filter.values,
  );
  return result.getRows().map(([body]) => JSON.parse(body as string) as Alert);
}
