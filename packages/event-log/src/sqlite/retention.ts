import { pause, type Logger } from '@songma/runtime';
import { FileProblemError } from './file-problem.ts';

/**
 * Removes old records now and again. On a full disk there may be no room even for that: it is told once and tried again
 * until there is, because nobody else makes room in the log. What else goes wrong ends it, and the log with it.
 * @param removeOld removes what is older than its topic's retention
 */
export async function keepRemoving(options: {
  readonly removeOld: () => Promise<void>;
  readonly everyMs: number;
  readonly signal: AbortSignal;
  readonly logger: Logger;
}): Promise<void> {
  const { removeOld, everyMs, signal, logger } = options;
  let isFull = false;
  try {
    for (;;) {
      try {
        await removeOld();
        if (isFull) logger.info('old records are removed again');
        isFull = false;
      } catch (error) {
        if (!(error instanceof FileProblemError) || error.kind !== 'full') throw error;
        if (!isFull)
          logger.warn({ err: error }, 'the disk is full: old records are removed when there is room');
        isFull = true;
      }
      await pause(everyMs, signal);
    }
  } catch (error) {
    // A disk that fails ends the log by way of the thread; here the tidying ends.
    if (!signal.aborted) logger.warn({ err: error }, 'old records are no longer removed');
  }
}
