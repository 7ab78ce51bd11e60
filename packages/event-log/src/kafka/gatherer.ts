import { setImmediate } from 'node:timers/promises';
import { batchRecordsMax } from '../limits.ts';
import type { LogRecord } from '../port.ts';

export interface GathererOptions {
  readonly bytesMax: number;
  readonly handle: (records: readonly LogRecord[], signal: AbortSignal) => Promise<void>;
}

/** What one partition brought, and who waits for it to be handled. */
interface Load {
  readonly records: readonly LogRecord[];
  readonly bytes: number;
  readonly signal: AbortSignal;
  readonly handled: PromiseWithResolvers<void>;
}

/**
 * Joins what the partitions bring in one fetch into one call of the handler: kafkajs hands each partition's part over
 * by itself, and under many small pushes the calls would cost more than what is in them. One call at a time.
 */
export class Gatherer {
  readonly #options: GathererOptions;
  #waiting: Load[] = [];
  #isRunning = false;

  constructor(options: GathererOptions) {
    this.#options = options;
  }

  /**
   * Resolves when the records are handled.
   * @throws what the handler rejects with; the signal's reason when it aborts
   */
  async add(records: readonly LogRecord[], signal: AbortSignal): Promise<void> {
    const bytes = records.reduce((sum, { value }) => sum + value.byteLength, 0);
    const load = { records, bytes, signal, handled: Promise.withResolvers<void>() };
    this.#waiting.push(load);
    if (!this.#isRunning) void this.#run();
    await load.handled.promise;
  }

  async #run(): Promise<void> {
    this.#isRunning = true;
    while (this.#waiting.length > 0) {
      // The other parts of a fetch are handed over in this turn of the event loop.
      await setImmediate();
      await this.#handle(this.#take());
    }
    this.#isRunning = false;
  }

  /** Loads that fit into one call, at least one, in the order in which they came. */
  #take(): Load[] {
    let [bytes, records] = [0, 0];
    const end = this.#waiting.findIndex((load, i) => {
      bytes += load.bytes;
      records += load.records.length;
      return i > 0 && (bytes > this.#options.bytesMax || records > batchRecordsMax);
    });
    return this.#waiting.splice(0, end < 0 ? this.#waiting.length : end);
  }

  async #handle(loads: readonly Load[]): Promise<void> {
    const signal = AbortSignal.any(loads.map((load) => load.signal));
    try {
      await this.#options.handle(
        loads.flatMap(({ records }) => records),
        signal,
      );
      for (const { handled } of loads) handled.resolve();
    } catch (error) {
      for (const load of loads) {
        if (load.signal.aborted) load.handled.reject(load.signal.reason);
        // Broken off for another's sake.
        else if (signal.aborted) this.#waiting.push(load);
        else load.handled.reject(error);
      }
    }
  }
}
