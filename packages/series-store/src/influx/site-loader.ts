import type { InfluxConnection, Table } from './connection.ts';
import { HeldSite, type Held, type HeldHour } from './held.ts';
import { edge, select } from './influxql.ts';
import { newLine, setHistory, setWritten } from './line.ts';
import { HistoryRows, lineKnown, lineRows, readingAt } from './line-rows.ts';
import { lineKnownField, measurement } from './names.ts';
import { SiteClaims } from './site-claims.ts';

const hourMs = 3_600_000;
/** Most statements in one request. */
const statementsMax = 50;
/** Hours that nothing asks for are read along when they lie between two that are asked for, up to so many. */
const gapHoursMax = 3;
/** Most hours that one statement reads. */
const spanHoursMax = 24 * 14;

/** Brings what is held of sites up to the store. */
export class SiteLoader {
  private readonly connection: InfluxConnection;
  private readonly held: Held;
  private readonly claims: SiteClaims;

  constructor(connection: InfluxConnection, held: Held, writer: string) {
    this.connection = connection;
    this.held = held;
    this.claims = new SiteClaims(connection, writer);
  }

  /** The sites, claimed for this writer. @throws UnavailableError */
  async sites(ids: readonly string[]): Promise<Map<string, HeldSite>> {
    const others = await this.claims.ofOthers(ids);
    // Before the claim: when its answer is lost, it may be found to be ours the next time.
    for (const id of others) this.held.forget(id);
    await this.claims.claim(others);
    const missing = ids.filter((id) => this.held.get(id) === undefined);
    for (let at = 0; at < missing.length; at += statementsMax) {
      const some = missing.slice(at, at + statementsMax);
      const tables = await this.connection.query(
        some.map((id) => edge('LAST', lineKnownField, { from: measurement.readings(id) })),
      );
      for (const [index, id] of some.entries()) {
        const row = tables.find(({ statement }) => statement === index)?.rows[0];
        this.held.add(new HeldSite(id, (row?.[0] as number | undefined) ?? -Infinity));
      }
    }
    return new Map(ids.map((id) => [id, this.held.get(id)!]));
  }

  /** Makes the hours complete from their start, and gives all that it has read. @throws UnavailableError */
  async complete(hours: readonly HeldHour[]): Promise<HeldHour[]> {
    const read: HeldHour[] = [];
    const spans = spansOf(hours);
    const perRequest = statementsMax / 2;
    for (let at = 0; at < spans.length; at += perRequest) {
      const some = spans.slice(at, at + perRequest);
      const tables = await this.connection.query(
        some.flatMap(({ site, since, until }) => [
          select({ fields: 'all', from: measurement.readings(site.id), since, until }),
          select({ fields: 'all', from: measurement.history(site.id), since, until }),
        ]),
      );
      const byStatement = new Map(tables.map((table) => [table.statement, table]));
      for (const [index, span] of some.entries()) {
        read.push(...fill(span, byStatement.get(2 * index), byStatement.get(2 * index + 1)));
      }
    }
    return read;
  }
}

interface Span {
  readonly site: HeldSite;
  readonly since: number;
  until: number;
}

/** The hours of each site as few spans. */
function spansOf(hours: readonly HeldHour[]): Span[] {
  const spans: Span[] = [];
  const latest = new Map<HeldSite, Span>();
  for (const { site, start } of hours.toSorted((a, b) => a.start - b.start)) {
    const span = latest.get(site);
    if (
      span !== undefined &&
      start - span.until <= gapHoursMax * hourMs &&
      start - span.since < spanHoursMax * hourMs
    ) {
      span.until = start + hourMs;
    } else {
      const next = { site, since: start, until: start + hourMs };
      latest.set(site, next);
      spans.push(next);
    }
  }
  return spans;
}

/** Adds lines of a span that are not held yet, and gives its hours. */
function fill(
  { site, since, until }: Span,
  readings: Table | undefined,
  histories: Table | undefined,
): HeldHour[] {
  const lines = lineRows(readings);
  const history = new HistoryRows(histories);
  const indices = lines.meters.map((meter) => site.meters.indexOf(meter));
  const incomplete = new Map<number, HeldHour>();
  for (let start = since; start < until; start += hourMs) {
    const hour = site.hour(start);
    if (hour.completeFrom > start) incomplete.set(start, hour);
  }
  for (const row of lines.rows) {
    const time = row[0] as number;
    const hour = incomplete.get(HeldSite.hourOf(time));
    if (hour === undefined || time >= hour.completeFrom) continue;
    const line = newLine(time, lineKnown(lines, row) ?? 0, site.meters.ids.length);
    setWritten(line);
    hour.lines.set(time, line);
    for (const [at, columns] of lines.columns.entries()) {
      const stands = readingAt(lines, columns, row);
      if (stands === undefined) continue;
      const meter = indices[at]!;
      const known = history.historyOf(time, columns.meter, stands);
      setHistory(line, meter, known, site.meters.ids.length);
      // Histories are written first: what a crash kept from the readings is made up for with the line's next write.
      if (known.versions.at(-1)!.knownUs !== stands.knownUs) line.unwritten.readings.add(meter);
    }
  }
  for (const [start, hour] of incomplete) hour.completeFrom = start;
  return [...incomplete.values()];
}
