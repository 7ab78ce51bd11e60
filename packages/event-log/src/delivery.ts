import { retry, type Logger } from '@songma/runtime';
import type { LogRecord } from './port.ts';

/** Pause before a refused batch comes again: the first, and what it grows to. */
const redeliveryFirstMs = 100;
const redeliveryMaxMs = 5_000;

/**
 * Gives the records to `handle` until it resolves, pausing longer each time that it rejects with `UnavailableError`.
 * @throws what else `handle` rejects with; the signal's reason when it aborts during a pause
 */
export function deliver(options: {
  readonly records: readonly LogRecord[];
  readonly handle: (records: readonly LogRecord[], signal: AbortSignal) => Promise<void>;
  readonly signal: AbortSignal;
  readonly logger: Logger;
  /** Who reads, for the log line about a refusal. */
  readonly reader: string;
}): Promise<void> {
  const { records, handle, signal, logger, reader } = options;
  return retry(() => handle(records, signal), {
    deadlineMs: Number.POSITIVE_INFINITY,
    firstDelayMs: redeliveryFirstMs,
    delayMaxMs: redeliveryMaxMs,
    signal,
    onRetry: (error, attempt, delayMs) =>
      logger.warn(
        { reader, code: error.code, reason: error.message, attempt, delayMs, records: records.length },
        'the reader cannot take its records; they come again',
      ),
  });
}
