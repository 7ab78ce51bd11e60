import type { EntityKind } from '@songma/domain';
import type { ReadyCheck } from '@songma/runtime';
import type { RegistryChange, RegistryView } from './registry-view.ts';

/** What is wrong with a command: `path` in its body (`sites.2`; empty: the whole), and how to mend it. */
export interface Problem {
  readonly path: string;
  readonly problem: string;
  /** The same in Vietnamese, where it has been said. */
  readonly vi?: string;
}

/** A wish to create, change or retire one entity. */
export interface Submission {
  readonly kind: EntityKind;
  readonly entity: string;
  /** Version that the sender saw; 0 when it saw none. */
  readonly expectedVersion: number;
  /** The whole entity, unchecked, or null to retire it. */
  readonly body: unknown;
  /** Who asks: the id of an API key, or the name of a service. */
  readonly by: string;
}

export type SubmitResult =
  | { readonly ok: true; readonly version: number }
  /** Somebody was faster, or the sender saw an old version. `version` is what stands now, 0: nothing. */
  | { readonly ok: false; readonly reason: 'conflict'; readonly version: number }
  | { readonly ok: false; readonly reason: 'invalid'; readonly problems: readonly Problem[] };

export interface Registry extends RegistryView {
  /**
   * Appends the command and resolves when this registry's own fold has decided it, as every other reader does.
   * @throws UnavailableError when the log cannot take it, or the fold does not pass it in time: whether it took
   * effect is then not known; ask again with the same `expectedVersion`, a conflict tells that it did.
   */
  submit(submission: Submission): Promise<SubmitResult>;

  /** Calls `listener` for each change from now on, after it is in force. Gives back how to stop that. */
  onChange(listener: (change: RegistryChange) => void): () => void;

  /** Offset after the last command of the log's topic `registry` that is folded in. */
  foldedTo(): number;

  /** Every change from that offset on, in their order: to catch up with what happened while one was away. */
  changesSince(position: number): RegistryChange[];

  readonly checks: readonly ReadyCheck[];
  /** Rejects when the registry cannot follow the log any more: end the process then. */
  readonly closed: Promise<void>;
  close(): Promise<void>;
}
