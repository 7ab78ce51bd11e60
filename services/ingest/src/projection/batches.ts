import type { DatabaseSync } from 'node:sqlite';
import { receiptSchema, type BlockOutcome, type Receipt } from '@songma/domain';
import { z } from 'zod';
import { partFateSchema, type PartFate } from '../fates.ts';
import { BatchFilter } from './batch-filter.ts';

/** What is known of one batch: its receipt, and the blocks of it that the writer has reported, by number. */
export interface KnownBatch {
  readonly receipt: Receipt;
  readonly parts: Readonly<Record<string, PartFate>>;
}

const partsSchema = z.record(z.string(), partFateSchema);

const pruneRowsMax = 1_000;

/** Receipts and fates by API key and batch id. */
export function createBatches(database: DatabaseSync) {
  const filter = new BatchFilter(database);
  const select = database.prepare('SELECT receipt, fates FROM batches WHERE batch = ? AND api_key = ?');
  // Of a batch that was sent again after an unknown end, the first report of a part tells what it really did.
  const fold = database.prepare(`
    INSERT INTO batches (batch, api_key, received_at, known_us, receipt, fates) VALUES (?, ?, ?, ?, ?, ?)
    ON CONFLICT (batch, api_key) DO UPDATE SET
      receipt = coalesce(excluded.receipt, receipt), fates = json_patch(excluded.fates, fates)`);
  const spill = database.prepare(`
    INSERT INTO batches (batch, api_key, received_at, known_us, receipt, fates) VALUES (?, ?, ?, 0, ?, '{}')
    ON CONFLICT (batch, api_key) DO UPDATE SET receipt = excluded.receipt`);
  const latest = database.prepare(
    'SELECT max(known_us) AS known FROM (SELECT known_us FROM batches ORDER BY seq DESC LIMIT 10000)',
  );
  const prune = database.prepare(`
    DELETE FROM batches WHERE seq IN (
      SELECT seq FROM (SELECT seq, received_at FROM batches ORDER BY seq LIMIT ${pruneRowsMax})
      WHERE received_at < ?)`);

  return {
    /** Learns some of the batches that the file held before. @returns whether there are more */
    gather: () => filter.gather(),
    find(apiKey: string, batch: string): KnownBatch | undefined {
      if (!filter.mayKnow(apiKey, batch)) return undefined;
      const row = select.get(batch, apiKey);
      const receipt = row?.['receipt'];
      if (row === undefined || typeof receipt !== 'string') return undefined;
      return {
        receipt: receiptSchema.parse(JSON.parse(receipt)),
        parts: partsSchema.parse(JSON.parse(String(row['fates']))),
      };
    },
    fold(outcome: BlockOutcome): void {
      const { batch, apiKey, knownUs, part, parts, duplicate, superseding, refused, receipt } = outcome;
      const fate: PartFate = { parts, duplicate, superseding, refused };
      filter.add(apiKey, batch);
      fold.run(
        batch,
        apiKey,
        receipt?.receivedAt ?? Math.floor(knownUs / 1000),
        knownUs,
        receipt === undefined ? null : JSON.stringify(receipt),
        JSON.stringify({ [part]: fate }),
      );
    },
    /** Keeps a receipt whose outcome has not come yet. */
    spill(receipt: Receipt): void {
      filter.add(receipt.apiKey, receipt.batch);
      spill.run(receipt.batch, receipt.apiKey, receipt.receivedAt, JSON.stringify(receipt));
    },
    /** Latest `knownUs` among the newest batches; 0 when there are none. */
    latestKnownUs(): number {
      return Number(latest.get()?.['known'] ?? 0);
    },
    /** Forgets batches received before `time`, oldest first. @returns how many; call again until it is 0 */
    prune(time: number): number {
      return Number(prune.run(time).changes);
    },
  };
}
export type Batches = ReturnType<typeof createBatches>;
