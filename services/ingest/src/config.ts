import { z } from 'zod';
import { setting, type SettingsOf } from '@songma/runtime';

const kib = 1024;
const mib = 1024 * kib;
const positive = z.coerce.number().int().positive();

/** Limits of the door. Each is answered with its own code and named in the README. */
export const ingestLimitSettings = {
  bodyBytesMax: setting('INGEST_BODY_BYTES_MAX', positive.default(4 * mib), {
    description: 'Largest body of a push as it is sent, in bytes.',
  }),
  unpackedBytesMax: setting('INGEST_UNPACKED_BYTES_MAX', positive.default(16 * mib), {
    description: 'Largest body of a push after unpacking gzip, in bytes.',
  }),
  gzipRatioMax: setting('INGEST_GZIP_RATIO_MAX', positive.default(100), {
    description: 'How many times larger than sent a gzip body may become; readings pack 10 to 30 times.',
  }),
  rowsMax: setting('INGEST_ROWS_MAX', positive.max(10_000).default(5_000), {
    description: 'Most rows in one push, 10000 at most: its receipt has to fit into one record of the log.',
  }),
  lineBytesMax: setting('INGEST_LINE_BYTES_MAX', positive.max(256 * kib).default(8 * kib), {
    description: 'Longest line of a format that has lines, in characters; longer ones are refused as rows.',
  }),
  pushesPerSecondMax: setting('INGEST_PUSHES_PER_SECOND_MAX', positive.default(1_000), {
    description: 'Pushes a second that one key may send; as many again are taken in a burst.',
  }),
  quarantineBytesPerDayMax: setting('INGEST_QUARANTINE_BYTES_PER_DAY_MAX', positive.default(64 * mib), {
    description:
      'Refused rows of one key and UTC day that are kept in quarantine, in characters; further ones are refused and told, not kept.',
  }),
  bodyBytesPerSecondMin: setting('INGEST_BODY_BYTES_PER_SECOND_MIN', positive.default(kib), {
    description: 'How fast a body has to come, in bytes a second, after its first ten seconds.',
  }),
  inFlightBytesMax: setting('INGEST_IN_FLIGHT_BYTES_MAX', positive.default(64 * mib), {
    description:
      'Bytes of pushes that are read, unpacked or waiting for the log at once, over all keys; one key may have a quarter.',
  }),
  inFlightPushesMax: setting('INGEST_IN_FLIGHT_PUSHES_MAX', positive.default(2_000), {
    description:
      'Pushes that are read, unpacked or waiting for the log at once, over all keys; one key may have a quarter.',
  }),
};

/** Settings of the plants' door. */
export const ingestSettings = {
  dataDir: setting('SONGMA_DATA', z.string().min(1).default('./data'), {
    description:
      'Directory of everything that is kept by the embedded stores. One process has it open at a time.',
  }),
  limits: ingestLimitSettings,
  futureToleranceMinutes: setting('INGEST_FUTURE_TOLERANCE_MINUTES', z.coerce.number().min(0).default(10), {
    description: 'How far the clock of a logger may run ahead before its readings are refused, in minutes.',
  }),
  oldestTime: setting(
    'INGEST_OLDEST_TIME',
    z.iso.datetime({ offset: true }).default('2000-01-01T00:00:00Z'),
    {
      description: 'Earliest time of a reading that is taken (ISO 8601).',
    },
  ),
  receiptDays: setting('INGEST_RECEIPT_DAYS', positive.default(14), {
    description: 'How long a batch id and what became of its rows are remembered, in days.',
  }),
  quarantineDays: setting('INGEST_QUARANTINE_DAYS', positive.default(90), {
    description: 'How long refused rows can be listed and replayed, in days.',
  }),
};

export type IngestConfig = SettingsOf<typeof ingestSettings>;
export type IngestLimits = IngestConfig['limits'];
