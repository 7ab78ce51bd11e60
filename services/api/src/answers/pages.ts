import { inTurns, pageWorkMsMax, streamWorkMsMax } from '../work-turns.ts';

/** A row and the position after it. */
export interface Placed<R, P> {
  readonly row: R;
  readonly after: P;
}

/** A page under way: how many rows it takes, and where the next begins once it is known that there is one. */
export interface Page<P> {
  readonly limit: number;
  next: P | undefined;
}

/** The rows of one page; sets `page.next` when there are more. */
export async function* pageRows<R, P>(
  batches: AsyncIterable<readonly Placed<R, P>[]>,
  page: Page<P>,
): AsyncGenerator<R[]> {
  let left = page.limit;
  let last: P | undefined;
  const workMsMax = page.limit === Number.POSITIVE_INFINITY ? streamWorkMsMax : pageWorkMsMax;
  for await (const batch of inTurns(batches, workMsMax)) {
    const taken = batch.length > left ? batch.slice(0, left) : batch;
    last = taken.at(-1)?.after ?? last;
    left -= taken.length;
    yield taken.map(({ row }) => row);
    if (taken.length < batch.length) {
      page.next = last;
      return;
    }
  }
}
