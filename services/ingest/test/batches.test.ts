import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { createLogger } from '@songma/runtime';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createBatches, type Batches } from '../src/projection/batches.ts';
import { openDatabase } from '../src/projection/schema.ts';

const logger = createLogger({ service: 'batches-test', level: 'silent' });
const count = 5_000;
let directory: string;
let database: DatabaseSync;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'songma-batches-'));
  database = openDatabase(directory, logger, () => 0);
});

afterEach(async () => {
  if (database.isOpen) database.close();
  await rm(directory, { recursive: true });
});

const receiptOf = (batch: string) => ({
  batch,
  apiKey: 'key',
  contentHash: '00',
  receivedAt: 1,
  rows: 1,
  accepted: 1,
  refused: [],
});

function fold(batches: Batches, batch: string): void {
  batches.fold({
    batch,
    apiKey: 'key',
    site: 'site',
    knownUs: 1,
    part: 0,
    parts: 1,
    stored: 1,
    duplicate: [],
    superseding: [],
    refused: [],
    receipt: receiptOf(batch),
  });
}

test('a batch of before is known while the earlier ones are learnt, and afterwards; by another key it is another', () => {
  const former = createBatches(database);
  database.exec('BEGIN');
  for (let i = 0; i < count; i++) fold(former, `batch-${i}`);
  database.exec('COMMIT');

  const batches = createBatches(database);
  for (let isLast = false; !isLast; isLast = !batches.gather()) {
    for (let i = 0; i < count; i += 7) {
      expect(batches.find('key', `batch-${i}`)?.receipt).toEqual(receiptOf(`batch-${i}`));
    }
    expect(batches.find('other', 'batch-0')).toBeUndefined();
  }
  for (let i = 0; i < count; i++) expect(batches.find('key', `batch-${i}`)).toBeDefined();
  expect(batches.find('other', 'batch-0')).toBeUndefined();
});

test('a batch is known as soon as it is folded or spilled', () => {
  const batches = createBatches(database);
  expect(batches.gather()).toBe(false);
  fold(batches, 'folded');
  batches.spill(receiptOf('spilled'));
  for (const batch of ['folded', 'spilled']) {
    expect(batches.find('key', batch)?.receipt).toEqual(receiptOf(batch));
  }
});

test('a new batch is not looked for in the file, once the earlier ones are learnt', () => {
  const batches = createBatches(database);
  fold(batches, 'known');
  expect(batches.gather()).toBe(false);
  database.close();
  expect(batches.find('key', 'new')).toBeUndefined();
  expect(() => batches.find('key', 'known')).toThrow('finalized');
});
