import { createServer } from 'node:net';
import type { Server } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { pathDigest } from './settings.ts';

const LOCK_WAIT_MAX_MS = 20 * 60_000;
const LOCK_RETRY_MS = 150;

/**
 * Runs `action` while no other process of this machine runs one under the same path.
 *
 * The lock is an abstract Unix socket (Linux): the kernel frees it when its holder ends in whatever way, so there
 * is no stale lock to recognise and nothing to clean up.
 *
 * @param onWait called once if another holds the lock.
 * @throws Error after twenty minutes of waiting, and whatever `action` throws.
 */
export async function withLock<Result>(
  path: string,
  onWait: () => void,
  action: () => Promise<Result>,
): Promise<Result> {
  const held = await acquire(path, onWait);
  try {
    return await action();
  } finally {
    held.close();
  }
}

async function acquire(path: string, onWait: () => void): Promise<Server> {
  const deadline = Date.now() + LOCK_WAIT_MAX_MS;
  for (let attempt = 0; ; attempt += 1) {
    const held = await tryAcquire(path);
    if (held) return held;
    if (attempt === 0) onWait();
    if (Date.now() > deadline)
      throw new Error(`another process has held the lock of ${path} for twenty minutes`);
    await delay(LOCK_RETRY_MS);
  }
}

async function tryAcquire(path: string): Promise<Server | undefined> {
  return new Promise((resolve, reject) => {
    const server = createServer((socket) => socket.destroy());
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE') resolve(undefined);
      else reject(error);
    });
    server.listen({ path: `\0songma-native-${pathDigest(path)}` }, () => resolve(server));
  });
}
