import type { DatabaseSync } from 'node:sqlite';
import { BloomFilter } from 'bloomfilter';

/**
 * 16 MiB recognise ten million batches, and take one new batch in 200 for one of them. With more, new ones are
 * looked up in the file more often: that is slower, and as right.
 */
const bits = 2 ** 27;
const hashes = 4;
const gatheredAtOnce = 2_000;

/** Names a batch: ids are of a key's own. */
export function idOf(apiKey: string, batch: string): string {
  return `${apiKey} ${batch}`;
}

/** Which batches the file may know. Nearly every batch is new, and to find that in the file costs much more. */
export class BatchFilter {
  private readonly ids = new BloomFilter(bits, hashes);
  private readonly batchesAfter;
  private last: readonly [batch: string, apiKey: string] = ['', ''];
  private isWhole = false;

  constructor(database: DatabaseSync) {
    this.batchesAfter = database.prepare(`
      SELECT batch, api_key FROM batches WHERE (batch, api_key) > (?, ?)
      ORDER BY batch, api_key LIMIT ${gatheredAtOnce}`);
  }

  /** To be called for each batch that goes into the file. */
  add(apiKey: string, batch: string): void {
    this.ids.add(idOf(apiKey, batch));
  }

  /** False only when the file does not know the batch. */
  mayKnow(apiKey: string, batch: string): boolean {
    return !this.isWhole || this.ids.test(idOf(apiKey, batch));
  }

  /**
   * Takes in some of what was in the file before; until that is all, every batch may be known.
   * @returns whether there is more
   */
  gather(): boolean {
    const rows = this.batchesAfter.all(...this.last);
    for (const row of rows) {
      this.last = [String(row['batch']), String(row['api_key'])];
      this.add(this.last[1], this.last[0]);
    }
    this.isWhole = rows.length < gatheredAtOnce;
    return !this.isWhole;
  }
}
