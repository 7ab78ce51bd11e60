import type { Bilingual } from '@songma/runtime';

/** Messages that go into the log together. */
export interface DoorPush {
  /** Of the API key that pushes. */
  readonly token: string;
  /** Batch id: the same one again with the same body adds nothing. */
  readonly batch: string;
  readonly contentType: string;
  readonly body: Buffer;
  /** Rows of this enterprise only, whatever else the key may push for. */
  readonly enterprise?: string;
}

export interface RefusedRow {
  /** From 0, in the order of the push. */
  readonly row: number;
  readonly code: string;
  readonly reason: Bilingual;
}

export interface DoorReceipt {
  readonly batch: string;
  readonly rows: number;
  readonly accepted: number;
  readonly refused: readonly RefusedRow[];
}

/**
 * The plants' door as this service needs it: ingest in the same process, or over HTTP.
 *
 * Promises of both:
 * - `push` resolves when the log has the accepted rows, and quarantine the refused ones, durably;
 * - the same push again, under its batch id, adds nothing;
 * - `HttpProblem` says that the push as a whole is refused (4xx), or is to be sent again later (429, 5xx);
 *   `UnavailableError` that it is to be sent again, and may have been taken.
 */
export interface PushDoor {
  push(push: DoorPush): Promise<DoorReceipt>;
}
