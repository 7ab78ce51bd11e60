import { decodePushedBlock, receiptSchema, shardOf, type ReadingBlock, type Receipt } from '@songma/domain';
import type { LogRecord } from '@songma/event-log';
import type { Registry } from '@songma/registry';
import { UnavailableError } from '@songma/runtime';

/** A block as it came out of the log, with what the store has to know beside it. */
export interface PushedBlock {
  readonly shard: string;
  readonly enterprise: string;
  readonly block: ReadingBlock;
  /** Of the whole push; with its first block only. */
  readonly receipt: Receipt | undefined;
}

/**
 * Reads one record of topic `readings`.
 * @throws UnavailableError while the registry does not know the site yet, which it learns from the log as ingest did
 * @throws Error when the record is corrupt: the log is written by ingest alone, so nothing may be skipped or guessed
 */
export function readPushedBlock(record: LogRecord, registry: Registry): PushedBlock {
  try {
    const { block, receipt } = decodePushedBlock(record.value);
    const enterprise = enterpriseOf(block, registry);
    return {
      shard: shardOf(enterprise),
      enterprise,
      block,
      receipt: receipt ?? formerReceipt(record),
    };
  } catch (error) {
    if (error instanceof UnavailableError) throw error;
    const place = `partition ${record.partition}, offset ${record.offset} of topic readings`;
    throw new Error(`the record at ${place} is corrupt; nothing was stored of it or after it`, {
      cause: error,
    });
  }
}

/** Builds before 2026-11-28 told the receipt in a header. */
function formerReceipt({ headers: { receipt } }: LogRecord): Receipt | undefined {
  return receipt === undefined ? undefined : receiptSchema.parse(JSON.parse(receipt));
}

/** The records as blocks, in order, as many at a time as one write may take. */
export function* slicesOf(
  records: readonly LogRecord[],
  registry: Registry,
  readingsMax: number,
): Generator<readonly PushedBlock[]> {
  let slice: PushedBlock[] = [];
  let readings = 0;
  for (const record of records) {
    const pushed = readPushedBlock(record, registry);
    const size = pushed.block.times.length;
    if (slice.length > 0 && readings + size > readingsMax) {
      yield slice;
      slice = [];
      readings = 0;
    }
    slice.push(pushed);
    readings += size;
  }
  if (slice.length > 0) yield slice;
}

/** Of the site as it is, or as it was when the push came if it has been retired since. */
function enterpriseOf({ site, knownUs }: ReadingBlock, registry: Registry): string {
  const found = registry.get('site', site) ?? registry.getAsOf('site', site, Math.floor(knownUs / 1000));
  if (found === undefined) {
    throw new UnavailableError('registry_behind', `site ${site} of a push is not in the registry yet`);
  }
  return found.body.enterprise;
}
