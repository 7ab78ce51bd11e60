import type { Admin } from 'kafkajs';

/** Offset of a partition's oldest record, and the one that its next record will get. */
export interface PartitionBounds {
  readonly low: number;
  readonly high: number;
}

/** @param topic the broker's name */
export async function readBounds(admin: Admin, topic: string): Promise<Map<number, PartitionBounds>> {
  const partitions = await admin.fetchTopicOffsets(topic);
  return new Map(partitions.map((p) => [p.partition, { low: Number(p.low), high: Number(p.high) }]));
}

/** Next offset of a group per partition; absent where it has none. */
export async function readCommitted(
  admin: Admin,
  topic: string,
  groupId: string,
): Promise<Map<number, number>> {
  const [found] = await admin.fetchOffsets({ groupId, topics: [topic] });
  const committed = (found?.partitions ?? []).map((p): [number, number] => [p.partition, Number(p.offset)]);
  return new Map(committed.filter(([, offset]) => offset >= 0));
}

/** Records between the positions and the ends of the partitions; a partition without a position counts whole. */
export function countWaiting(
  bounds: ReadonlyMap<number, PartitionBounds>,
  positions: ReadonlyMap<number, number>,
  partitions: Iterable<number> = bounds.keys(),
): number {
  let count = 0;
  for (const partition of partitions) {
    const { low, high } = bounds.get(partition) ?? { low: 0, high: 0 };
    count += Math.max(0, high - Math.max(low, positions.get(partition) ?? low));
  }
  return count;
}
