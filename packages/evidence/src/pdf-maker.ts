import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { PdfLanguage } from './pdf/report.ts';
import type { SealedEvidence } from './seal.ts';

/** Files that wait while one is made. */
const waitingMax = 8;
/** A file that takes longer is given up. */
const makingMsMax = 60_000;

/**
 * Makes PDFs one after the other, each in a thread of its own: it takes a second of computing, in which nobody else is
 * kept waiting, and the library's memory is given back afterwards.
 */
export class PdfMaker {
  #last: Promise<unknown> = Promise.resolve();
  #waiting = 0;
  readonly #closing = new AbortController();

  /** Undefined when too many wait. @throws Error when it could not be made: a bug */
  async make(sealed: SealedEvidence, language: PdfLanguage): Promise<Uint8Array | undefined> {
    if (this.#waiting > waitingMax) return undefined;
    this.#waiting++;
    const made = this.#last.then(async () => this.#run(sealed, language));
    this.#last = made.catch(() => {});
    return made.finally(() => this.#waiting--);
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await this.#last;
  }

  async #run(sealed: SealedEvidence, language: PdfLanguage): Promise<Uint8Array> {
    this.#closing.signal.throwIfAborted();
    const worker = new Worker(new URL('./pdf/pdf-thread.ts', import.meta.url), {
      workerData: { sealed, language },
      // Options of the process, such as the kind of its standard input, are not meant for this thread.
      execArgv: [],
    });
    const signal = AbortSignal.any([this.#closing.signal, AbortSignal.timeout(makingMsMax)]);
    try {
      const [bytes] = (await once(worker, 'message', { signal })) as [Uint8Array];
      return bytes;
    } finally {
      await worker.terminate();
    }
  }
}
