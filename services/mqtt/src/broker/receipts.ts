import type { Outcome } from '../pushes/push-lanes.ts';

/** Refused rows that are named one by one. */
const rowsMax = 20;

/** What a client is told of a message that was refused, or of which rows were. */
export function receiptText(topic: string, at: number, outcome: Outcome): string {
  const arrivedAt = new Date(at).toISOString();
  if (outcome.kind === 'taken') {
    const { batch, rows, refused } = outcome;
    const more = refused.length - rowsMax;
    return JSON.stringify({
      topic,
      arrivedAt,
      batch,
      rows,
      accepted: rows - refused.length,
      refused: refused.slice(0, rowsMax),
      ...(more > 0 ? { more } : {}),
    });
  }
  const { code } = outcome;
  return JSON.stringify({
    topic,
    arrivedAt,
    accepted: 0,
    code,
    ...(outcome.kind === 'refused' ? { reason: outcome.reason } : {}),
  });
}
