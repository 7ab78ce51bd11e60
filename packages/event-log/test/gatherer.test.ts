import { describe, expect, it } from 'vitest';
import { Gatherer } from '../src/kafka/gatherer.ts';
import type { LogRecord } from '../src/port.ts';

const record = (partition: number, offset: number, bytes = 10): LogRecord => ({
  ...{ topic: 'readings', partition, offset, key: `k${partition}`, headers: {} },
  value: new Uint8Array(bytes),
});
const calm = new AbortController().signal;

/** A gatherer whose calls are noted as `partition:offset`. */
function gathering(handle: (signal: AbortSignal, call: number) => Promise<void> = async () => {}) {
  const calls: string[][] = [];
  const gatherer = new Gatherer({
    bytesMax: 100,
    handle: (records, signal) => {
      calls.push(records.map(({ partition, offset }) => `${partition}:${offset}`));
      return handle(signal, calls.length);
    },
  });
  return { gatherer, calls };
}

describe('what the partitions of a fetch bring', () => {
  it('is one call, in the order of each', async () => {
    const { gatherer, calls } = gathering();
    await Promise.all([
      gatherer.add([record(1, 7), record(1, 8)], calm),
      gatherer.add([record(2, 3)], calm),
      gatherer.add([record(0, 5)], calm),
    ]);
    expect(calls).toEqual([['1:7', '1:8', '2:3', '0:5']]);
    await gatherer.add([record(1, 9)], calm);
    expect(calls).toHaveLength(2);
  });

  it('is as many calls as keep to the bound, one after the other', async () => {
    let running = 0;
    const { gatherer, calls } = gathering(async () => {
      expect(++running).toBe(1);
      await new Promise(setImmediate);
      running--;
    });
    await Promise.all([0, 1, 2, 3].map((partition) => gatherer.add([record(partition, 0, 45)], calm)));
    await gatherer.add([record(4, 0, 500)], calm);
    expect(calls).toEqual([['0:0', '1:0'], ['2:0', '3:0'], ['4:0']]);
  });

  it('is broken off for the partition that is taken away, and handled again for the others', async () => {
    const expelled = new AbortController();
    const { gatherer, calls } = gathering(async (signal, call) => {
      if (call > 1) return;
      expelled.abort(new Error('the group wants it back'));
      signal.throwIfAborted();
    });
    const [lost, kept] = await Promise.allSettled([
      gatherer.add([record(0, 0)], expelled.signal),
      gatherer.add([record(1, 0)], calm),
    ]);
    expect(lost).toMatchObject({ status: 'rejected', reason: { message: 'the group wants it back' } });
    expect(kept.status).toBe('fulfilled');
    expect(calls).toEqual([['0:0', '1:0'], ['1:0']]);
  });

  it('is refused to everybody when the handler fails', async () => {
    const { gatherer } = gathering(async () => {
      throw new Error('a bug');
    });
    const all = await Promise.allSettled([
      gatherer.add([record(0, 0)], calm),
      gatherer.add([record(1, 0)], calm),
    ]);
    expect(all.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  });
});
