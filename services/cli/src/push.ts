import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { BatchFate, PushRow, SongmaClient } from '@songma/client';
import { meterSchema } from '@songma/domain';
import { parse } from 'csv-parse/sync';
import { parse as parseYaml } from 'yaml';
import { createRowReader, mappingSchema, type MeterTime } from './mapping.ts';
import { openProgressFile } from './progress-file.ts';
import { UsageError } from './usage-error.ts';

const batchRowsMax = 5_000;
const batchesInFlightMax = 4;
const fateWaitMs = 250;
const fateDeadlineMs = 120_000;

const fateNames = ['stored', 'duplicate', 'superseding', 'quarantined', 'pending'] as const;
/** How many rows of one meter met which fate. */
export type MeterTotals = Record<(typeof fateNames)[number], number>;

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
  const mappingText = await read(options.mapping);
  const mapping = readMapping(options.mapping, mappingText.toString('utf8'));
  const content = await read(options.file);
  const records = parse<Record<string, string>>(content, {
    bom: true,
    columns: true,
    delimiter: mapping.delimiter,
    skip_empty_lines: true,
    trim: true,
  });
  const header = Object.keys(records[0] ?? {});
  const absent = [mapping.time.column, ...Object.keys(mapping.columns)].filter(
    (column) => !header.includes(column),
  );
  if (records.length === 0) throw new UsageError(`${options.file} holds no rows under its header`);
  if (absent.length > 0) {
    throw new UsageError(`${options.file} has no column ${absent.join(', ')}; it has: ${header.join(', ')}`);
  }

  const toRows = createRowReader(mapping, await meterTimes(client, mapping));
  const rows = records.flatMap((record, index) => toRows(record, index + 2));
  const batches: PushRow[][] = [];
  for (let first = 0; first < rows.length; first += batchRowsMax)
    batches.push(rows.slice(first, first + batchRowsMax));

  const state = await openProgressFile(
    options.url,
    content,
    mappingText.toString('utf8'),
    options.stateDirectory,
  );
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
    addFate(totals, batch, await settledFate(client, batchId(index)));
  await state.remove();
  return { rows: rows.length, resumedRows, totals, refused };
}

function readMapping(path: string, text: string) {
  let raw: unknown;
  try {
    raw = parseYaml(text);
  } catch (error) {
    throw new UsageError(`${path} is not YAML: ${(error as Error).message}`);
  }
  const parsed = mappingSchema.safeParse(raw);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map((issue) => `  ${issue.path.join('.')}: ${issue.message}`);
  throw new UsageError(`${path} is not a mapping:\n${problems.join('\n')}`);
}

async function read(path: string): Promise<Buffer> {
  return readFile(path).catch((error: unknown) => {
    throw new UsageError(`${path} cannot be read: ${(error as Error).message}`);
  });
}

async function meterTimes(
  client: SongmaClient,
  mapping: ReturnType<typeof readMapping>,
): Promise<Map<string, MeterTime>> {
  const times = new Map<string, MeterTime>();
  for (const { meter: id } of Object.values(mapping.columns)) {
    const answer = await client.get(`/v1/meters/${id}`);
    const meter = meterSchema.parse(answer.body);
    times.set(id, { stamp: meter.time.stamp, kind: meter.kind, intervalMs: meter.intervalMs });
  }
  return times;
}

/** The batch's fate once nothing of it is pending any more, or as it stands at the deadline. */
async function settledFate(client: SongmaClient, batch: string): Promise<BatchFate> {
  for (let waited = 0; ; waited += fateWaitMs) {
    const fate = await client.fate(batch);
    if (fate.fates.pending.length === 0 || waited >= fateDeadlineMs) return fate;
    await wait(fateWaitMs);
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

function slug(path: string): string {
  return basename(path)
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, 40);
}
