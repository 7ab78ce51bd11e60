import type { FileReceipt as DoorReceipt, SongmaClient } from '@songma/client';

export interface FileAsk {
  readonly token: string;
  readonly language: 'en' | 'vi';
  readonly signal: AbortSignal;
}

/** The public door, as files are pushed through it. */
export interface FilesDoor {
  /**
   * The same batch again is answered by what was said before.
   * @throws RefusedError when the file as a whole is refused, UnavailableError when the door was away until the deadline
   */
  push(batch: string, file: { name: string; content: Buffer }, ask: FileAsk): Promise<DoorReceipt>;
  close(): Promise<void>;
}

/** The door at this address. The client is loaded with the first file: most houses get none. */
export function createFilesDoor(options: {
  readonly url: string;
  readonly connectionsMax: number;
  readonly retryDeadlineMs: number;
}): FilesDoor {
  let client: Promise<SongmaClient> | undefined;
  return {
    async push(batch, file, ask) {
      client ??= import('@songma/client').then(({ createClient }) => createClient(options));
      return (await client).pushFile(batch, file, ask);
    },
    async close() {
      const opened = client;
      client = undefined;
      await (await opened)?.close();
    },
  };
}
