import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';

/** This process, also told apart from an earlier one with its number: in a container every process is the first. */
const incarnation = randomUUID().slice(0, 8);

let readers = 0;

/** A name for one reader: machine, process, incarnation, and which of its readers. Kafka shows it with each member. */
export function nextReaderIdentity(): string {
  return `songma/${hostname()}/${process.pid}/${incarnation}/${++readers}`;
}

/**
 * Whether a member of a group is what a reader has left behind that is gone: `own` itself before it lost its
 * connection, or a reader of a process of this machine that has ended.
 *
 * @param own the reader that asks, while it is not a member
 */
export function isGhost(identity: string, own: string): boolean {
  if (identity === own) return true;
  const [name, host, pid, itsIncarnation] = identity.split('/');
  if (name !== 'songma' || host !== hostname()) return false;
  if (Number(pid) === process.pid) return itsIncarnation !== incarnation;
  return !isAlive(Number(pid));
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // Another user's process may not be asked, so it is there.
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}
