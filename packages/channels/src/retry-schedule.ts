import type { Delivery } from './port.ts';
import type { NoticeAddress } from './notice.ts';

const [second, minute, hour] = [1000, 60_000, 3_600_000] as const;

/** Pauses before the second attempt, the third and so on; after the last of them the last again. */
export const retryPausesMs = {
  /** A greylisting server takes the second or third; a mail server of a plant may be down overnight. */
  mail: [30 * second, 2 * minute, 5 * minute, 15 * minute, 30 * minute, hour, 2 * hour, hour],
  /** @see https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md */
  webhook: [5 * second, 5 * minute, 30 * minute, hour, 2 * hour, hour],
} as const satisfies Record<NoticeAddress['kind'], readonly number[]>;

/** No attempt begins later than this after the first: the notice is then dead, which counts as nobody told. */
export const attemptsEndAfterMs = 24 * hour;
/** A pause that the other side asks for is kept up to this. */
export const afterMsMax = 6 * hour;
/** Pauses are drawn from this share above their length, so that those of an outage do not all come at once. */
const jitterShare = 0.2;

export interface Attempts {
  readonly kind: NoticeAddress['kind'];
  /** How many have been made, from 1. */
  readonly made: number;
  /** When the first and the last of them were made, epoch milliseconds. */
  readonly firstAt: number;
  readonly lastAt: number;
  readonly outcome: Exclude<Delivery, { kind: 'sent' }>;
}

/**
 * When a notice is tried again, epoch milliseconds; undefined when it is dead.
 *
 * @param random 0 to 1, the same for the same notice and attempt, so that a desk that starts anew decides alike
 */
export function nextAttempt(
  { kind, made, firstAt, lastAt, outcome }: Attempts,
  random: number,
): number | undefined {
  if (outcome.kind === 'never') return undefined;
  const pauses = retryPausesMs[kind];
  const pauseMs = pauses[Math.min(made, pauses.length) - 1]! * (1 + random * jitterShare);
  const at = Math.round(lastAt + Math.max(pauseMs, Math.min(outcome.afterMs ?? 0, afterMsMax)));
  return at - firstAt > attemptsEndAfterMs ? undefined : at;
}
