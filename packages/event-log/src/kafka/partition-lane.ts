import type { TopicName } from '@songma/domain';
import type { Message } from 'kafkajs';

/** One caller's append on its way: done when each of its parts is. */
export class PendingAppend {
  /** When the caller is told that nothing is known, in `performance.now()` milliseconds. */
  readonly deadline: number;
  readonly bytes: number;
  isSettled = false;
  #partsLeft: number;
  readonly #settle: (error?: Error) => void;

  constructor(options: {
    readonly deadline: number;
    readonly bytes: number;
    readonly parts: number;
    /** Called once. */
    readonly settle: (error?: Error) => void;
  }) {
    this.deadline = options.deadline;
    this.bytes = options.bytes;
    this.#partsLeft = options.parts;
    this.#settle = options.settle;
  }

  partDone(): void {
    if (--this.#partsLeft === 0) this.#end();
  }

  fail(error: Error): void {
    this.#end(error);
  }

  #end(error?: Error): void {
    if (this.isSettled) return;
    this.isSettled = true;
    this.#settle(error);
  }
}

/** The records of an append that go to one partition. */
export interface AppendPart {
  readonly append: PendingAppend;
  readonly messages: readonly Message[];
  readonly bytes: number;
}

/**
 * One partition's appends in order. At most one send has it at a time, through all its retries: so nothing later
 * overtakes what is tried again.
 */
export class PartitionLane {
  readonly topic: TopicName;
  readonly partition: number;
  isBusy = false;
  #parts: AppendPart[] = [];

  constructor(topic: TopicName, partition: number) {
    this.topic = topic;
    this.partition = partition;
  }

  push(part: AppendPart): void {
    this.#parts.push(part);
  }

  /** Takes parts up to `bytesMax`, at least one; forgets those whose callers have been refused. */
  take(bytesMax: number): AppendPart[] {
    const taken: AppendPart[] = [];
    let bytes = 0;
    let looked = 0;
    for (const part of this.#parts) {
      if (!part.append.isSettled) {
        if (taken.length > 0 && bytes + part.bytes > bytesMax) break;
        taken.push(part);
        bytes += part.bytes;
      }
      looked++;
    }
    this.#parts.splice(0, looked);
    return taken;
  }
}
