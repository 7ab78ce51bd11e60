import type { Channel, Notice } from '../src/index.ts';

/** What arrived on the other side, as whoever receives it reads it. */
export interface Arrived {
  /** What tells it apart: the left of a Message-ID, a webhook's id. */
  readonly id: string;
  /** The same of the first notice of its case; its own where it is that one. */
  readonly thread: string;
  readonly to: readonly string[];
  readonly subject: string;
  readonly text: string;
  /** Names of its headers, lower-case. */
  readonly headers: readonly string[];
}

/** How the other side behaves: `gone` is not there at all, `silent` takes the connection and says nothing. */
export const behaviours = ['takes', 'defers', 'refuses', 'gone', 'silent', 'cuts'] as const;
export type Behaviour = (typeof behaviours)[number];

/** An adapter under test, with the other side of it. */
export interface Subject {
  readonly channel: Channel;
  /** Those that the other side can be made to do. */
  readonly behaviours: readonly Behaviour[];
  behave(behaviour: Behaviour): Promise<void>;
  /** A notice to this other side; of two it can tell apart. */
  notice(changed?: Partial<Notice>): Notice;
  /** A notice to somewhere that never answers. Undefined where one other side is all that there is. */
  deadNotice?(): Notice;
  /** All that arrived, in its order. */
  arrived(): Promise<readonly Arrived[]>;
  close(): Promise<void>;
}

/** Opens one whose attempts have this deadline. */
export type OpenSubject = (attemptMsMax: number) => Promise<Subject>;
