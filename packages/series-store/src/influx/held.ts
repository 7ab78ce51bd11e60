import { newLine, type Line } from './line.ts';
import { MeterKeys } from './line-text.ts';

const hourMs = 3_600_000;
/** What an entry of a line's `others` weighs, counted in values. */
const historyWeight = 24;
/** Blocks of a site whose changes are remembered to be noted. */
const notedBlocksMax = 1024;

/** What is held of a site in one UTC hour. */
export interface HeldHour {
  readonly site: HeldSite;
  readonly start: number;
  readonly lines: Map<number, Line>;
  /** Lines from this time on are all here; earlier ones may be in the store only. */
  completeFrom: number;
  /** Memory that the lines take, counted in values. */
  weight: number;
}

/** What this process knows of a site: nothing that the store does not have, once its writes have succeeded. */
export class HeldSite {
  readonly id: string;
  readonly meters = new MeterKeys();
  readonly hours = new Map<number, HeldHour>();
  /** Time of the latest line in the store; what is later than it needs no look-up. */
  latest: number;
  /** Calls that are under way. */
  users = 0;
  private readonly noted = new Set<string>();

  constructor(id: string, latest: number) {
    this.id = id;
    this.latest = latest;
  }

  /** Start of the hour of a time. */
  static hourOf(time: number): number {
    return Math.floor(time / hourMs) * hourMs;
  }

  /** The hour, made when it is not there: complete as far as nothing in the store lies in it. */
  hour(start: number): HeldHour {
    let hour = this.hours.get(start);
    if (hour === undefined) {
      const completeFrom = Math.max(start, this.latest + 1);
      hour = { site: this, start, lines: new Map(), completeFrom, weight: 0 };
      this.hours.set(start, hour);
    }
    return hour;
  }

  /** The line of a time, a new one when the site has none; its hour must be complete from there on. */
  lineAt(hour: HeldHour, time: number, knownUs: number): Line {
    let line = hour.lines.get(time);
    if (line === undefined) {
      line = newLine(time, knownUs, this.meters.ids.length);
      hour.lines.set(time, line);
    }
    return line;
  }

  /** Whether the changes of a block were noted in the journal, as far as is remembered. */
  isNoted(block: string): boolean {
    return this.noted.has(block);
  }

  setNoted(block: string): void {
    this.noted.add(block);
    if (this.noted.size > notedBlocksMax) this.noted.delete(this.noted.values().next().value!);
  }
}

/**
 * What is held of the sites that this process writes, bounded: the hours that were used longest ago go first.
 *
 * It mirrors the store only as long as nobody else writes a site: see `site-claims.ts` for how that is known.
 */
export class Held {
  private readonly sites = new Map<string, HeldSite>();
  /** From the one used longest ago to the latest. */
  private readonly order: Set<HeldHour> = new Set();
  private readonly weightMax: number;
  private weight = 0;

  constructor(weightMax: number) {
    this.weightMax = weightMax;
  }

  get(site: string): HeldSite | undefined {
    return this.sites.get(site);
  }

  add(site: HeldSite): void {
    this.forget(site.id);
    this.sites.set(site.id, site);
  }

  /** Drops everything of a site: it is looked up again when it is needed. */
  forget(site: string): void {
    const held = this.sites.get(site);
    if (held === undefined) return;
    this.sites.delete(site);
    for (const hour of held.hours.values()) this.drop(hour);
  }

  /** Counts hours as used just now, and drops the oldest ones while there are too many. */
  used(hours: Iterable<HeldHour>): void {
    for (const hour of hours) {
      if (this.sites.get(hour.site.id) !== hour.site) continue;
      this.weight -= hour.weight;
      hour.weight = weightOf(hour);
      this.weight += hour.weight;
      this.order.delete(hour);
      this.order.add(hour);
    }
    for (const hour of this.order) {
      if (this.weight <= this.weightMax) return;
      if (hour.site.users > 0) continue;
      this.drop(hour);
      hour.site.hours.delete(hour.start);
    }
  }

  private drop(hour: HeldHour): void {
    if (this.order.delete(hour)) this.weight -= hour.weight;
  }
}

function weightOf(hour: HeldHour): number {
  let weight = historyWeight;
  for (const line of hour.lines.values()) {
    const { values, knownUsOf, others } = line;
    weight += historyWeight + values.length + (knownUsOf?.length ?? 0) + historyWeight * (others?.size ?? 0);
  }
  return weight;
}
