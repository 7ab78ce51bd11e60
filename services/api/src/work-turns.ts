import { setImmediate } from 'node:timers/promises';
import { problem } from './problems.ts';

/** Work after which pushes, other questions and signals have their turn. */
const turnMsMax = 10;
/** What an answer that is gathered before it is sent may take, and one that is streamed; waiting for its reader apart. */
export const pageWorkMsMax = 45_000;
export const streamWorkMsMax = 15 * 60_000;

/**
 * The same items, made in turns with everybody else: after some milliseconds of work the event loop goes round once,
 * however the items are made.
 * @throws HttpProblem `question_too_long` when making them has taken longer than `workMsMax`
 */
export async function* inTurns<T>(items: AsyncIterable<T>, workMsMax: number): AsyncGenerator<T> {
  const iterator = items[Symbol.asyncIterator]();
  let worked = 0;
  let turnBegan = performance.now();
  try {
    for (;;) {
      const began = performance.now();
      const item = await iterator.next();
      const ended = performance.now();
      if (item.done === true) return;
      worked += ended - began;
      if (worked > workMsMax) throw problem('question_too_long', { seconds: Math.round(workMsMax / 1000) });
      if (ended - turnBegan >= turnMsMax) {
        await setImmediate();
        turnBegan = performance.now();
      }
      yield item.value;
    }
  } finally {
    // Whoever leaves early lets go of the store's cursor.
    await iterator.return?.();
  }
}
