import { outcome, outcomeReadingsHeader, toRuns, type BlockOutcome } from '@songma/domain';
import type { NewRecord } from '@songma/event-log';
import type { WriteResult } from '@songma/series-store';
import type { PushedBlock } from './pushed-blocks.ts';

/** Outcomes of many small pushes share a record up to this size, bytes. One push may be larger. */
const recordBytesAimed = 256 * 1024;

const encoder = new TextEncoder();

/** What became of a block's rows, for topic `outcomes`. */
export function blockOutcome(
  { block, receipt }: PushedBlock,
  { outcomes, refused }: WriteResult,
): BlockOutcome {
  const { batch, apiKey, site, knownUs, part, parts, rows } = block;
  let stored = 0;
  const duplicate: number[] = [];
  const superseding: number[] = [];
  for (let i = 0; i < outcomes.length; i++) {
    const code = outcomes[i];
    if (code === outcome.stored) stored++;
    else if (code === outcome.duplicate) duplicate.push(rows[i]!);
    else if (code === outcome.superseding) superseding.push(rows[i]!);
  }
  return {
    batch,
    apiKey,
    site,
    knownUs,
    part,
    parts,
    stored,
    duplicate: toRuns(duplicate),
    superseding: toRuns(superseding),
    refused: refused.map(({ index, problem }) => [rows[index]!, problem]),
    ...(receipt === undefined ? {} : { receipt }),
  };
}

/** What {@link outcomeRecords} tells of: an outcome, and of how many readings of which enterprise. */
export interface ToldOutcome {
  readonly outcome: BlockOutcome;
  readonly enterprise: string;
  readonly readings: number;
}

/** The outcomes as records, keyed by the site of the first in each. */
export function outcomeRecords(told: readonly ToldOutcome[], at: number): NewRecord[] {
  const records: NewRecord[] = [];
  let texts: string[] = [];
  let bytes = 0;
  let group: ToldOutcome[] = [];
  const close = (): void => {
    const first = group[0]?.outcome;
    if (first === undefined) return;
    const { apiKey, batch, part, site } = first;
    records.push({
      key: site,
      value: encoder.encode(`[${texts.join(',')}]`),
      headers: {
        ce_specversion: '1.0',
        ce_id: `${apiKey}/${batch}/${part}/outcome`,
        ce_source: 'songma/writer',
        ce_type: 'vn.songma.outcomes.v1',
        ce_time: new Date(at).toISOString(),
        ce_subject: site,
        [outcomeReadingsHeader]: JSON.stringify(readingsByEnterprise(group)),
      },
    });
    texts = [];
    bytes = 0;
    group = [];
  };
  for (const one of told) {
    const text = JSON.stringify(one.outcome);
    if (bytes + text.length > recordBytesAimed) close();
    group.push(one);
    texts.push(text);
    bytes += text.length + 1;
  }
  close();
  return records;
}

function readingsByEnterprise(told: readonly ToldOutcome[]): Record<string, number> {
  const sums = new Map<string, number>();
  for (const { enterprise, readings } of told) sums.set(enterprise, (sums.get(enterprise) ?? 0) + readings);
  return Object.fromEntries(sums);
}
