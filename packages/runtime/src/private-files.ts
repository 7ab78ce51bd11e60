import { chmodSync, mkdirSync, statSync } from 'node:fs';
import type { Logger } from './logger.ts';

const directoryMode = 0o700;
const stickyBit = 0o1000;
const ownerMask = 0o700;
/** What others than the owner may do. */
const othersMask = 0o077;

/** Makes a directory for the owner only, and takes from others what they may do in one that is there already. */
export function makePrivateDirectory(path: string, logger?: Pick<Logger, 'warn'>): void {
  mkdirSync(path, { recursive: true, mode: directoryMode });
  keepPrivate(path, logger);
}

/**
 * Takes from others what they may do with a file or directory, and says so. Where that is not this user's to do, or
 * the file system has no such modes, it is said and nothing else: a volume of a container is often another's. What is
 * not there is passed over, and so is Windows, which has none of it.
 */
export function keepPrivate(path: string, logger?: Pick<Logger, 'warn'>): void {
  if (process.platform === 'win32') return;
  const found = statSync(path, { throwIfNoEntry: false });
  if (found === undefined || (found.mode & othersMask) === 0) return;
  // A directory that is everybody's by intent, such as /tmp, is left to everybody.
  if ((found.mode & stickyBit) !== 0) {
    logger?.warn({ path }, 'this directory is shared by everybody: name one of its own');
    return;
  }
  const seen = { path, mode: (found.mode & 0o777).toString(8) };
  try {
    chmodSync(path, found.mode & ownerMask);
  } catch (error) {
    logger?.warn(
      { ...seen, err: error },
      'others than its owner may look in here, and this user cannot change it',
    );
    return;
  }
  const isClosed = (statSync(path).mode & othersMask) === 0;
  logger?.warn(
    seen,
    isClosed ? 'others could look in here: it is for its owner only now' : 'others may look in here',
  );
}

/** Whatever this process makes from now on is for its owner only, unless it says otherwise. */
export function makeFilesPrivate(): void {
  process.umask(othersMask);
}
