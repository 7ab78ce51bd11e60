import { rulesVersion, shardOf } from '@songma/domain';
import type { Registry } from '@songma/registry';
import { ConfigError, pause, UnavailableError, type Logger } from '@songma/runtime';
import { everyMeter, type SeriesStore, type ShardedChange } from '@songma/series-store';

export interface RulesHealingDeps {
  readonly logger: Logger;
  readonly registry: Registry;
  readonly seriesStore: Pick<SeriesStore, 'due' | 'mark' | 'markedTo' | 'rollups'>;
  /** Called with the shards in which something was made due. */
  readonly wake: (shards: readonly string[]) => Promise<void>;
  /** Version of the rules; that of this build unless told. */
  readonly version?: number;
}

const hourMs = 3_600_000;
const retryMs = 1_000;
/** How often it is looked whether a shard has nothing else to do, and for how long a month of one site waits for that. */
const [idleLookMs, idleWaitMsMax] = [500, 60_000];
/** Later than any reading. */
const timeEnd = Date.UTC(2200, 0, 1);

/**
 * Positions rise while months fall: `version * base + (base - 1 - month)`, months counted from 1970; a version is done
 * at `version * base + base - 1`.
 */
const base = 10_000;
const monthNumber = (time: number) => {
  // Months begin by the site's clock: their middle is in the same month everywhere.
  const middle = new Date(time + 15 * 24 * hourMs);
  return (middle.getUTCFullYear() - 1970) * 12 + middle.getUTCMonth();
};

/**
 * Stops a start on results of rules that are newer than this build's: computing on would undo them one by one.
 * @throws ConfigError that names the way out
 */
export async function assertRulesKnown(
  store: Pick<SeriesStore, 'markedTo'>,
  version = rulesVersion,
): Promise<void> {
  const of = Math.floor(((await store.markedTo('rules')) ?? 0) / base);
  if (of <= version) return;
  throw new ConfigError([
    {
      setting: 'SERIES_STORE',
      problem: `holds results by version ${of} of the rules, and this build computes by version ${version}`,
      remedy:
        'Run the build that wrote them or a later one; or name another data directory (SONGMA_DATA) or bucket (INFLUX_BUCKET), and fill it from the log with --rebuild.',
    },
  ]);
}

/**
 * Makes due what rests on earlier rules than this build's: month by month, the newest first, of each shard the next one
 * when nothing else is due in it. The store keeps how far that has come, so that a restart goes on there. What comes out
 * as it was is published no more and not due again. Resolves when everything was made due.
 */
export async function healRules(deps: RulesHealingDeps, signal: AbortSignal): Promise<void> {
  for (;;) {
    try {
      await heal(deps, signal);
      return;
    } catch (error) {
      if (!(error instanceof UnavailableError)) throw error;
      const { code, message } = error;
      deps.logger.warn(
        { code, reason: message },
        'results of earlier rules could not be looked at; again soon',
      );
      await pause(retryMs, signal);
    }
  }
}

async function heal(deps: RulesHealingDeps, signal: AbortSignal): Promise<void> {
  const { logger, seriesStore, version = rulesVersion } = deps;
  const from = (await seriesStore.markedTo('rules')) ?? 0;
  const done = version * base + base - 1;
  if (from >= done) return;
  const months = await monthsOf(deps);
  const left = [...months].filter(([month]) => version * base + (base - 1 - month) > from);
  if (left.length > 0) {
    logger.info(
      { version, months: left.length },
      'the rules have changed: what rests on earlier ones is computed again',
    );
  }
  for (const [month, sites] of left.toSorted(([a], [b]) => b - a)) {
    const shards = Map.groupBy(sites, ({ shard }) => shard);
    await Promise.all([...shards.values()].map((of) => markMonth(deps, of, from, signal)));
    await seriesStore.mark([], version * base + (base - 1 - month), 'rules');
  }
  await seriesStore.mark([], done, 'rules');
  if (left.length > 0) logger.info({ version }, 'everything that rests on earlier rules is due or computed');
}

/** A month of one site in which there are results. */
interface SiteMonth {
  readonly shard: string;
  readonly site: string;
  readonly start: number;
  readonly end: number;
}

/** By number of the month. */
async function monthsOf({ registry, seriesStore }: RulesHealingDeps): Promise<Map<number, SiteMonth[]>> {
  const found = new Map<number, SiteMonth[]>();
  for (const { body } of registry.list('site')) {
    const ranges = [{ site: body.id, from: 0, to: timeEnd }];
    const shard = shardOf(body.enterprise);
    const months = new Map<number, number>();
    for (const { start, end } of await seriesStore.rollups({ ranges, window: 'P1M' })) months.set(start, end);
    for (const [start, end] of months) {
      const number = monthNumber(start);
      const one = { shard, site: body.id, start, end };
      const of = found.get(number);
      if (of === undefined) found.set(number, [one]);
      else of.push(one);
    }
  }
  return found;
}

/** Makes the hours of one month of some sites of a shard due, of one site after the other. */
async function markMonth(
  { seriesStore, wake }: RulesHealingDeps,
  sites: readonly SiteMonth[],
  position: number,
  signal: AbortSignal,
): Promise<void> {
  for (const { shard, site, start, end } of sites) {
    await untilIdle(seriesStore, shard, signal);
    const marks: ShardedChange[] = [];
    const ranges = [{ site, from: start, to: end }];
    const days = new Map<number, number>();
    for (const day of await seriesStore.rollups({ ranges, window: 'P1D' })) days.set(day.start, day.end);
    for (const [from, to] of days) {
      for (let hour = Math.floor(from / hourMs) * hourMs; hour < to; hour += hourMs) {
        marks.push({ shard, site, hour, meter: everyMeter });
      }
    }
    await seriesStore.mark(marks, position, 'rules');
    await wake([shard]);
  }
}

/** Resolves when nothing is due in a shard, or when that was waited for long enough. */
async function untilIdle(store: Pick<SeriesStore, 'due'>, shard: string, signal: AbortSignal): Promise<void> {
  for (let waitedMs = 0; waitedMs < idleWaitMsMax; waitedMs += idleLookMs) {
    signal.throwIfAborted();
    if ((await store.due(shard, 1)).mark === null) return;
    await pause(idleLookMs, signal);
  }
}
