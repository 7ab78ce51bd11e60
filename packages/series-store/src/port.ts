import type {
  Alert,
  AlertAcknowledgement,
  Indicator,
  IndicatorEvent,
  IndicatorWindow,
  ReadingBlock,
  Rollup,
  WindowKind,
} from '@songma/domain';
import type { AlertHistoryQuery, AlertQuery, KeptAlert } from './alert-query.ts';

/** Most readings in one chunk of `read`. */
export const chunkReadingsMax = 16_384;

/** A block to store, and the shard whose worker computes what stands on it. */
export interface ShardedBlock {
  readonly shard: string;
  readonly block: ReadingBlock;
}

/** What became of a block's readings, in the block's order: codes of `outcome`; `refused` gives reasons by index. */
export interface WriteResult {
  readonly outcomes: Uint8Array;
  readonly refused: readonly { readonly index: number; readonly problem: string }[];
}

/** A span of some meters of one site; `meters` absent means all that the store holds. Epoch ms, `to` exclusive. */
export interface SeriesRange {
  readonly site: string;
  readonly meters?: readonly string[];
  readonly from: number;
  readonly to: number;
}

export interface ReadQuery {
  readonly ranges: readonly SeriesRange[];
  /** Answer as was known at this time (microseconds, inclusive); absent: as known now. */
  readonly asOfUs?: number;
  /**
   * Also give, per range and meter, the last reading before `from` and the first at or after `to`, within this span.
   */
  readonly neighboursWithinMs?: number;
  /** That probably nothing lies in these ranges: a store may look first whether that is so. The answer is the same. */
  readonly isLikelyEmpty?: boolean;
}

/** Readings of one meter in ascending time, one per time: the one that stands. Columns of equal length, at least 1. */
export interface SeriesChunk {
  readonly site: string;
  readonly meter: string;
  readonly times: Float64Array;
  /** Meter's unit, multiplier not applied; NaN: a status without a value. */
  readonly values: Float64Array;
  readonly flags: Uint8Array;
  readonly knownUs: Float64Array;
  /** 0 for a reading that superseded nothing. */
  readonly revisions: Uint16Array;
}

/** As the meter of a change: every one of the site. No meter has this id. */
export const everyMeter = '*';

/**
 * What is to be computed again of a site in the UTC hour that starts at `hour`: without `meter`, what readings touch
 * that were stored or superseded there; with it, all of that one meter's, because a fact about it has changed; with
 * {@link everyMeter}, all of the site's, because the rules have.
 */
export interface Change {
  readonly site: string;
  readonly hour: number;
  readonly meter?: string;
}

/** Changes, and the shard whose worker computes them. */
export interface ShardedChange extends Change {
  readonly shard: string;
}

/**
 * What makes changes due besides readings: facts of the registry, rules of the build, and the clock. Each keeps its
 * position.
 */
export const markers = ['facts', 'rules', 'clock'] as const;
export type Marker = (typeof markers)[number];

export interface Due {
  readonly changes: readonly Change[];
  /** Names what was looked at: hand it to `settle`. Null when nothing is due. */
  readonly mark: string | null;
}

export interface RollupQuery {
  readonly ranges: readonly SeriesRange[];
  readonly window: WindowKind;
}

export interface IndicatorQuery {
  /** Absent: every enterprise. */
  readonly enterprises?: readonly string[];
  /** Those of these sites; absent: those of whole enterprises. */
  readonly sites?: readonly string[];
  /** Those of these products; `all`: of each and of none; absent: those of all that is made together. */
  readonly products?: readonly string[] | 'all';
  readonly names?: readonly string[];
  readonly window: IndicatorWindow;
  readonly from: number;
  readonly to: number;
  /** Answer with what had been published at this time (epoch ms, inclusive); absent: with what stands now. */
  readonly asOf?: number;
}

/** An indicator whatever its revision: what its id is made of. */
export type IndicatorKey = Pick<Indicator, 'enterprise' | 'site' | 'product' | 'name' | 'window' | 'start'>;

export interface HistoryQuery {
  readonly of: IndicatorKey;
  /** Last revision of the page before; 0 for the first page. */
  readonly afterRevision: number;
  /** At most so many. */
  readonly limit: number;
}

export interface RestatementQuery {
  /** Absent: every enterprise; so also names, windows and causes. */
  readonly enterprises?: readonly string[];
  /** Only those of these sites, or of these products; absent: also those of whole enterprises, of all products. */
  readonly sites?: readonly string[];
  readonly products?: readonly string[];
  readonly names?: readonly string[];
  readonly windows?: readonly IndicatorWindow[];
  readonly causes?: readonly IndicatorEvent['cause'][];
  /** When it was published, epoch ms; `to` exclusive. */
  readonly from: number;
  readonly to: number;
  /** Also the later publications of a window that was still under way, which are no restatements. */
  readonly filling: boolean;
  /** The last of the page before. */
  readonly after?: { readonly publishedAt: number; readonly id: string };
  /** At most so many. */
  readonly limit: number;
}

export interface Results {
  readonly rollups: readonly Rollup[];
  /**
   * Publications, of one indicator in ascending revision; `publishedAt` rises with it. `before` is the revision before:
   * it is kept once, as the `after` of its own publication, and read from there.
   */
  readonly indicators: readonly IndicatorEvent[];
  /** Alerts as they stand from their revisions on, of one alert in ascending revision; none unless told. */
  readonly alerts?: readonly Alert[];
  readonly acknowledgements?: readonly AlertAcknowledgement[];
}

/**
 * Readings, what superseded what, and what was computed from them.
 *
 * Promises of every adapter, each held by a case of the same name in `test/conformance.ts`:
 * - `write` answers for each reading: stored, duplicate (same value and flags are held), superseding, or refused;
 * - what `write` resolved for survives `kill -9` and reopening;
 * - writing a block again changes nothing and gives the same answers, also after `kill -9` in the middle of a write;
 * - of two readings of one meter and time the one with the later `knownUs` stands, in whatever order they are written;
 * - several readings of one meter and time inside one call are judged as if written one after the other;
 * - `read` gives each meter in ascending time, as known now or as known then; the superseded values stay readable by
 *   `asOfUs`;
 * - neighbours are the nearest readings outside of the range;
 * - what is likely to be empty is read as everything else is;
 * - a long range streams in chunks of bounded size;
 * - `due` names each UTC hour whose readings were stored or superseded since it was settled, also after reopening and
 *   after `kill -9`; duplicates make nothing due;
 * - `due` names all that is due up to `changesMax`, in however many writes it came;
 * - a change that comes between `due` and `settle` stays due;
 * - where `due` names all that is due, its mark is another one once something has changed in the shard, and only
 *   then;
 * - `due` after a mark names what would be due if that mark were settled, and its mark stands for both;
 * - `mark` makes changes due as `write` does, and the position that it keeps is never ahead of them;
 * - positions of facts, of rules and of the clock are kept apart;
 * - `settle` replaces rollups of the same meter, window and start, and indicators of the same id;
 * - `indicators` tells what is made together from each product of it;
 * - `indicators` answers with what had been published at `asOf`, however often it was published since;
 * - `history` gives every publication of an indicator, each revision once, as it was published last;
 * - `restatements` gives what was published again, latest first, each once over all pages;
 * - `alerts` gives each alert as it was settled last, in the order of origins, each once over all pages;
 * - `alerts` answers with what was said at `asOf`, however often it was revised since;
 * - `alertHistory` gives every revision of an alert, each once, as it was settled last;
 * - of the acknowledgements of an alert the earliest counts, and stays when the alert is revised;
 * - `keep` keeps results as `settle` does, and leaves due what is due;
 * - `write` rejects with `UnavailableError` when the store cannot be reached, and a repeat later is exact.
 *
 * Not promised: that two processes may write the same site at once; transactions over calls.
 */
export interface SeriesStore {
  /** One call at a time per site. Results are in the order of `blocks`. @throws UnavailableError */
  write(blocks: readonly ShardedBlock[]): Promise<readonly WriteResult[]>;

  /** Ordered by range, then meter as requested (or by id), then time. @throws UnavailableError */
  read(query: ReadQuery): AsyncIterable<SeriesChunk>;

  /**
   * What changed in the shard and is not settled, oldest first, at most `changesMax`; after a mark of an earlier answer
   * what that one does not stand for. @throws UnavailableError
   */
  due(shard: string, changesMax: number, after?: string): Promise<Due>;

  /**
   * Makes changes due that came from elsewhere, and keeps the position up to which that was looked at, of `facts`
   * unless told. Positions only rise: a lower one than is kept changes nothing. @throws UnavailableError
   */
  mark(changes: readonly ShardedChange[], position: number, marker?: Marker): Promise<void>;

  /** The position that `mark` kept last, of `facts` unless told; undefined before the first. @throws UnavailableError */
  markedTo(marker?: Marker): Promise<number | undefined>;

  /** Keeps the results, then (or in one step) takes the changes up to `mark` as settled. @throws UnavailableError */
  settle(shard: string, mark: string, results: Results): Promise<void>;

  /** Rollups that start in the ranges, in ascending (range, meter, start). @throws UnavailableError */
  rollups(query: RollupQuery): Promise<Rollup[]>;

  /** Keeps results that the log has and the store may have lost, for a rebuild. @throws UnavailableError */
  keep(results: Results): Promise<void>;

  /**
   * Indicators whose window starts in the span, in ascending (enterprise, site, product, name, start).
   * @throws UnavailableError
   */
  indicators(query: IndicatorQuery): Promise<Indicator[]>;

  /** In ascending revision; empty when it was never published. @throws UnavailableError */
  history(query: HistoryQuery): Promise<IndicatorEvent[]>;

  /** In descending time of publication, then ascending id. @throws UnavailableError */
  restatements(query: RestatementQuery): Promise<IndicatorEvent[]>;

  /** In the order of the query. @throws UnavailableError */
  alerts(query: AlertQuery): Promise<KeptAlert[]>;

  /** In ascending revision; empty when there is no such alert. @throws UnavailableError */
  alertHistory(query: AlertHistoryQuery): Promise<Alert[]>;

  /** Resolves when the store answers. @throws UnavailableError otherwise */
  check(): Promise<void>;

  close(): Promise<void>;
}
