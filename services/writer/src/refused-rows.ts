import { createHash } from 'node:crypto';
import {
  flag,
  printedTime,
  type QuarantinedRow,
  type QuarantineEvent,
  type ReadingBlock,
} from '@songma/domain';
import type { NewRecord } from '@songma/event-log';
import type { MeterContext, Registry } from '@songma/registry';
import type { WriteResult } from '@songma/series-store';
import type { PushedBlock } from './pushed-blocks.ts';

const encoder = new TextEncoder();

/**
 * What the store refused of a block, for topic `quarantine`. The row is given as JSON that the plant can send again:
 * the stamp as its convention prints it, the value in the meter's unit.
 */
export function refusedRows(
  { block, enterprise, receipt }: PushedBlock,
  { refused }: WriteResult,
  registry: Registry,
): NewRecord[] {
  const receivedAt = receipt?.receivedAt ?? Math.floor(block.knownUs / 1000);
  return refused.map(({ index, problem }) => {
    const row: QuarantinedRow = {
      id: rowId(block, block.rows[index]!),
      batch: block.batch,
      apiKey: block.apiKey,
      enterprise,
      site: block.site,
      row: block.rows[index]!,
      receivedAt,
      code: 'refused_by_store',
      parameters: { problem },
      format: 'json',
      raw: rowText(block, index, registry.meter(block.meters[block.meterIndex[index]!]!)),
    };
    const event: QuarantineEvent = { event: 'quarantined', row };
    return {
      key: block.site,
      value: encoder.encode(JSON.stringify(event)),
      headers: {
        ce_specversion: '1.0',
        ce_id: `${row.id}/quarantined`,
        ce_source: 'songma/writer',
        ce_type: 'vn.songma.quarantine.v1',
        ce_time: new Date(receivedAt).toISOString(),
        ce_subject: block.site,
      },
    };
  });
}

/** The id that the door gives a refused row, so that one row is one entry whoever refused it. */
function rowId({ apiKey, batch }: ReadingBlock, row: number): string {
  return createHash('sha256').update(`${apiKey} ${batch} ${row}`).digest('hex').slice(0, 32);
}

function rowText(block: ReadingBlock, index: number, context: MeterContext | undefined): string {
  const stored = block.times[index]!;
  const value = block.values[index]!;
  const bits = block.flags[index]!;
  const time = context === undefined ? stored : printed(context, stored);
  const status =
    (bits & flag.fault) !== 0 ? 'fault' : (bits & flag.calibrating) !== 0 ? 'calibrating' : undefined;
  return JSON.stringify({
    meter: block.meters[block.meterIndex[index]!],
    time: new Date(time).toISOString(),
    ...(Number.isNaN(value) ? {} : { value }),
    ...(status === undefined ? {} : { status }),
  });
}

function printed({ meter }: MeterContext, stored: number): number {
  return printedTime(meter.time, meter.intervalMs, meter.kind, stored);
}
