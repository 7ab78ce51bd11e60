import { Worker } from 'node:worker_threads';
import { FileProblemError } from './file-problem.ts';
import type { AnswerMessage, LogState, Opened, OpenOptions, Requests } from './requests.ts';

interface Waiting {
  // The answer is of the kind that was asked for: the protocol's types say so on both sides.
  // oxlint-disable-next-line typescript/no-explicit-any
  readonly resolve: (answer: any) => void;
  readonly reject: (error: FileProblemError) => void;
}

/**
 * The main thread's side of the thread that owns the log file.
 *
 * Requests are performed in the order in which they are made. After an answer of a kind that leaves open what is
 * durable, every request is refused and `failed` rejects.
 */
export class LogWorker {
  readonly state: LogState;
  /** Never resolves; rejects with a FileProblemError when the file can no longer be trusted. */
  readonly failed: Promise<never>;
  readonly #worker: Worker;
  readonly #waiting = new Map<number, Waiting>();
  #reportFailure!: (error: FileProblemError) => void;
  #failure: FileProblemError | undefined;
  #lastId = 0;
  #closing = false;

  /** @throws FileProblemError when the file cannot be opened */
  static async open(options: OpenOptions): Promise<LogWorker> {
    const worker = new Worker(new URL('./worker.ts', import.meta.url), {
      workerData: options,
      // Options of the process, such as the kind of its standard input, are not meant for this thread.
      execArgv: [],
    });
    const opened = await new Promise<Opened>((resolve, reject) => {
      worker.once('message', resolve);
      worker.once('error', reject);
    });
    if ('problem' in opened) throw new FileProblemError(opened.problem.kind, opened.problem.message);
    return new LogWorker(worker, opened.state);
  }

  private constructor(worker: Worker, state: LogState) {
    this.#worker = worker;
    this.state = state;
    this.failed = new Promise((_resolve, reject) => {
      this.#reportFailure = reject;
    });
    // Who holds the log waits for it; whoever does not may still see a request refused.
    this.failed.catch(() => {});
    worker.removeAllListeners('error');
    worker.on('message', (message: AnswerMessage) => this.#answer(message));
    worker.on('error', (error) => this.#fail(new FileProblemError('bug', String(error), error)));
    worker.on('exit', (code) => {
      if (!this.#closing) this.#fail(new FileProblemError('bug', `the log's thread ended (${code})`));
    });
  }

  /** @throws FileProblemError */
  request<K extends keyof Requests>(
    kind: K,
    ask: Requests[K]['ask'],
    transfer: ArrayBuffer[] = [],
  ): Promise<Requests[K]['answer']> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    const id = ++this.#lastId;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      this.#worker.postMessage({ id, kind, ask }, transfer);
    });
  }

  /** Closes the file; what was requested before is done first. */
  async close(): Promise<void> {
    this.#closing = true;
    try {
      if (this.#failure === undefined) await this.request('close', {});
    } finally {
      await this.#worker.terminate();
    }
  }

  #answer(message: AnswerMessage): void {
    const waiting = this.#waiting.get(message.id);
    this.#waiting.delete(message.id);
    if ('answer' in message) {
      waiting?.resolve(message.answer);
      return;
    }
    const error = new FileProblemError(message.problem.kind, message.problem.message);
    if (error.kind !== 'full') this.#fail(error);
    waiting?.reject(error);
  }

  #fail(error: FileProblemError): void {
    if (this.#failure !== undefined) return;
    this.#failure = error;
    for (const waiting of this.#waiting.values()) waiting.reject(error);
    this.#waiting.clear();
    this.#reportFailure(error);
  }
}
