import { outcome } from '@songma/domain';
import type { ShardedBlock, WriteResult } from '../port.ts';
import type { ChangeJournal, ShardChanges } from './change-journal.ts';
import type { InfluxConnection } from './connection.ts';
import { HeldSite, type Held, type HeldHour } from './held.ts';
import { judgeBlock, type JudgedBlock } from './judge-block.ts';
import { setWritten, type Line } from './line.ts';
import { historyLine, readingsLine } from './line-text.ts';
import { measurement, measurementText, readField } from './names.ts';
import type { SiteLoader } from './site-loader.ts';
import { writeLines, writeOwnLines, type RefusedLine } from './write-lines.ts';

/**
 * Judges blocks and writes what they change.
 *
 * Order of writing: histories, readings, changes. A crash in between leaves a history that is ahead of its reading
 * (made up for when the block comes again) or readings whose changes are not noted (the block comes again, finds
 * itself, and notes them). Changes come last because a change that a worker settles must be one that it could read.
 */
export class BlockWriter {
  private readonly connection: InfluxConnection;
  private readonly held: Held;
  private readonly loader: SiteLoader;
  private readonly journal: ChangeJournal;

  constructor(connection: InfluxConnection, held: Held, loader: SiteLoader, journal: ChangeJournal) {
    this.connection = connection;
    this.held = held;
    this.loader = loader;
    this.journal = journal;
  }

  /** @see SeriesStore.write */
  async write(blocks: readonly ShardedBlock[]): Promise<WriteResult[]> {
    const ids = [...new Set(blocks.filter(hasRows).map(({ block }) => block.site))];
    if (ids.length === 0) return blocks.map(() => ({ outcomes: new Uint8Array(0), refused: [] }));
    const sites = await this.loader.sites(ids);
    for (const site of sites.values()) site.users++;
    try {
      return await this.writeInto(sites, blocks);
    } catch (error) {
      // Nobody knows how much of it the store has.
      for (const id of ids) this.held.forget(id);
      throw error;
    } finally {
      for (const site of sites.values()) site.users--;
    }
  }

  private async writeInto(
    sites: ReadonlyMap<string, HeldSite>,
    blocks: readonly ShardedBlock[],
  ): Promise<WriteResult[]> {
    const hours = await this.completeHours(sites, blocks);
    const unwritten = new Map([...sites.values()].map((site) => [site, new Set<Line>()]));
    const judged = blocks.map(({ block }) => {
      const site = sites.get(block.site);
      return site === undefined ? nothingJudged() : judgeBlock(site, block, unwritten.get(site)!);
    });

    await writeOwnLines(this.connection, texts(unwritten, historyText));
    const refused = await writeLines(this.connection, texts(unwritten, readingsText));
    await this.journal.note(changesOf(sites, blocks, judged));

    for (const [index, { block }] of blocks.entries()) {
      if (judged[index]!.outcomes.length > 0) sites.get(block.site)!.setNoted(nameOf(block));
    }
    for (const lines of unwritten.values()) for (const line of lines) setWritten(line);
    if (refused.length > 0) this.markRefused(refused, blocks, judged);
    this.held.used(hours);
    return judged.map(({ outcomes, refused: refusedRows }) => ({ outcomes, refused: refusedRows }));
  }

  /** Makes every hour that the blocks touch complete as far as they touch it. */
  private async completeHours(
    sites: ReadonlyMap<string, HeldSite>,
    blocks: readonly ShardedBlock[],
  ): Promise<Set<HeldHour>> {
    const hours = new Set<HeldHour>();
    const incomplete = new Set<HeldHour>();
    for (const { block } of blocks) {
      const site = sites.get(block.site);
      if (site === undefined) continue;
      for (const time of new Set(block.times)) {
        const hour = site.hour(HeldSite.hourOf(time));
        hours.add(hour);
        if (time < hour.completeFrom) incomplete.add(hour);
      }
    }
    for (const hour of await this.loader.complete([...incomplete])) hours.add(hour);
    return hours;
  }

  /** Answers `refused` for what the server would not take, and drops what was held of those sites. */
  private markRefused(
    refused: readonly RefusedLine[],
    blocks: readonly ShardedBlock[],
    judged: readonly JudgedBlock[],
  ): void {
    const problems = new Map<string, string>();
    for (const { line, problem } of refused) {
      const [name = '', fields = '', time = ''] = line.split(' ');
      for (const field of fields.split(',')) {
        const meter = readField(field.slice(0, field.indexOf('=')))?.id;
        if (meter !== undefined) problems.set(`${name} ${time} ${meter}`, problem);
      }
    }
    for (const [index, { block }] of blocks.entries()) {
      const { outcomes, refused: refusedRows } = judged[index]!;
      const name = measurementText(measurement.readings(block.site));
      for (const [row, code] of outcomes.entries()) {
        const problem = problems.get(`${name} ${block.times[row]} ${block.meters[block.meterIndex[row]!]}`);
        if (problem === undefined || (code !== outcome.stored && code !== outcome.superseding)) continue;
        outcomes[row] = outcome.refused;
        refusedRows.push({ index: row, problem });
        this.held.forget(block.site);
      }
      refusedRows.sort((a, b) => a.index - b.index);
    }
  }
}

function hasRows({ block }: ShardedBlock): boolean {
  return block.times.length > 0;
}

function nothingJudged(): JudgedBlock {
  return { outcomes: new Uint8Array(0), refused: [], changedHours: new Set(), repeatedHours: new Set() };
}

/** Names a block of a site. */
function nameOf({ knownUs, part }: ShardedBlock['block']): string {
  return `${knownUs} ${part}`;
}

function changesOf(
  sites: ReadonlyMap<string, HeldSite>,
  blocks: readonly ShardedBlock[],
  judged: readonly JudgedBlock[],
): ShardChanges {
  const changes = new Map<string, Map<string, Set<number>>>();
  for (const [index, { shard, block }] of blocks.entries()) {
    const { changedHours, repeatedHours } = judged[index]!;
    const isNoted = sites.get(block.site)?.isNoted(nameOf(block)) ?? true;
    const starts = isNoted ? [...changedHours] : [...changedHours, ...repeatedHours];
    if (starts.length === 0) continue;
    const ofShard = changes.get(shard) ?? new Map<string, Set<number>>();
    changes.set(shard, ofShard);
    ofShard.set(block.site, new Set([...(ofShard.get(block.site) ?? []), ...starts]));
  }
  return changes;
}

const historyText = (site: HeldSite, line: Line) =>
  historyLine(measurementText(measurement.history(site.id)), line, site.meters);
const readingsText = (site: HeldSite, line: Line) =>
  readingsLine(measurementText(measurement.readings(site.id)), line, site.meters);

/** Lines of line protocol, oldest first: InfluxDB's memory and compaction suffer otherwise. */
function texts(
  unwritten: ReadonlyMap<HeldSite, ReadonlySet<Line>>,
  textOf: (site: HeldSite, line: Line) => string | undefined,
): string[] {
  return [...unwritten]
    .flatMap(([site, lines]) => [...lines].map((line) => ({ time: line.time, text: textOf(site, line) })))
    .filter(({ text }) => text !== undefined)
    .toSorted((a, b) => a.time - b.time)
    .map(({ text }) => text!);
}
