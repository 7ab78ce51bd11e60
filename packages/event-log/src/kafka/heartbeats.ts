/** kafkajs's answers to a heartbeat that mean: these partitions are being given to others, or are given already. */
const expulsions = new Set([
  'REBALANCE_IN_PROGRESS',
  'NOT_COORDINATOR_FOR_GROUP',
  'ILLEGAL_GENERATION',
  'UNKNOWN_MEMBER_ID',
  'FENCED_INSTANCE_ID',
]);

const beatMs = 1_000;

/** Keeps the membership while a batch is being handled, however long that takes. */
export class Heartbeats {
  readonly #expelled = new AbortController();
  readonly #timer: NodeJS.Timeout;

  /** @param beat sends a heartbeat if one is due */
  constructor(beat: () => Promise<void>) {
    this.#timer = setInterval(() => {
      beat().catch((error: Error & { type?: string }) => {
        // A broker that does not answer is no reason to let go of the batch: it may be back in time.
        if (error.type !== undefined && expulsions.has(error.type)) this.#expelled.abort(error);
      });
    }, beatMs);
  }

  /** Aborts when the group wants the batch's partition back; the reason is kafkajs's error, to be thrown to it. */
  get expelled(): AbortSignal {
    return this.#expelled.signal;
  }

  stop(): void {
    clearInterval(this.#timer);
  }
}
