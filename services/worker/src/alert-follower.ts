import { alertStepSchema } from '@songma/domain';
import type { EventLog, Following } from '@songma/event-log';
import { AlertBook } from '@songma/limits';

/** All alerts, folded from the log, up to date when this resolves and from then on. */
export async function followAlerts(
  eventLog: EventLog,
): Promise<{ readonly book: AlertBook; readonly following: Following }> {
  const book = new AlertBook();
  const decoder = new TextDecoder();
  const following = await eventLog.follow({ topic: 'alerts' }, async (records) => {
    for (const { value } of records) book.apply(alertStepSchema.parse(JSON.parse(decoder.decode(value))));
  });
  await Promise.race([following.caughtUp, following.closed]);
  return { book, following };
}
