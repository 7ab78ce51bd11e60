import type { InfluxConnection, Table } from './connection.ts';
import { select } from './influxql.ts';
import {
  fieldOf,
  keyText,
  latestClaimField,
  markTime,
  measurement,
  measurementText,
  readField,
  stringText,
} from './names.ts';
import { writeOwnLines } from './write-lines.ts';

/** From so many sites on, the claims of all sites are read at once. */
const allFrom = 100;

/**
 * Who writes which site, as the store names it. Another process may have written a site since this one did: what is
 * held of it counts for nothing then, and it is to be claimed before the next write.
 *
 * This is what makes it safe to keep readings in memory although a site's writer changes (a partition that moves to
 * another process and back): whoever takes a site over claims it first. Two processes that write a site at the same
 * time are not told apart by it.
 *
 * Claims seldom change, and one field of every site takes long to read. So each claim is followed by a name of its own
 * in one field, the latest claim: while that is the same, nothing has been claimed.
 */
export class SiteClaims {
  private readonly connection: InfluxConnection;
  private readonly writer: string;
  private claims = 0;
  /** The latest claim before claims were read, and which sites were this writer's then. */
  private known: { readonly latest: unknown; readonly own: ReadonlySet<string> } | undefined;

  constructor(connection: InfluxConnection, writer: string) {
    this.connection = connection;
    this.writer = writer;
  }

  /** Which of the sites the store does not name this writer as the writer of. @throws UnavailableError */
  async ofOthers(sites: readonly string[]): Promise<string[]> {
    // Before the claims: one that is overlooked there is later than this.
    const latest = await this.read([latestClaimField]).then((table) => table?.rows[0]?.[1] ?? null);
    const before = this.known?.latest === latest ? this.known.own : new Set<string>();
    const unknown = sites.filter((site) => !before.has(site));
    if (unknown.length === 0) return [];
    const named = await this.read(unknown.length >= allFrom ? 'all' : unknown.map((site) => fieldOf(site)));
    const own = new Set(before);
    for (const [column, field] of (named?.columns ?? []).entries()) {
      const site = readField(field)?.id;
      if (site !== undefined && named!.rows[0]?.[column] === this.writer) own.add(site);
    }
    this.known = { latest, own };
    return unknown.filter((site) => !own.has(site));
  }

  /** Names this writer as the one that writes the sites. @throws UnavailableError: then it may be named or not */
  async claim(sites: readonly string[]): Promise<void> {
    if (sites.length === 0) return;
    const claims = sites.map((site) => `${keyText(fieldOf(site))}=${stringText(this.writer)}`);
    await this.write(claims.join(','));
    // Not in the same line: who sees this has to see those.
    await this.write(`${latestClaimField}=${stringText(`${this.writer} ${++this.claims}`)}`);
  }

  private async read(fields: readonly string[] | 'all'): Promise<Table | undefined> {
    const [table] = await this.connection.query([
      select({ fields, from: measurement.writers, since: markTime, until: markTime + 1 }),
    ]);
    return table;
  }

  private async write(fields: string): Promise<void> {
    await writeOwnLines(this.connection, [`${measurementText(measurement.writers)} ${fields} ${markTime}`]);
  }
}
