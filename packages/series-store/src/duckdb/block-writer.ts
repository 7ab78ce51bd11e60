import type { DuckDBConnection } from '@duckdb/node-api';
import { outcome } from '@songma/domain';
import { applyJudgement, judge, type Candidate, type History, type Judgement } from '../judge.ts';
import type { ShardedBlock, WriteResult } from '../port.ts';
import { RecentReadings } from '../recent-readings.ts';
import type { ChangeTable } from './change-table.ts';
import { TableAppender } from './columns.ts';
import { GrowingColumns } from './growing-columns.ts';
import { Held } from './lookup.ts';
import type { SeriesIndex } from './series-index.ts';

const hourMs = 3_600_000;

/** What the writer knows in memory; whoever fails to commit throws it away and loads it again. */
export interface WriterState {
  readonly index: SeriesIndex;
  readonly changes: ChangeTable;
}

/** Judges the blocks of one call and appends what they add, all within the connection's open transaction. */
export class BlockWriter {
  private readonly connection: DuckDBConnection;
  private readonly state: WriterState;
  private readonly appenders: Readonly<
    Record<'series' | 'readings' | 'superseded' | 'confirmed', TableAppender>
  >;
  private readonly readings = new GrowingColumns({
    series: 'integer',
    time: 'double',
    value: 'double',
    flags: 'tiny',
    known: 'double',
    revision: 'integer',
  });
  private readonly superseded = new GrowingColumns({
    series: 'integer',
    time: 'double',
    known: 'double',
    until: 'double',
  });
  private readonly confirmed = new GrowingColumns({ series: 'integer', time: 'double', known: 'double' });
  private readonly recent = new RecentReadings();

  private constructor(connection: DuckDBConnection, state: WriterState, appenders: BlockWriter['appenders']) {
    this.connection = connection;
    this.state = state;
    this.appenders = appenders;
  }

  static async open(connection: DuckDBConnection, state: WriterState): Promise<BlockWriter> {
    return new BlockWriter(connection, state, {
      series: await TableAppender.open(connection, 'series', ['integer', 'text', 'text']),
      readings: await TableAppender.open(connection, 'readings', [
        'integer',
        'double',
        'double',
        'tiny',
        'double',
        'integer',
      ]),
      superseded: await TableAppender.open(connection, 'superseded', [
        'integer',
        'double',
        'double',
        'double',
      ]),
      confirmed: await TableAppender.open(connection, 'confirmed', ['integer', 'double', 'double']),
    });
  }

  close(): void {
    for (const appender of Object.values(this.appenders)) appender.close();
  }

  async write(blocks: readonly ShardedBlock[]): Promise<WriteResult[]> {
    const { index } = this.state;
    const seriesBefore = index.size;
    const held = new Held();
    const ids = blocks.map(({ block }) => {
      const series = block.meters.map((meter) => this.seriesOf(block.site, meter));
      for (let i = 0; i < block.times.length; i++) {
        const id = series[block.meterIndex[i]!]!;
        const time = block.times[i]!;
        if (index.advance(id, time)) continue;
        const found = this.recent.find(id, time);
        if (found === undefined) held.want(id, time);
        else held.know(id, time, found ?? undefined);
      }
      return series;
    });
    await held.load(this.connection);

    for (const columns of [this.readings, this.superseded, this.confirmed]) columns.clear();
    const results = blocks.map((sharded, i) => this.judgeBlock(sharded, ids[i]!, held));
    this.append(seriesBefore);
    return results;
  }

  private seriesOf(site: string, meter: string): number {
    const { index } = this.state;
    const sizeBefore = index.size;
    const { id } = index.add(site, meter);
    if (index.size > sizeBefore) this.recent.begin(id);
    return id;
  }

  private judgeBlock({ shard, block }: ShardedBlock, ids: readonly number[], held: Held): WriteResult {
    const { knownUs, meterIndex, times, values, flags } = block;
    const outcomes = new Uint8Array(times.length);
    const refused: { index: number; problem: string }[] = [];
    const heldByMeter = ids.map((id) => held.bySeries.get(id));
    const hours = new Set<number>();
    let lastHour = NaN;
    for (let i = 0; i < times.length; i++) {
      const meter = meterIndex[i]!;
      const time = times[i]!;
      const candidate = { knownUs, value: values[i]!, flags: flags[i]! };
      const heldTimes = heldByMeter[meter];
      // Asked for and absent: nothing is held. Not asked for: later than everything that is held.
      if (heldTimes?.has(time) === true) {
        const history = heldTimes.get(time);
        const judgement = judge(history, candidate);
        outcomes[i] = judgement.outcome;
        if (judgement.problem !== undefined) refused.push({ index: i, problem: judgement.problem });
        const after = applyJudgement(history, judgement);
        if (after === history) continue;
        heldTimes.set(time, after);
        this.keep(ids[meter]!, time, after!, judgement, knownUs);
        if (history === undefined)
          this.recent.add(ids[meter]!, time, knownUs, candidate.value, candidate.flags, false);
        else this.recent.mark(ids[meter]!, time);
        if (judgement.versions.length === 0) continue;
      } else {
        outcomes[i] = outcome.stored;
        this.keepReading(ids[meter]!, time, candidate, 0);
        this.recent.add(ids[meter]!, time, knownUs, candidate.value, candidate.flags, true);
      }
      const hour = Math.floor(time / hourMs) * hourMs;
      if (hour !== lastHour) hours.add((lastHour = hour));
    }
    for (const hour of hours) this.state.changes.add(shard, { site: block.site, hour });
    return { outcomes, refused };
  }

  /** Keeps what a judgement adds, and which versions do not stand any more because of it. */
  private keep(series: number, time: number, after: History, judgement: Judgement, knownUs: number): void {
    if (judgement.confirmedUs !== null) {
      const row = this.confirmed.next();
      const { columns } = this.confirmed;
      columns.series[row] = series;
      columns.time[row] = time;
      columns.known[row] = knownUs;
    }
    for (const version of judgement.versions) {
      this.keepReading(series, time, version, version.revision);
      const at = after.versions.indexOf(version);
      const before = after.versions[at - 1];
      const next = after.versions[at + 1];
      if (before !== undefined) this.keepSuperseded(series, time, before.knownUs, version.knownUs);
      if (next !== undefined && !judgement.versions.includes(next)) {
        this.keepSuperseded(series, time, version.knownUs, next.knownUs);
      }
    }
  }

  private keepReading(series: number, time: number, candidate: Candidate, revision: number): void {
    const row = this.readings.next();
    const { columns } = this.readings;
    columns.series[row] = series;
    columns.time[row] = time;
    columns.value[row] = candidate.value;
    columns.flags[row] = candidate.flags;
    columns.known[row] = candidate.knownUs;
    columns.revision[row] = revision;
  }

  private keepSuperseded(series: number, time: number, knownUs: number, untilUs: number): void {
    const row = this.superseded.next();
    const { columns } = this.superseded;
    columns.series[row] = series;
    columns.time[row] = time;
    columns.known[row] = knownUs;
    columns.until[row] = untilUs;
  }

  private append(seriesBefore: number): void {
    const { appenders } = this;
    const added = this.state.index.since(seriesBefore);
    if (added.length > 0) {
      appenders.series.append(
        [
          Int32Array.from(added, (series) => series.id),
          added.map((series) => series.site),
          added.map((series) => series.meter),
        ],
        added.length,
      );
    }
    for (const table of ['readings', 'superseded', 'confirmed'] as const) {
      if (this[table].length > 0) appenders[table].append(this[table].list(), this[table].length);
    }
    this.state.changes.append();
  }
}
