import { type Logger, UnavailableError } from '@songma/runtime';

/** A rejected handler is called again, so nobody else hears of the error: an outage is a warning, a bug an error. */
export function logRejection(
  logger: Logger,
  context: {
    readonly queue: string;
    readonly key: string;
    readonly rejections: number;
    readonly pauseMs: number;
  },
  error: unknown,
): void {
  const level = error instanceof UnavailableError ? 'warn' : 'error';
  logger[level]({ ...context, err: error }, 'the handler of a wake-up rejected; it is called again');
}
