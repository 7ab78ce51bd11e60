/** How long a key whose handler rejected rests: the first pause, and the longest that it grows to. */
export interface RetryPause {
  readonly firstMs: number;
  readonly maxMs: number;
}

export const retryPauseDefault: RetryPause = { firstMs: 500, maxMs: 30_000 };

/**
 * The pause after so many rejections in a row (from 1), in milliseconds: doubling, drawn from the upper half of its
 * bound, so that it never shrinks while keys that failed together do not come back together.
 */
export function retryPauseMs(
  rejections: number,
  { firstMs, maxMs }: RetryPause,
  random = Math.random(),
): number {
  const boundMs = Math.min(maxMs, firstMs * 2 ** (rejections - 1));
  return Math.round(boundMs * (0.5 + random / 2));
}
