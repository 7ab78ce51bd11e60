/** A message that has arrived. */
export interface Message {
  readonly topic: string;
  readonly payload: Buffer;
  /** Epoch milliseconds. */
  readonly at: number;
}

/** A message as it is pushed: lines of the format of messages, each of one value, or a body in a format of its own. */
export type Pushable =
  | {
      readonly lines: readonly string[];
      /** What a push may have only once: of the same meter and time the last value counts, so it is pushed later. */
      readonly marks: readonly string[];
    }
  | { readonly contentType: string; readonly body: Buffer; readonly unreadable: (code: string) => string };

/** Content type of a push that is made of lines. */
export const linesType = 'application/vnd.songma.mqtt';

export function bytesOf(pushable: Pushable): number {
  if ('body' in pushable) return pushable.body.length;
  let bytes = 0;
  for (const line of pushable.lines) bytes += line.length + 1;
  return bytes;
}
