import type { TopicName } from '@songma/domain';
import type { KafkaMessage } from 'kafkajs';
import { batchRecordsMax } from '../limits.ts';
import type { LogRecord } from '../port.ts';

/** Runs of messages of up to `bytesMax` together, at least one message each. */
export function* slices(
  messages: readonly KafkaMessage[],
  bytesMax: number,
): Generator<readonly KafkaMessage[]> {
  let from = 0;
  let bytes = 0;
  for (const [i, message] of messages.entries()) {
    const size = message.value?.byteLength ?? 0;
    if (i > from && (bytes + size > bytesMax || i - from >= batchRecordsMax)) {
      yield messages.slice(from, i);
      from = i;
      bytes = 0;
    }
    bytes += size;
  }
  if (from < messages.length) yield messages.slice(from);
}

const empty = new Uint8Array();

/** A message as a record of the topic that is ours by this name. */
export function toRecord(topic: TopicName, partition: number, message: KafkaMessage): LogRecord {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(message.headers ?? {})) headers[name] = String(value);
  return {
    topic,
    partition,
    offset: Number(message.offset),
    key: String(message.key ?? ''),
    value: message.value ?? empty,
    headers,
  };
}
