import { createRequire } from 'node:module';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

/** What `infra/patches` changes in kafkajs, as far as it is used here. */
interface Encoded {
  readonly buffer: Buffer;
}
interface Message<Text> {
  readonly key: Buffer;
  readonly value: Buffer;
  readonly headers: Record<string, Text>;
}

const load = createRequire(import.meta.resolve('@songma/event-log'));
const encodeRecord = load('kafkajs/src/protocol/recordBatch/record/v0') as (
  message: Message<string> & { readonly offsetDelta: number },
) => Encoded;
const { RecordBatch } = load('kafkajs/src/protocol/recordBatch/v0') as {
  RecordBatch: (batch: { readonly records: readonly Encoded[] }) => Promise<Encoded>;
};
const decodeBatch = load('kafkajs/src/protocol/recordBatch/v0/decoder') as (
  decoder: object,
) => Promise<{ readonly records: readonly (Message<Buffer> & { readonly offset: string })[] }>;
const Decoder = load('kafkajs/src/protocol/decoder') as new (bytes: Buffer) => object;
const RequestQueue = load('kafkajs/src/network/requestQueue') as {
  readonly prototype: { scheduleCheckPendingRequests(this: object): void };
};

describe('kafkajs as it is patched', () => {
  it('reads every record that it writes as it was, however long its parts are', async () => {
    const bytes = fc.uint8Array({ maxLength: 700 }).map((array) => Buffer.from(array));
    // Names that every object has are lost in kafkajs's own objects.
    const name = fc.string({ maxLength: 200, unit: 'grapheme' }).map((text) => `h${text}`);
    const headers = fc.dictionary(name, fc.string({ maxLength: 300 }));
    const message = fc.record({ key: bytes, value: bytes, headers });
    await fc.assert(
      fc.asyncProperty(fc.array(message, { minLength: 1, maxLength: 20 }), async (messages) => {
        const records = messages.map((one, offsetDelta) => encodeRecord({ ...one, offsetDelta }));
        const { buffer } = await RecordBatch({ records });
        const { records: read } = await decodeBatch(new Decoder(buffer));
        expect(read.map(({ offset }) => offset)).toEqual(messages.map((_, offset) => String(offset)));
        for (const [i, sent] of messages.entries()) {
          const found = read[i]!;
          expect(found.key.equals(sent.key) && found.value.equals(sent.value)).toBe(true);
          const texts = Object.entries(found.headers).map(([of, text]) => [of, String(text)] as const);
          expect(new Map(texts)).toEqual(new Map(Object.entries(sent.headers)));
        }
      }),
      { numRuns: 300 },
    );
  });

  it('writes the bytes that Kafka specifies', () => {
    const { buffer } = encodeRecord({
      offsetDelta: 3,
      key: Buffer.from('k'),
      value: Buffer.alloc(70, 'v'),
      headers: { a: 'xy' },
    });
    // Lengths are zigzag varints: 83 → 166, 70 → 140.
    const body = [0, 0, 6, 2, 107, 0x8c, 0x01, ...Buffer.alloc(70, 'v'), 2, 2, 97, 4, 120, 121];
    expect([...buffer]).toEqual([0xa6, 0x01, ...body]);
    expect(body).toHaveLength(83);
  });

  it('sets no timer while no request waits', () => {
    const queue = { throttledUntil: -1, throttleCheckTimeoutId: null, pending: [] };
    RequestQueue.prototype.scheduleCheckPendingRequests.call(queue);
    expect(queue.throttleCheckTimeoutId).toBeNull();
  });
});
