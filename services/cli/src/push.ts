import { basename } from 'node:path';
import { RefusedError, type BatchFate, type PushRow, type SongmaClient } from '@songma/client';
import { calendarIntervalSchema, meterSchema, type NumberConvention } from '@songma/domain';
import { pause } from '@songma/runtime';
import { readMapping, type Mapping } from './mapping.ts';
import { openProgressFile } from './progress-file.ts';
import { readRows, type FileMeter, type UnreadPart } from './rows.ts';
import { readContent, readTable } from './table.ts';
import { UsageError } from './usage-error.ts';

const batchRowsMax = 5_000;
const batchesInFlightMax = 4;
const fateWaitMs = 250;
const fateDeadlineMs = 120_000;

const fateNames = ['stored', 'duplicate', 'superseding', 'quarantined', 'pending'] as const;
/** How many rows of one meter met which fate. */
export type MeterTotals = Record<(typeof fateNames)[number], number>;

const answeredMeterSchema = meterSchema.pick({ time: true, kind: true, intervalMs: true }).extend({
  // What is not by the calendar is told by intervalMs.
  interval: calendarIntervalSchema.optional().catch(undefined),
});

export interface PushProgress {
  start(rowsTotal: number, rowsDone: number): void;
  advance(rows: number): void;
  stop(): void;
}

export interface PushReport {
  readonly rows: number;
  /** Rows that an earlier, broken-off run had already brought over. */
  readonly resumedRows: number;
  readonly totals: ReadonlyMap<string, MeterTotals>;
  /** What of the file was not sent, since it cannot be read. */
  readonly unread: readonly UnreadPart[];
  /** How numbers that are text were read; undefined when none of them tells. */
  readonly numbers: NumberConvention | undefined;
  readonly refused: readonly {
    readonly batch: string;
    readonly row: number;
    readonly code: string;
    readonly reason: string;
  }[];
}

/**
 * Sends a file through the HTTP door in batches and waits until each row's fate is known.
 * Broken off, it goes on where it stopped when called again with the same file and mapping.
 * @throws UsageError when file or mapping cannot be used, with the place
 */
export async function pushFile(options: {
  readonly client: SongmaClient;
  readonly url: string;
  readonly file: string;
  readonly mapping: string;
  readonly progress: PushProgress;
  readonly stateDirectory?: string;
  readonly signal?: AbortSignal;
}): Promise<PushReport> {
  const { client, progress } = options;
  const { mapping, text: mappingText } = await readMapping(options.mapping);
  const content = await readContent(options.file);
  const table = await readTable(options.file, content, mapping);
  const meters = await metersOf(client, mapping);
  const { rows, unread, numbers } = readRows(options.file, table, mapping, meters);
  const batches: PushRow[][] = [];
  for (let first = 0; first < rows.length; first += batchRowsMax)
    batches.push(rows.slice(first, first + batchRowsMax));

  const state = await openProgressFile(options.url, content, mappingText, options.stateDirectory);
  const batchId = (index: number) => `${slug(options.file)}-${state.run}-${index}`;
  const resumedRows = batches.slice(0, state.batchesDone).reduce((sum, batch) => sum + batch.length, 0);
  progress.start(rows.length, resumedRows);
  const refused: PushReport['refused'][number][] = [];
  try {
    for (let first = state.batchesDone; first < batches.length; first += batchesInFlightMax) {
      const group = batches.slice(first, first + batchesInFlightMax);
      await Promise.all(
        group.map(async (batch, offset) => {
          const receipt = await client.push(batchId(first + offset), batch, options.signal);
          for (const { row, code, reason } of receipt.refused) {
            refused.push({ batch: receipt.batch, row, code, reason });
          }
          progress.advance(batch.length);
        }),
      );
      await state.save(first + group.length);
    }
  } finally {
    progress.stop();
  }

  const totals = new Map<string, MeterTotals>();
  for (const [index, batch] of batches.entries())
    addFate(totals, batch, await settledFate(client, batchId(index), options.signal));
  await state.remove();
  return { rows: rows.length, resumedRows, totals, refused, unread, numbers };
}

async function metersOf(client: SongmaClient, mapping: Mapping): Promise<Map<string, FileMeter>> {
  const meters = new Map<string, FileMeter>();
  for (const [column, { meter: id }] of mapping.columns) {
    try {
      const { body } = await client.get(`/v1/meters/${encodeURIComponent(id)}`);
      const meter = answeredMeterSchema.safeParse(body);
      if (!meter.success)
        throw new UsageError({
          en: 'the server does not answer as Songma does: is the address right?',
          vi: 'máy chủ không trả lời như Songma: địa chỉ có đúng không?',
        });
      meters.set(id, meter.data);
    } catch (error) {
      if (!(error instanceof RefusedError) || error.status !== 404) throw error;
      throw new UsageError({
        en: `meter "${id}" of column "${column}" is not registered: register it (songma apply), or mend the mapping`,
        vi: `công tơ "${id}" của cột "${column}" chưa đăng ký: hãy đăng ký (songma apply) hoặc sửa tệp ánh xạ`,
      });
    }
  }
  return meters;
}

/** The batch's fate once nothing of it is pending any more, or as it stands at the deadline. */
async function settledFate(
  client: SongmaClient,
  batch: string,
  signal: AbortSignal | undefined,
): Promise<BatchFate> {
  for (let waited = 0; ; waited += fateWaitMs) {
    const fate = await client.fate(batch);
    if (fate.fates.pending.length === 0 || waited >= fateDeadlineMs) return fate;
    await pause(fateWaitMs, signal);
  }
}

function addFate(totals: Map<string, MeterTotals>, batch: readonly PushRow[], { fates }: BatchFate): void {
  for (const name of fateNames) {
    for (const [first, count] of fates[name]) {
      for (let row = first; row < first + count; row++) {
        const meter = batch[row]!.meter;
        let of = totals.get(meter);
        if (of === undefined) {
          of = { stored: 0, duplicate: 0, superseding: 0, quarantined: 0, pending: 0 };
          totals.set(meter, of);
        }
        of[name]++;
      }
    }
  }
}

/** Part of a batch id, so that a person recognises it. */
function slug(path: string): string {
  const words = basename(path)
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, 40);
  return words === '-' ? 'file' : words;
}
