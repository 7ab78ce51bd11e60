import {
  encodeReadingBlock,
  refusedPortions,
  type QuarantineEvent,
  type QuarantinedRow,
  type ReadingBlock,
  type Receipt,
  type RefusedPush,
  type RefusedRowRecord,
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
    value: encodeReadingBlock(block, block.part === 0 ? receipt : undefined),
    headers: {
      ce_specversion: '1.0',
      ce_id: `${block.apiKey}/${block.batch}/${block.part}`,
      ce_source: source,
      ce_type: 'vn.songma.readings.v1',
      ce_time: new Date(receipt.receivedAt).toISOString(),
      ce_subject: block.site,
    },
  };
}

/** What the door says of a push whose rows it refused. */
export type RefusedForm = Pick<RefusedPush, 'format' | 'context' | 'decimal'>;

/**
 * The refused rows of a push for topic `quarantine`, a record of bounded size at a time, made when it is asked for. Rows
 * of one site keep their order; those of no known site have the key's.
 */
export function* refusedRecords(
  refused: readonly RefusedRow[],
  { batch, apiKey, receivedAt }: Pick<Receipt, 'batch' | 'apiKey' | 'receivedAt'>,
  { enterprise }: Pick<Pusher, 'enterprise'>,
  form: RefusedForm,
): Generator<NewRecord> {
  for (const [site, rows] of Map.groupBy(refused, (row) => row.site)) {
    const push: RefusedPush = {
      batch,
      apiKey,
      ...(enterprise === undefined ? {} : { enterprise }),
      ...(site === undefined ? {} : { site }),
      receivedAt,
      ...form,
    };
    for (const { first, text } of refusedPortions(push, refusedRowRecords(rows))) {
      yield quarantineRecord(site ?? apiKey, `${apiKey}/${batch}/refused/${first}`, text, receivedAt);
    }
  }
}

function* refusedRowRecords(rows: readonly RefusedRow[]): Generator<RefusedRowRecord> {
  for (const { row, refusal, raw } of rows) yield [row, refusal.code, { ...refusal.parameters }, raw];
}

/** That a refused row has been replayed, for topic `quarantine`. */
export function replayedRecord(
  row: Pick<QuarantinedRow, 'id' | 'site' | 'apiKey'>,
  event: Extract<QuarantineEvent, { event: 'replayed' }>,
): NewRecord {
  return quarantineRecord(row.site ?? row.apiKey, `${row.id}/replayed`, JSON.stringify(event), event.at);
}

function quarantineRecord(key: string, id: string, text: string, at: number): NewRecord {
  return {
    key,
    value: encoder.encode(text),
    headers: {
      ce_specversion: '1.0',
      ce_id: id,
      ce_source: source,
      ce_type: 'vn.songma.quarantine.v1',
      ce_time: new Date(at).toISOString(),
      ce_subject: key,
    },
  };
}
