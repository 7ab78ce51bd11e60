import type { Logger } from '@songma/runtime';
import { deliver } from '../delivery.ts';
import { Pace } from '../pace.ts';
import type { LogRecord, Reading } from '../port.ts';
import type { FeedReader } from './topic-feed.ts';

export interface ReaderOptions {
  /** For log lines. */
  readonly name: string;
  readonly logger: Logger;
  readonly bytesMax: number;
  readonly paceMs: number | undefined;
  /** Resolves to the reader when its turn has come. */
  readonly start: (signal: AbortSignal) => Promise<FeedReader>;
  readonly handle: (records: readonly LogRecord[], signal: AbortSignal) => Promise<void>;
  /** Takes the offset after a handled batch. */
  readonly onHandled: (next: number) => void;
}

const readerClosed = new Error('the reader is closed');

/** Delivers one reader's records, a batch at a time; see `Reading` for how it ends. */
export class SqliteReader implements Reading {
  readonly closed: Promise<void>;
  readonly #stop = new AbortController();

  constructor(options: ReaderOptions) {
    this.closed = this.#read(options);
  }

  async close(): Promise<void> {
    this.#stop.abort(readerClosed);
    // An error is for whoever holds `closed`; closing has happened all the same.
    await this.closed.catch(() => {});
  }

  /** Ends delivery because the log has failed. */
  fail(error: Error): void {
    this.#stop.abort(error);
  }

  async #read(options: ReaderOptions): Promise<void> {
    const { signal } = this.#stop;
    const { name: reader, logger, bytesMax, handle } = options;
    const pace = new Pace(options.paceMs);
    let feed: FeedReader | undefined;
    try {
      feed = await options.start(signal);
      for (;;) {
        const records = await feed.next(bytesMax, signal);
        const gap = records[0]!.offset - feed.position;
        if (gap > 0 && feed.position > 0) {
          logger.warn({ reader, records: gap }, 'the retention removed records before this reader had them');
        }
        pace.begin(records);
        await deliver({ records, handle, signal, logger, reader });
        const next = records.at(-1)!.offset + 1;
        feed.advance(next);
        options.onHandled(next);
        await pace.untilNext(signal);
      }
    } catch (error) {
      if (error !== readerClosed) throw error;
    } finally {
      feed?.close();
    }
  }
}
