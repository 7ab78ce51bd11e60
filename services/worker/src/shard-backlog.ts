import { windowAt } from '@songma/domain';
import type { Change, Due } from '@songma/series-store';
import type { WorkerConfig } from './config.ts';
import type { Rests } from './rests.ts';

const dayMs = 86_400_000;
/** Hours that are not older than this are live: they never wait for a backlog. */
const liveMs = 2 * dayMs;
/** More changes of older hours than these are a backlog: they are taken month by month. */
const backlogMin = 500;
/** A month that is not touched for so long is taken for complete. */
const quietMs = 2_000;
/** How often a shard is looked at while its changes wait. */
const lookEveryMs = 5_000;
/** How long a month that was computed counts as filled again when more of it comes, instead of for the first time. */
const filledAgainMs = 600_000;
/** What one change costs before any was computed. */
const msPerChangeAtFirst = 0.5;

/** Changes to compute together. */
export interface Piece {
  readonly changes: readonly Change[];
  /** Whether its windows are being filled, and are then left alone for a while. */
  readonly isFilling: boolean;
}

/** Older changes of one site in one month. */
interface Month {
  readonly site: string;
  /** By the site's clock. */
  readonly start: number;
  readonly changes: Map<string, Change>;
  touchedAt: number;
  /** Whether it has waited long enough, touched or not. */
  isOverdue: boolean;
}

type PieceConfig = Pick<WorkerConfig, 'changesMax' | 'pieceReadingsAimed'>;

export interface ShardBacklogDeps {
  readonly config: Pick<WorkerConfig, 'refillShareMax' | 'restMsMax' | 'backlogRestMsMax'>;
  readonly rests: Rests;
  /** IANA name of a site's time zone. */
  readonly zoneOf: (site: string) => string;
  /** Epoch milliseconds. */
  readonly now: () => number;
  /** Milliseconds, never going back; the process's own unless given. */
  readonly clock?: () => number;
}

/**
 * What is due in one shard and not computed yet, and what of it is to be computed next. It is a copy: the store has all
 * of it as due until {@link mark} is settled, and that may be done once nothing is left here. So a lost copy costs
 * time, and nothing that is put off here can be lost.
 *
 * - Live hours come first, and rest while they are being filled.
 * - Older hours wait for their month to be complete: an import that comes in any order then computes each window once or
 *   twice, and not with every push. A month is taken when nothing of it came for two seconds; sooner where few changes
 *   wait, because that is a correction; later where the month was computed a short time ago.
 * - A month that never becomes quiet is taken when it has waited for as long as its computing may take part of the time,
 *   and after `backlogRestMsMax` at last.
 * - Months are taken in ascending order over all sites, so that what stands on months is computed from whole ones.
 */
export class ShardBacklog {
  readonly #shard: string;
  readonly #deps: ShardBacklogDeps;
  readonly #clock: () => number;
  readonly #live = new Map<string, Change>();
  readonly #months = new Map<string, Month>();
  /** When months were computed, by their key. */
  readonly #computedAt = new Map<string, number>();
  #older = 0;
  #mark: string | undefined;
  /** Since when older changes wait, those that are overdue aside. */
  #waitingSince = 0;
  #takenAt = -Infinity;
  #msPerChange = msPerChangeAtFirst;
  /** Of the last piece. */
  #readingsPerChange: number | undefined;

  constructor(shard: string, deps: ShardBacklogDeps) {
    this.#shard = shard;
    this.#deps = deps;
    this.#clock = deps.clock ?? (() => performance.now());
  }

  /** Changes that were taken and are not computed. */
  get size(): number {
    return this.#live.size + this.#older;
  }

  /** Stands for everything that was taken since the last settlement; undefined when nothing was. */
  get mark(): string | undefined {
    return this.#mark;
  }

  /** Takes what is due after {@link mark}. */
  take({ changes, mark }: Due): void {
    if (mark === null) return;
    this.#mark = mark;
    const at = this.#clock();
    this.#takenAt = at;
    if (this.#older === 0) this.#waitingSince = at;
    const liveFrom = this.#deps.now() - liveMs;
    for (const change of changes) {
      if (change.hour >= liveFrom) this.#live.set(keyOf(change), change);
      else this.#takeOlder(change, at);
    }
  }

  /** What is to be computed now; undefined when all of it waits, for {@link waitMs}. */
  next(changesMax: number): Piece | undefined {
    const isResting = this.#isResting();
    const isBacklog = this.#older > backlogMin;
    if (!isResting && (this.#live.size > 0 || (this.#older > 0 && !isBacklog))) {
      const live = [...this.#live.values()].toSorted((a, b) => b.hour - a.hour);
      const older = isBacklog ? [] : [...this.#months.values()].flatMap(changesOf);
      const changes = [...live, ...older];
      return { changes: changes.slice(0, changesMax), isFilling: changes.length <= changesMax };
    }
    if (!isBacklog) return undefined;
    const changes: Change[] = [];
    for (const month of this.#ready()) {
      for (const change of changesOf(month)) {
        changes.push(change);
        if (changes.length === changesMax) return { changes, isFilling: false };
      }
    }
    return changes.length === 0 ? undefined : { changes, isFilling: false };
  }

  /** How many changes a piece may have, as far as is known of what the last ones needed. */
  changesMax({ changesMax, pieceReadingsAimed }: PieceConfig, atFirst: number): number {
    const per = this.#readingsPerChange;
    const aimed = per === undefined ? atFirst : Math.floor(pieceReadingsAimed / per);
    return Math.max(1, Math.min(changesMax, aimed));
  }

  /** In how many milliseconds to look again when there is nothing to compute now. */
  waitMs(): number {
    const restMs = this.#live.size > 0 || this.#older <= backlogMin ? this.#deps.rests.left(this.#shard) : 0;
    if (this.#older <= backlogMin) return Math.min(restMs, lookEveryMs);
    return restMs > 0 ? Math.min(restMs, this.#quietMs) : this.#quietMs;
  }

  /** The piece is computed and kept; where nothing is left, {@link mark} is settled. */
  computed({ changes, isFilling }: Piece, readings: number, tookMs: number): void {
    for (const change of changes) {
      if (this.#live.delete(keyOf(change))) continue;
      const key = this.#monthKey(change);
      const month = this.#months.get(key);
      if (month === undefined || !month.changes.delete(keyOf(change))) continue;
      this.#older--;
      if (month.changes.size > 0) continue;
      this.#months.delete(key);
      if (!isFilling) this.#computedAt.set(key, this.#clock());
    }
    this.#msPerChange += (tookMs / changes.length - this.#msPerChange) / 4;
    this.#readingsPerChange = Math.max(1, readings / changes.length);
    if (isFilling) this.#deps.rests.begin(this.#shard, tookMs);
    if (this.size === 0) this.#mark = undefined;
  }

  /** Somebody else has settled everything. */
  settled(): void {
    this.#mark = undefined;
    this.#live.clear();
    this.#months.clear();
    this.#older = 0;
  }

  #takeOlder(change: Change, at: number): void {
    const key = this.#monthKey(change);
    let month = this.#months.get(key);
    if (month === undefined) {
      const { site } = change;
      month = { site, start: this.#monthOf(change), changes: new Map(), touchedAt: at, isOverdue: false };
      this.#months.set(key, month);
    }
    month.touchedAt = at;
    const before = month.changes.size;
    month.changes.set(keyOf(change), change);
    this.#older += month.changes.size - before;
  }

  /** A rest is over early when nothing came for a while: then what is computed is the last. */
  #isResting(): boolean {
    if (this.#clock() - this.#takenAt >= lookEveryMs) this.#deps.rests.end(this.#shard);
    return this.#deps.rests.left(this.#shard) > 0;
  }

  /** The months whose turn it is, ascending. */
  #ready(): Month[] {
    const { refillShareMax, restMsMax, backlogRestMsMax } = this.#deps.config;
    const at = this.#clock();
    const dueShareMs = (this.#older * this.#msPerChange) / refillShareMax;
    if (at - this.#waitingSince >= Math.min(dueShareMs, backlogRestMsMax)) {
      for (const month of this.#months.values()) month.isOverdue = true;
      this.#waitingSince = at;
    }
    this.#forget(at);
    const quietAgainMs = Math.max(this.#quietMs, Math.min(dueShareMs, restMsMax));
    return [...this.#months]
      .flatMap(([key, month]) => {
        const neededMs = this.#computedAt.has(key) ? quietAgainMs : this.#quietMs;
        return month.isOverdue || at - month.touchedAt >= neededMs ? [month] : [];
      })
      .toSorted((a, b) => a.start - b.start || (a.site < b.site ? -1 : 1));
  }

  get #quietMs(): number {
    return Math.min(quietMs, this.#deps.config.backlogRestMsMax);
  }

  #forget(at: number): void {
    for (const [key, computedAt] of this.#computedAt) {
      if (at - computedAt > filledAgainMs) this.#computedAt.delete(key);
    }
  }

  #monthOf({ site, hour }: Change): number {
    return windowAt('P1M', hour, this.#deps.zoneOf(site)).start;
  }

  #monthKey(change: Change): string {
    return `${this.#monthOf(change)} ${change.site}`;
  }
}

function changesOf({ changes }: Month): Change[] {
  return [...changes.values()].toSorted((a, b) => a.hour - b.hour);
}

function keyOf({ site, hour, meter }: Change): string {
  return meter === undefined ? `${hour} ${site}` : `${hour} ${site} ${meter}`;
}
