import { createHash } from 'node:crypto';
import {
  encodeReadingBlock,
  type QuarantineEvent,
  type QuarantinedRow,
  type ReadingBlock,
  type Receipt,
} from '@songma/domain';
import type { NewRecord } from '@songma/event-log';
import type { RefusedRow } from './push-draft.ts';
import type { Pusher } from './pusher.ts';

const source = 'songma/ingest';
const encoder = new TextEncoder();

/** A block for topic `readings`. The receipt goes with the first block of its push. */
export function readingsRecord(block: ReadingBlock, receipt: Receipt): NewRecord {
  return {
    key: block.site,
    value: encodeReadingBlock(block),
    headers: {
      ce_specversion: '1.0',
      ce_id: `${block.apiKey}/${block.batch}/${block.part}`,
      ce_source: source,
      ce_type: 'vn.songma.readings.v1',
      ce_time: new Date(receipt.receivedAt).toISOString(),
      ce_subject: block.site,
      ...(block.part === 0 ? { receipt: JSON.stringify(receipt) } : {}),
    },
  };
}

/** An event for topic `quarantine`. */
export function quarantineRecord(
  row: Pick<QuarantinedRow, 'id' | 'site' | 'apiKey'>,
  event: QuarantineEvent,
  at: number,
): NewRecord {
  // A row of no known site has the order of its key instead: all that happens to one row is in order.
  const key = row.site ?? row.apiKey;
  return {
    key,
    value: encoder.encode(JSON.stringify(event)),
    headers: {
      ce_specversion: '1.0',
      ce_id: `${row.id}/${event.event}`,
      ce_source: source,
      ce_type: 'vn.songma.quarantine.v1',
      ce_time: new Date(at).toISOString(),
      ce_subject: key,
    },
  };
}

/** The same refusal of the same batch is one entry, however often it is sent. */
export function quarantinedRow(
  refused: RefusedRow,
  push: Pick<Receipt, 'batch' | 'apiKey' | 'receivedAt'>,
  pusher: Pusher,
  form: Pick<QuarantinedRow, 'format' | 'context'>,
): QuarantinedRow {
  const { batch, apiKey, receivedAt } = push;
  return {
    id: createHash('sha256').update(`${apiKey} ${batch} ${refused.row}`).digest('hex').slice(0, 32),
    batch,
    apiKey,
    ...(pusher.enterprise === undefined ? {} : { enterprise: pusher.enterprise }),
    ...(refused.site === undefined ? {} : { site: refused.site }),
    row: refused.row,
    receivedAt,
    code: refused.refusal.code,
    parameters: { ...refused.refusal.parameters },
    ...form,
    raw: refused.raw,
  };
}

/** What one append of many records takes, bytes: a broker may refuse more at once. At least one record. */
const portionBytesMax = 256 * 1024;

export function inPortions(records: readonly NewRecord[]): NewRecord[][] {
  const portions: NewRecord[][] = [];
  let bytes = Infinity;
  for (const record of records) {
    bytes += record.value.byteLength;
    if (bytes > portionBytesMax) {
      portions.push([]);
      bytes = record.value.byteLength;
    }
    portions.at(-1)!.push(record);
  }
  return portions;
}
