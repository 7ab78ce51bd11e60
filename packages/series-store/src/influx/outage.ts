import { AbortError, HttpError, RequestTimedOutError } from '@influxdata/influxdb-client';
import { UnavailableError } from '@songma/runtime';

/** Longest pause that is taken over from a `Retry-After`. */
const retryAfterMsMax = 300_000;

/**
 * What a failed request to InfluxDB means, apart from a refusal of its content (400, 413, 422: the caller's business):
 * an `UnavailableError` for everything that passes or that an operator mends, and the error itself for what is a bug.
 * An expired token is an outage: the batch is kept until there is a good one. `isTimedOut`: we have given it up.
 */
export function asOutage(error: unknown, what: string, isTimedOut: boolean): Error {
  if (error instanceof HttpError) return httpOutage(error, what);
  if (!(error instanceof Error)) return new Error(`${what}: ${String(error)}`);
  const code = (error as NodeJS.ErrnoException).code;
  if (isTimedOut || error instanceof RequestTimedOutError) {
    return new UnavailableError('store_timeout', `${what}: InfluxDB gave no answer in time`, {
      cause: error,
    });
  }
  if (typeof code === 'string' || error instanceof AbortError) {
    return new UnavailableError(
      'store_unreachable',
      `${what}: InfluxDB cannot be reached (${code ?? 'connection lost'})`,
      {
        cause: error,
      },
    );
  }
  return error;
}

function httpOutage(error: HttpError, what: string): Error {
  const { statusCode: status } = error;
  const said = `${what}: InfluxDB answers ${status}: ${error.message}`;
  const options = retryAfter(error);
  if (status === 401 || status === 403) return new UnavailableError('store_unauthorized', said, options);
  if (status === 404) return new UnavailableError('store_bucket_missing', said, options);
  if (status === 408) return new UnavailableError('store_timeout', said, options);
  if (status === 429) return new UnavailableError('store_throttled', said, options);
  if (status >= 500) return new UnavailableError('store_failing', said, options);
  return new Error(said, { cause: error });
}

/** @see https://www.rfc-editor.org/rfc/rfc9110#field.retry-after (seconds, or a date) */
function retryAfter(error: HttpError): { cause: unknown; retryAfterMs?: number } {
  const header = error.headers?.['retry-after'];
  if (typeof header !== 'string') return { cause: error };
  const ms = /^\d+$/.test(header) ? Number(header) * 1000 : Date.parse(header) - Date.now();
  return Number.isFinite(ms)
    ? { cause: error, retryAfterMs: Math.min(Math.max(ms, 0), retryAfterMsMax) }
    : { cause: error };
}
