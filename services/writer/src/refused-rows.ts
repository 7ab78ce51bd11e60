import {
  flag,
  intervalOf,
  printedTime,
  refusedPortions,
  type ReadingBlock,
  type RefusedPush,
  type RefusedRowRecord,
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
  const { batch, apiKey, site } = block;
  const receivedAt = receipt?.receivedAt ?? Math.floor(block.knownUs / 1000);
  const push: RefusedPush = { batch, apiKey, enterprise, site, receivedAt, format: 'json' };
  const rows = refused.map(({ index, problem }): RefusedRowRecord => {
    const meter = registry.meter(block.meters[block.meterIndex[index]!]!);
    return [block.rows[index]!, 'refused_by_store', { problem }, rowText(block, index, meter)];
  });
  return Array.from(refusedPortions(push, rows), ({ first, text }) => ({
    key: site,
    value: encoder.encode(text),
    headers: {
      ce_specversion: '1.0',
      ce_id: `${apiKey}/${batch}/refused/${first}`,
      ce_source: 'songma/writer',
      ce_type: 'vn.songma.quarantine.v1',
      ce_time: new Date(receivedAt).toISOString(),
      ce_subject: site,
    },
  }));
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
  return printedTime(meter.time, intervalOf(meter), meter.kind, stored);
}
