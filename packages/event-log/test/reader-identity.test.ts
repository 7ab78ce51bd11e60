import { hostname } from 'node:os';
import { describe, expect, it } from 'vitest';
import { isGhost, nextReaderIdentity } from '../src/kafka/reader-identity.ts';

describe('a member of a group', () => {
  const own = nextReaderIdentity();
  const [, host, pid, incarnation] = own.split('/');
  // Above what Linux gives to any process.
  const deadPid = 2 ** 22 + 1;

  it.for([
    ['the reader itself, before it lost its connection', own, true],
    ['another reader of this process', nextReaderIdentity(), false],
    ['a reader of a process of this machine that has ended', `songma/${host}/${deadPid}/0000/1`, true],
    ['a reader of an earlier process with this number', `songma/${host}/${pid}/0000/1`, true],
    ['a reader of a living process of this machine', `songma/${host}/${process.ppid}/0000/1`, false],
    ['a reader of another machine', `songma/other-${host}/${deadPid}/${incarnation}/1`, false],
    ['somebody else', `kafka-ui/${hostname()}/${deadPid}`, false],
  ] as const)('%s is a ghost or not', ([, identity, expected]) => {
    expect(isGhost(identity, own)).toBe(expected);
  });
});
