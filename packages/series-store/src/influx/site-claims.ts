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

/** For so many sites and more, the claims of all sites are read, and only when there is a new one. */
const allFrom = 100;

/**
 * Who writes which site, as the store names it. Another process may have written a site since this one did: what is
 * held of it counts for nothing then, and it is to be claimed before the next write.
 *
 * This is what makes it safe to keep readings in memory although a site's writer changes (a partition that moves to
 * another process and back): whoever takes a site over claims it first. Two processes that write a site at the same
 * time are not told apart by it.
 *
 * Claims seldom change, and a field of each of many sites takes long to read. So each claim is followed by a name of
 * its own in one field, the latest claim: while that is the same, nothing has been claimed. A claim counts once it has
 * been followed so; until then nobody else may know of it, and it is made again before anything is written.
 */
export class SiteClaims {
  private readonly connection: InfluxConnection;
  private readonly writer: string;
  private claims = 0;
  /** Sites whose claim was begun and has not been followed by its name. */
  private readonly uncertain = new Set<string>();
  /** The sites that were this writer's while that was the latest claim. */
  private known: { readonly latest: unknown; readonly own: ReadonlySet<string> } | undefined;

  constructor(connection: InfluxConnection, writer: string) {
    this.connection = connection;
    this.writer = writer;
  }

  /** Which of the sites are to be claimed: all that are not known to be this writer's. @throws UnavailableError */
  async ofOthers(sites: readonly string[]): Promise<string[]> {
    const own = sites.length < allFrom ? await this.readOwn(sites) : await this.allOwn();
    return sites.filter((site) => !own.has(site) || this.uncertain.has(site));
  }

  /** Names this writer as the one that writes the sites. @throws UnavailableError: then it may be named or not */
  async claim(sites: readonly string[]): Promise<void> {
    if (sites.length === 0) return;
    for (const site of sites) this.uncertain.add(site);
    await this.write(sites.map((site) => `${keyText(fieldOf(site))}=${stringText(this.writer)}`));
    // Not in the same line: who sees this has to see those.
    await this.write([`${latestClaimField}=${stringText(`${this.writer} ${++this.claims}`)}`]);
    for (const site of sites) this.uncertain.delete(site);
  }

  private async allOwn(): Promise<ReadonlySet<string>> {
    // Before the claims: one that is overlooked there is later than this.
    const latest = await this.read([latestClaimField]).then((table) => table?.rows[0]?.[1] ?? null);
    // Claims of earlier builds are followed by no name: as long as there is none, every claim is read.
    if (this.known?.latest !== latest || latest === null) {
      this.known = { latest, own: await this.readOwn('all') };
    }
    return this.known.own;
  }

  private async readOwn(sites: readonly string[] | 'all'): Promise<ReadonlySet<string>> {
    const table = await this.read(sites === 'all' ? sites : sites.map((site) => fieldOf(site)));
    const own = new Set<string>();
    for (const [column, field] of (table?.columns ?? []).entries()) {
      const site = readField(field)?.id;
      if (site !== undefined && table!.rows[0]?.[column] === this.writer) own.add(site);
    }
    return own;
  }

  private async read(fields: readonly string[] | 'all'): Promise<Table | undefined> {
    const [table] = await this.connection.query([
      select({ fields, from: measurement.writers, since: markTime, until: markTime + 1 }),
    ]);
    return table;
  }

  private async write(fields: readonly string[]): Promise<void> {
    await writeOwnLines(this.connection, [
      `${measurementText(measurement.writers)} ${fields.join(',')} ${markTime}`,
    ]);
  }
}
