import type { Logger } from '@songma/runtime';
import type { Change, Due, Marker, ShardedChange } from '../port.ts';
import type { InfluxConnection, Table } from './connection.ts';
import { select, text } from './influxql.ts';
import { keyText, markTime, measurement, measurementText, stringText } from './names.ts';
import { writeOwnLines } from './write-lines.ts';

const hourMs = 3_600_000;
/** Largest text of one line. */
const textLengthMax = 60_000;
const hoursPerPartMax = 5000;
/** Lines of one writer that `due` reads at a time. */
const linesPerRead = 200;
/** How long settled lines are kept for people to look at, and how often older ones are deleted. */
const keptMs = 24 * hourMs;
const cleanEveryMs = hourMs;

/** Field with the position of each. */
const positionField = {
  facts: 'position',
  rules: 'rules',
  clock: 'clock',
} as const satisfies Record<Marker, string>;

/** Starts of changed hours by subject, by shard. A subject is a site, or `site!meter` (ids have no `!`). */
export type ShardChanges = ReadonlyMap<string, ReadonlyMap<string, ReadonlySet<number>>>;

/**
 * Per writer what was settled: all lines before `time`, and of the line at `time` the first `count` changes.
 * Each writer's lines have rising times and become visible in that order; between writers nothing of the kind holds
 * (clocks differ, requests overtake each other), so one mark for all of them would lose changes.
 */
type Marks = Readonly<Record<string, readonly [time: number, count: number]>>;

/** One line of the journal. */
interface Entry {
  readonly writer: string;
  readonly time: number;
  readonly changes: readonly Change[];
}

/**
 * What changed and was not settled, as lines `changes/<shard>,writer=<writer> c="[[subject, hour, …], …]"`: hours since
 * 1970, one line per call of `write` and shard, at the time of its writing. What is settled is one point per shard.
 */
export class ChangeJournal {
  private readonly connection: InfluxConnection;
  private readonly writer: string;
  private readonly logger: Logger;
  private readonly now: () => number;
  private readonly cleanedAt = new Map<string, number>();
  private lastTime = 0;
  private noting: Promise<unknown> = Promise.resolve();

  constructor(connection: InfluxConnection, writer: string, logger: Logger, now: () => number) {
    this.connection = connection;
    this.writer = writer;
    this.logger = logger;
    this.now = now;
  }

  /** Resolves when the changes are due. One request at a time, so that times become visible in their order. */
  async note(changes: ShardChanges): Promise<void> {
    if (changes.size === 0) return;
    const noted = this.noting.then(() => writeOwnLines(this.connection, this.lines(changes)));
    this.noting = noted.catch(() => {});
    await noted;
  }

  /** @see SeriesStore.mark */
  async mark(changes: readonly ShardedChange[], position: number, marker: Marker): Promise<void> {
    const shards = new Map<string, Map<string, Set<number>>>();
    for (const { shard, ...change } of changes) {
      let subjects = shards.get(shard);
      if (subjects === undefined) shards.set(shard, (subjects = new Map()));
      const hours = subjects.get(subjectOf(change));
      if (hours === undefined) subjects.set(subjectOf(change), new Set([change.hour]));
      else hours.add(change.hour);
    }
    await this.note(shards);
    const kept = await this.markedTo(marker);
    if (kept !== undefined && kept >= position) return;
    const name = measurementText(measurement.markedTo);
    await writeOwnLines(this.connection, [`${name} ${positionField[marker]}=${position} ${markTime}`]);
  }

  /** @see SeriesStore.markedTo */
  async markedTo(marker: Marker): Promise<number | undefined> {
    const [table] = await this.connection.query([
      select({
        ...{ fields: [positionField[marker]], from: measurement.markedTo },
        ...{ since: markTime, until: markTime + 1 },
      }),
    ]);
    const position = table?.rows[0]?.[1];
    return typeof position === 'number' ? position : undefined;
  }

  /** @see SeriesStore.due */
  async due(shard: string, changesMax: number, after?: string): Promise<Due> {
    const marks = after === undefined ? await this.settledMarks(shard) : (JSON.parse(after) as Marks);
    const next: Record<string, readonly [number, number]> = { ...marks };
    const changes = new Map<string, Change>();
    for (let isMore = true; isMore;) {
      const read = await this.entriesSince(shard, next);
      isMore = read.isMore;
      for (const { writer, time, changes: ofLine } of read.entries) {
        const mark = next[writer];
        let count = mark?.[0] === time ? mark[1] : 0;
        for (; count < ofLine.length; count++) {
          const change = ofLine[count]!;
          const key = `${subjectOf(change)} ${change.hour}`;
          if (changes.size === changesMax && !changes.has(key)) break;
          if (!changes.has(key)) changes.set(key, change);
        }
        const isWhole = count === ofLine.length;
        next[writer] = isWhole ? [time + 1, 0] : [time, count];
        if (!isWhole) {
          isMore = false;
          break;
        }
      }
    }
    if (changes.size === 0) return { changes: [], mark: null };
    return { changes: [...changes.values()], mark: JSON.stringify(next) };
  }

  /** Takes what a mark of `due` names as settled. @throws UnavailableError */
  async settle(shard: string, mark: string): Promise<void> {
    await this.keepMarks(shard, JSON.parse(mark) as Marks);
    const now = this.now();
    const before = this.cleanedAt.get(shard);
    if (before !== undefined && now - before < cleanEveryMs) return;
    this.cleanedAt.set(shard, now);
    if (before === undefined) return;
    await this.clean(shard, JSON.parse(mark) as Marks, now - keptMs).catch((error: unknown) => {
      this.logger.warn({ err: error, shard }, 'settled changes could not be deleted; tried again in an hour');
    });
  }

  /** Deletes settled lines up to a time, and forgets writers that have no others. */
  private async clean(shard: string, marks: Marks, upTo: number): Promise<void> {
    const kept: Record<string, readonly [number, number]> = {};
    for (const [writer, mark] of Object.entries(marks)) {
      const of = JSON.stringify(measurement.changes(shard));
      const predicate = `_measurement=${of} AND writer=${JSON.stringify(writer)}`;
      await this.connection.delete(predicate, Math.min(mark[0] - 1, upTo));
      if (mark[0] > upTo) kept[writer] = mark;
    }
    if (Object.keys(kept).length < Object.keys(marks).length) await this.keepMarks(shard, kept);
  }

  private async keepMarks(shard: string, marks: Marks): Promise<void> {
    const name = measurementText(measurement.settled(shard));
    await writeOwnLines(this.connection, [`${name} marks=${stringText(JSON.stringify(marks))} ${markTime}`]);
  }

  private async settledMarks(shard: string): Promise<Marks> {
    const [table] = await this.connection.query([
      select({ fields: ['marks'], from: measurement.settled(shard), since: markTime, until: markTime + 1 }),
    ]);
    const marks = table?.rows[0]?.[1];
    return typeof marks === 'string' ? (JSON.parse(marks) as Marks) : {};
  }

  /** The next lines of each writer from its mark on, oldest first, and whether one may have more. */
  private async entriesSince(shard: string, marks: Marks): Promise<{ entries: Entry[]; isMore: boolean }> {
    const from = measurement.changes(shard);
    const known = Object.keys(marks);
    const tables = await this.connection.query([
      ...known.map((writer) =>
        select({
          fields: ['c'],
          from,
          where: [`"writer" = ${text(writer)}`],
          since: marks[writer]![0],
          groupBy: 'writer',
          limit: linesPerRead,
        }),
      ),
      select({
        fields: ['c'],
        from,
        where: known.map((writer) => `"writer" != ${text(writer)}`),
        groupBy: 'writer',
        limit: linesPerRead,
      }),
    ]);
    return {
      entries: tables.flatMap(entriesOf).toSorted((a, b) => a.time - b.time),
      isMore: tables.some(({ rows }) => rows.length === linesPerRead),
    };
  }

  /** The lines of changes, with times after all of this writer before. */
  private lines(changes: ShardChanges): string[] {
    const lines: string[] = [];
    const firstTime = Math.max(this.now(), this.lastTime + 1);
    for (const [shard, sites] of changes) {
      const name = `${measurementText(measurement.changes(shard))},writer=${keyText(this.writer)}`;
      for (const [index, content] of contents(sites).entries()) {
        lines.push(`${name} c=${stringText(content)} ${firstTime + index}`);
        this.lastTime = Math.max(this.lastTime, firstTime + index);
      }
    }
    return lines;
  }
}

function subjectOf({ site, meter }: Change): string {
  return meter === undefined ? site : `${site}!${meter}`;
}

/** The changes as one text, or more when it would be too long. */
function contents(subjects: ReadonlyMap<string, ReadonlySet<number>>): string[] {
  const texts: string[] = [];
  let parts: string[] = [];
  let length = 0;
  for (const [subject, starts] of subjects) {
    const hours = [...starts].toSorted((a, b) => a - b).map((start) => start / hourMs);
    for (let at = 0; at < hours.length; at += hoursPerPartMax) {
      const part = JSON.stringify([subject, ...hours.slice(at, at + hoursPerPartMax)]);
      if (length + part.length > textLengthMax && parts.length > 0) {
        texts.push(`[${parts.join(',')}]`);
        parts = [];
        length = 0;
      }
      parts.push(part);
      length += part.length + 1;
    }
  }
  texts.push(`[${parts.join(',')}]`);
  return texts;
}

function entriesOf({ tags, rows }: Table): Entry[] {
  return rows.map(([time, content]) => ({
    writer: tags.writer!,
    time: time as number,
    changes: (JSON.parse(content as string) as [string, ...number[]][]).flatMap(([subject, ...hours]) => {
      const [site = '', meter] = subject.split('!');
      const of = meter === undefined ? { site } : { site, meter };
      return hours.map((hour) => ({ ...of, hour: hour * hourMs }));
    }),
  }));
}
