import type { InfluxConnection } from './connection.ts';
import { select } from './influxql.ts';
import { fieldOf, keyText, markTime, measurement, measurementText, readField, stringText } from './names.ts';
import { writeOwnLines } from './write-lines.ts';

/** From so many sites on, the claims of all sites are read at once. */
const allFrom = 100;

/**
 * Which of `sites` the store does not name `writer` as the writer of. Another process may have written them since this
 * one did: what is held of them counts for nothing, and they are to be claimed before the next write.
 *
 * This is what makes it safe to keep readings in memory although a site's writer changes (a partition that moves to
 * another process and back): whoever takes a site over claims it first. Two processes that write a site at the same
 * time are not told apart by it.
 * @throws UnavailableError
 */
export async function sitesOfOthers(
  connection: InfluxConnection,
  writer: string,
  sites: readonly string[],
): Promise<string[]> {
  const fields = sites.length >= allFrom ? 'all' : sites.map((site) => fieldOf(site));
  const [table] = await connection.query([
    select({ fields, from: measurement.writers, since: markTime, until: markTime + 1 }),
  ]);
  const own = new Set<string>();
  for (const [column, field] of (table?.columns ?? []).entries()) {
    const site = readField(field)?.id;
    if (site !== undefined && table!.rows[0]?.[column] === writer) own.add(site);
  }
  return sites.filter((site) => !own.has(site));
}

/** Names `writer` as the one that writes the sites. @throws UnavailableError: then it may be named or not */
export async function claimSites(
  connection: InfluxConnection,
  writer: string,
  sites: readonly string[],
): Promise<void> {
  if (sites.length === 0) return;
  const claims = sites.map((site) => `${keyText(fieldOf(site))}=${stringText(writer)}`);
  await writeOwnLines(connection, [
    `${measurementText(measurement.writers)} ${claims.join(',')} ${markTime}`,
  ]);
}
