import type { Bilingual } from '@songma/runtime';

/** What became of a file. */
export const fileOutcomes = ['taken', 'partly', 'repeated', 'refused'] as const;
export type FileOutcome = (typeof fileOutcomes)[number];

/** What is written beside a file when it is moved: what the log has of it, or why it has nothing. */
export interface FileReceipt {
  readonly station: string;
  /** Its name as it came; what cannot be printed is escaped. */
  readonly file: string;
  readonly at: string;
  /** `repeated`: the door had the very same file before. */
  readonly outcome: FileOutcome;
  /** Batch id under which the door knows it: `GET /v1/batches/…` tells what became of each row. */
  readonly batch?: string;
  readonly rows?: number;
  readonly accepted?: number;
  readonly refused?: readonly RefusedRow[];
  /** Why nothing of the file was taken. */
  readonly problem?: { readonly code: string } & Bilingual;
}

export interface RefusedRow {
  readonly row: number;
  readonly code: string;
  readonly reason: Bilingual;
}
