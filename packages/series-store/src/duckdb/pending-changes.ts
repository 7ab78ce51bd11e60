import type { Change, Due } from '../port.ts';

/** A row of the table `changes`. */
export interface ChangeRow extends Change {
  readonly seq: number;
  readonly shard: string;
}

interface Entry {
  readonly change: Change;
  /** Of its rows in the table, ascending. */
  seqs: number[];
  /** Whether a mark handed out may cover the last of them, so that the next change needs a row of its own. */
  isSeen: boolean;
}

interface Shard {
  /** By site, hour and meter, ascending by first seq unless `disordered`. */
  entries: Map<string, Entry>;
  disordered: boolean;
  /** Greatest seq of a change in it so far. */
  lastSeq: number;
}

/**
 * What is due, in memory: a mirror of the table `changes`, which holds a row for each change of an hour that no mark
 * handed out had covered yet. So an hour that changes a hundred times between two looks costs one row.
 *
 * A mark `first:seen` stands for the entries whose first change has a seq up to `first`, with their changes up to
 * `seen`; changes after `seen` stay due.
 */
export class PendingChanges {
  private readonly shards = new Map<string, Shard>();
  private seq = 0;

  /** Greatest seq given. */
  get lastSeq(): number {
    return this.seq;
  }

  /**
   * @param rows of the table as it was found, in ascending seq; marks handed out earlier may cover any of them
   * @param seqMin seqs go on above it, so that a mark handed out earlier covers nothing that comes later
   */
  static of(rows: Iterable<ChangeRow>, seqMin: number): PendingChanges {
    const pending = new PendingChanges();
    pending.seq = seqMin;
    for (const row of rows) {
      pending.seq = Math.max(pending.seq, row.seq);
      pending.insert(row);
    }
    for (const { entries } of pending.shards.values())
      for (const entry of entries.values()) entry.isSeen = true;
    return pending;
  }

  /** Takes in a change; gives the row that must be kept for it, or undefined when one is kept already. */
  touch(shardName: string, change: Change): ChangeRow | undefined {
    const shard = this.shard(shardName);
    const entry = shard.entries.get(keyOf(change));
    if (entry !== undefined && !entry.isSeen) return undefined;
    const row = { ...change, seq: ++this.seq, shard: shardName };
    this.insert(row);
    return row;
  }

  /** @param after a mark of an earlier answer: what it does not cover is asked for */
  due(shardName: string, changesMax: number, after?: string): Due {
    const shard = this.shards.get(shardName);
    if (shard === undefined || shard.entries.size === 0) return { changes: [], mark: null };
    this.order(shard);
    const before = after === undefined ? { first: 0, seen: 0 } : parseMark(after);
    const found = uncovered(shard, before, changesMax);
    if (found.length === 0) return { changes: [], mark: null };
    const named = found.slice(0, changesMax);
    let first = before.first;
    for (const { entry } of named) {
      entry.isSeen = true;
      first = Math.max(first, entry.seqs[0]!);
    }
    // The shard's own: what changes in another one makes no other mark. What is left to a later answer and was covered
    // in part is not to be covered by more.
    const next = after === undefined ? undefined : found[changesMax];
    const seen = next === undefined ? shard.lastSeq : next.seq - 1;
    return { changes: named.map(({ entry }) => entry.change), mark: `${first}:${seen}` };
  }

  /** Seqs of the rows that a mark covers. @throws Error when the text is no mark: a bug of the caller */
  covered(shardName: string, mark: string): number[] {
    const { first, seen } = parseMark(mark);
    return this.upTo(this.shard(shardName), first).flatMap(([, entry]) =>
      entry.seqs.filter((seq) => seq <= seen),
    );
  }

  /** Takes what a mark covers as settled. */
  settle(shardName: string, mark: string): void {
    const { first, seen } = parseMark(mark);
    const shard = this.shard(shardName);
    for (const [key, entry] of this.upTo(shard, first)) {
      entry.seqs = entry.seqs.filter((seq) => seq > seen);
      if (entry.seqs.length === 0) shard.entries.delete(key);
      else shard.disordered = true;
    }
  }

  /** Entries whose first seq is not above `first`. */
  private upTo(shard: Shard, first: number): [string, Entry][] {
    this.order(shard);
    const found: [string, Entry][] = [];
    for (const [key, entry] of shard.entries) {
      if (entry.seqs[0]! > first) break;
      found.push([key, entry]);
    }
    return found;
  }

  private order(shard: Shard): void {
    if (!shard.disordered) return;
    shard.entries = new Map([...shard.entries].toSorted(([, a], [, b]) => a.seqs[0]! - b.seqs[0]!));
    shard.disordered = false;
  }

  private insert({ shard: shardName, seq, ...change }: ChangeRow): void {
    const shard = this.shard(shardName);
    shard.lastSeq = seq;
    const { entries } = shard;
    const key = keyOf(change);
    const entry = entries.get(key);
    if (entry === undefined) {
      entries.set(key, { change, seqs: [seq], isSeen: false });
    } else {
      entry.seqs.push(seq);
      entry.isSeen = false;
    }
  }

  private shard(name: string): Shard {
    const found = this.shards.get(name);
    if (found !== undefined) return found;
    const shard = { entries: new Map<string, Entry>(), disordered: false, lastSeq: 0 };
    this.shards.set(name, shard);
    return shard;
  }
}

/**
 * The entries that have changes which a mark does not cover, with the first of these, ascending by it; at least the
 * first `changesMax + 1` of them.
 */
function uncovered(
  { entries }: Shard,
  { first, seen }: { readonly first: number; readonly seen: number },
  changesMax: number,
): { readonly entry: Entry; readonly seq: number }[] {
  const again: { entry: Entry; seq: number }[] = [];
  const later: { entry: Entry; seq: number }[] = [];
  for (const entry of entries.values()) {
    if (entry.seqs[0]! > first) {
      if (later.length > changesMax) break;
      later.push({ entry, seq: entry.seqs[0]! });
    } else if (entry.seqs.at(-1)! > seen) {
      again.push({ entry, seq: entry.seqs.find((seq) => seq > seen)! });
    }
  }
  return again.length === 0 ? later : [...again, ...later].toSorted((a, b) => a.seq - b.seq);
}

function keyOf({ site, hour, meter }: Change): string {
  return meter === undefined ? `${hour} ${site}` : `${hour} ${site} ${meter}`;
}

function parseMark(mark: string): { first: number; seen: number } {
  const match = /^(\d+):(\d+)$/.exec(mark);
  if (match === null) throw new Error(`"${mark}" is not a mark of this store`);
  return { first: Number(match[1]), seen: Number(match[2]) };
}
