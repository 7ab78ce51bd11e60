import { topics, type TopicName } from '@songma/domain';
import { retry } from '@songma/runtime';
import type { Admin } from 'kafkajs';
import { toUnavailable } from './kafka-client.ts';
import { batchBytesMax } from './kafka-sender.ts';
import { readBounds } from './topic-offsets.ts';

const names = Object.keys(topics) as TopicName[];
const leadersWithinMs = 5_000;

/**
 * Makes the topics that are missing, as the domain's table says, and returns how many partitions each has. A topic
 * that is there keeps the partitions it has: more of them would send a key's records elsewhere.
 */
export async function ensureTopics(
  admin: Admin,
  topicOf: (topic: TopicName) => string,
): Promise<Map<TopicName, number>> {
  const present = new Set(await admin.listTopics());
  const missing = names.filter((name) => !present.has(topicOf(name)));
  if (missing.length > 0) {
    await admin.createTopics({
      waitForLeaders: true,
      timeout: leadersWithinMs,
      topics: missing.map((name) => ({
        topic: topicOf(name),
        numPartitions: topics[name].partitions,
        configEntries: [
          { name: 'cleanup.policy', value: 'delete' },
          { name: 'retention.ms', value: String(topics[name].retentionMs ?? -1) },
          { name: 'retention.bytes', value: '-1' },
          { name: 'max.message.bytes', value: String(batchBytesMax) },
        ],
      })),
    });
    // kafkajs waits until the leaders are known; they answer a little later, and until then a send that also goes
    // to others would fail as a whole, be repeated, and be stored twice there.
    for (const name of missing) await untilLed(admin, topicOf(name));
  }
  const { topics: described } = await admin.fetchTopicMetadata({ topics: names.map(topicOf) });
  return new Map(
    names.map((name) => {
      const found = described.find((topic) => topic.name === topicOf(name));
      return [name, found?.partitions.length ?? topics[name].partitions];
    }),
  );
}

function untilLed(admin: Admin, topic: string): Promise<unknown> {
  const ask = async () => {
    try {
      return await readBounds(admin, topic);
    } catch (error) {
      throw toUnavailable(error, `the topic ${topic} has no leaders yet`);
    }
  };
  return retry(ask, { deadlineMs: leadersWithinMs, firstDelayMs: 20, delayMaxMs: 200 });
}
