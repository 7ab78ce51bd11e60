import { setting, type SettingsOf } from '@songma/runtime';
import { z } from 'zod';

const positive = z.coerce.number().int().positive();

/** Settings of the writer. */
export const writerSettings = {
  batchBytesMax: setting('WRITER_BATCH_BYTES_MAX', positive.default(4 * 1024 * 1024), {
    description: 'Bytes of log records that the writer takes at once.',
  }),
  paceMs: setting('WRITER_PACE_MS', z.coerce.number().int().min(0).max(5_000).default(100), {
    description:
      'How far apart the writer takes small batches at least, in milliseconds: under many small pushes each write then carries more of them. What comes after a silence is written at once.',
  }),
  writeReadingsMax: setting('WRITER_WRITE_READINGS_MAX', positive.default(100_000), {
    description: 'Readings that go to the series store in one write; a single block may be larger.',
  }),
  wakeDelayMs: setting('WRITER_WAKE_DELAY_MS', z.coerce.number().int().min(0).default(50), {
    description:
      'How long the worker is left asleep after readings were stored, in milliseconds, so that pushes that come together are computed together.',
  }),
};

export type WriterConfig = SettingsOf<typeof writerSettings>;
