import { randomUUID } from 'node:crypto';
import { HttpProblem, pause, UnavailableError, type Bilingual, type Logger } from '@songma/runtime';
import type { MqttMetrics } from '../mqtt-metrics.ts';
import { createGate, type Gate } from './gate.ts';
import { bytesOf, linesType, type Pushable } from './message.ts';
import type { DoorPush, DoorReceipt, PushDoor, RefusedRow } from './push-door.ts';

/** What became of a message. */
export type Outcome =
  /** The log has it; rows are numbered within the message. */
  | {
      readonly kind: 'taken';
      readonly batch: string;
      readonly rows: number;
      readonly refused: readonly RefusedRow[];
    }
  /** Nothing of it can be kept, and it would be refused again. */
  | { readonly kind: 'refused'; readonly code: string; readonly reason: Bilingual }
  /** Not taken, or not known to be: it has to be sent again. `key`: by a key that is in force. */
  | { readonly kind: 'untaken'; readonly why: 'key' | 'late' | 'closing'; readonly code: string };

/** Whose messages go together, in their order. */
export interface Lane {
  readonly token: string;
  readonly enterprise?: string | undefined;
}

interface Queued {
  readonly pushable: Pushable;
  readonly bytes: number;
  /** As `performance.now()`. */
  readonly since: number;
  settle(outcome: Outcome): void;
}

interface OpenLane extends Lane {
  queue: Queued[];
}

/** Rows and bytes of one push. */
const rowsMax = 1_000;
const bytesMax = 256 * 1024;
/** Pushes under way at once: lanes take turns, and what comes meanwhile goes together. */
const pushesMax = 16;
const firstDelayMs = 200;
const delayMsMax = 10_000;
/** What a message takes beside its text. */
const messageOverhead = 256;

export interface LanesLimits {
  readonly waitingBytesMax: number;
  readonly waitMsMax: number;
}

/**
 * Puts messages into the log: those of one lane in their order, as many as wait in one push, one push at a time. What
 * comes alone is pushed at once, and under load pushes become large. A message is settled when the log has it.
 */
export class PushLanes {
  readonly #door: PushDoor;
  readonly #logger: Logger;
  readonly #metrics: MqttMetrics;
  readonly #limits: LanesLimits;
  readonly #lanes = new Map<string, OpenLane>();
  readonly #closing = new AbortController();
  readonly #running = new Set<Promise<void>>();
  readonly #pushes: Gate = createGate(pushesMax);
  readonly #failed = Promise.withResolvers<void>();
  #waitingBytes = 0;

  constructor(
    deps: { readonly door: PushDoor; readonly logger: Logger; readonly metrics: MqttMetrics },
    limits: LanesLimits,
  ) {
    this.#door = deps.door;
    this.#logger = deps.logger;
    this.#metrics = deps.metrics;
    this.#limits = limits;
    this.#failed.promise.catch(() => undefined);
  }

  /** Rejects when something fails that nobody expects: end the process then. */
  get failed(): Promise<void> {
    return this.#failed.promise;
  }

  get waitingBytes(): number {
    return this.#waitingBytes;
  }

  /** @returns whether there is room for it; it is settled then, once */
  add(lane: Lane, pushable: Pushable, settle: (outcome: Outcome) => void): boolean {
    const bytes = bytesOf(pushable) + messageOverhead;
    if (this.#closing.signal.aborted) return false;
    if (this.#waitingBytes > 0 && this.#waitingBytes + bytes > this.#limits.waitingBytesMax) return false;
    this.#waitingBytes += bytes;
    const queued: Queued = { pushable, bytes, since: performance.now(), settle };
    const id = `${lane.token}\0${lane.enterprise ?? ''}`;
    const open = this.#lanes.get(id);
    if (open !== undefined) {
      open.queue.push(queued);
      return true;
    }
    const opened: OpenLane = { ...lane, queue: [queued] };
    this.#lanes.set(id, opened);
    const running = this.#run(opened, () => this.#lanes.delete(id))
      .catch((error: unknown) => this.#failed.reject(error))
      .finally(() => this.#running.delete(running));
    this.#running.add(running);
    return true;
  }

  /** Ends what waits for another try; what is being pushed is waited for. */
  async close(): Promise<void> {
    this.#closing.abort(new Error('the MQTT door closes'));
    while (this.#running.size > 0) await Promise.all(this.#running);
  }

  /** @param close called in the same turn in which the queue was found empty: nothing is added in between */
  async #run(lane: OpenLane, close: () => void): Promise<void> {
    // What the event loop brings meanwhile goes along.
    await new Promise((resolve) => setImmediate(resolve));
    while (lane.queue.length > 0) {
      const leave = await this.#pushes.enter();
      const taken = takePush(lane.queue);
      lane.queue = lane.queue.slice(taken.length);
      try {
        await this.#push(lane, taken, leave);
      } finally {
        leave();
      }
    }
    close();
  }

  /** Pushes until the messages are settled. While it waits for another try, others may push. */
  async #push(lane: Lane, taken: readonly Queued[], leave: () => void): Promise<void> {
    const push = pushOf(lane, taken);
    for (let delayMs = firstDelayMs; ; delayMs = Math.min(delayMs * 2, delayMsMax)) {
      let wanted: number;
      let code: string;
      try {
        this.#settleTaken(taken, await this.#door.push(push));
        return;
      } catch (error) {
        if (
          error instanceof HttpProblem &&
          error.status < 500 &&
          error.status !== 429 &&
          error.status !== 408
        ) {
          return this.#refused(lane, taken, error, leave);
        }
        const isOutage = error instanceof UnavailableError;
        if (!isOutage && !(error instanceof HttpProblem)) throw error;
        if (
          error instanceof HttpProblem &&
          error.status !== 429 &&
          error.status !== 408 &&
          error.status !== 503
        )
          throw error;
        wanted = Math.min(error.retryAfterMs ?? 0, delayMsMax);
        code = error.code;
      }
      this.#metrics.waited(code);
      const waitMs = Math.max(delayMs, wanted) * (0.75 + Math.random() / 2);
      const isLate = performance.now() + waitMs - taken[0]!.since > this.#limits.waitMsMax;
      leave();
      const isOver = isLate || (await this.#isClosingWithin(waitMs));
      if (isOver) {
        const why = this.#closing.signal.aborted ? 'closing' : 'late';
        this.#logger.warn({ code, messages: taken.length, why }, 'messages could not be put into the log');
        for (const queued of taken) this.#settle(queued, { kind: 'untaken', why, code });
        return;
      }
    }
  }

  async #isClosingWithin(ms: number): Promise<boolean> {
    try {
      await pause(ms, this.#closing.signal);
      return false;
    } catch {
      return true;
    }
  }

  /** One message that is refused as a whole takes no other with it. */
  async #refused(
    lane: Lane,
    taken: readonly Queued[],
    { status, code, detail }: HttpProblem,
    leave: () => void,
  ): Promise<void> {
    if (status === 401 || status === 403) {
      for (const queued of taken) this.#settle(queued, { kind: 'untaken', why: 'key', code });
      return;
    }
    if (taken.length > 1) {
      const half = taken.length >> 1;
      await this.#push(lane, taken.slice(0, half), leave);
      await this.#push(lane, taken.slice(half), leave);
      return;
    }
    const [queued] = taken;
    const { pushable } = queued!;
    if ('unreadable' in pushable) {
      // Quarantine keeps its beginning, and says what is wrong.
      const asLine: Queued = { ...queued!, pushable: { lines: [pushable.unreadable(code)], marks: [] } };
      await this.#push(lane, [asLine], leave);
      return;
    }
    this.#logger.warn({ code }, 'a message was refused, and nothing of it is kept');
    this.#settle(queued!, { kind: 'refused', code, reason: detail });
  }

  #settleTaken(taken: readonly Queued[], receipt: DoorReceipt): void {
    const { batch, refused } = receipt;
    this.#metrics.pushed(receipt);
    let first = 0;
    let at = 0;
    for (const queued of taken) {
      const rows = 'body' in queued.pushable ? receipt.rows : queued.pushable.lines.length;
      const own: RefusedRow[] = [];
      for (; at < refused.length && refused[at]!.row < first + rows; at++) {
        own.push({ ...refused[at]!, row: refused[at]!.row - first });
      }
      first += rows;
      this.#settle(queued, { kind: 'taken', batch, rows, refused: own });
    }
  }

  #settle(queued: Queued, outcome: Outcome): void {
    this.#waitingBytes -= queued.bytes;
    queued.settle(outcome);
  }
}

/** The first messages that fit into one push. */
function takePush(queue: readonly Queued[]): readonly Queued[] {
  const [first] = queue;
  if ('body' in first!.pushable) return [first!];
  const marks = new Set<string>();
  let rows = 0;
  let bytes = 0;
  let count = 0;
  for (const { pushable, bytes: more } of queue) {
    if ('body' in pushable) break;
    if (count > 0 && (rows + pushable.lines.length > rowsMax || bytes + more > bytesMax)) break;
    if (count > 0 && pushable.marks.some((mark) => marks.has(mark))) break;
    for (const mark of pushable.marks) marks.add(mark);
    rows += pushable.lines.length;
    bytes += more;
    count++;
  }
  return queue.slice(0, count);
}

function pushOf({ token, enterprise }: Lane, taken: readonly Queued[]): DoorPush {
  const [first] = taken;
  const { contentType, body } =
    'body' in first!.pushable
      ? first!.pushable
      : { contentType: linesType, body: Buffer.from(taken.flatMap(linesIn).join('\n')) };
  return {
    token,
    batch: randomUUID(),
    contentType,
    body,
    ...(enterprise === undefined ? {} : { enterprise }),
  };
}

function linesIn({ pushable }: Queued): readonly string[] {
  return 'lines' in pushable ? pushable.lines : [];
}
