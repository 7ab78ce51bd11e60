import { describe, expect, it } from 'vitest';
import { ConfigError, UnavailableError, pause } from '@songma/runtime';
import {
  ConfigResourceTypes,
  KafkaJSConnectionError,
  KafkaJSNumberOfRetriesExceeded,
  KafkaJSProtocolError,
} from 'kafkajs';
import { adapterAvailability } from '../../../test/support/adapters.ts';
import { openEventLog } from '../src/index.ts';
import { BrokerProxy } from './broker-proxy.ts';
import { describeConformance } from './conformance.ts';
import { createClient, toUnavailable } from '../src/kafka/kafka-client.ts';
import { openKafkaBench, type KafkaBench } from './kafka-bench.ts';
import { collect, groupBy, noise, numbered, until, readAll } from './records.ts';
import { silent } from './sqlite-bench.ts';

const kafka = await adapterAvailability('kafka');
const skipped = kafka.available ? '' : `, skipped: ${kafka.reason}`;
const brokers = kafka.available ? kafka.settings.brokers : [];

describe('openEventLog', () => {
  it('names the setting that Kafka needs and does not have', async () => {
    const opening = openEventLog({ adapter: 'kafka' }, { logger: silent });
    await expect(opening).rejects.toThrow(/KAFKA_BROKERS.*\n.*KAFKA_BROKERS=127/);
  });
});

describe('what a broker answers', () => {
  const answered = (type: string, retriable: boolean) =>
    new KafkaJSProtocolError(Object.assign(new Error(type), { type, code: 1, retriable }) as never);

  it.each([
    ['MESSAGE_TOO_LARGE', false, ConfigError],
    ['RECORD_LIST_TOO_LARGE', false, ConfigError],
    ['TOPIC_AUTHORIZATION_FAILED', false, ConfigError],
    ['INVALID_RECORD', false, Error],
    ['NOT_LEADER_FOR_PARTITION', true, UnavailableError],
    ['NOT_ENOUGH_REPLICAS', true, UnavailableError],
    // What a broker says of itself when it does not know better passes mostly with the next try.
    ['UNKNOWN', false, UnavailableError],
  ])('%s is sorted by whether the same again may succeed', (type, retriable, kind) => {
    const error = answered(type, retriable);
    const exceeded = new KafkaJSNumberOfRetriesExceeded(error, { retryCount: 0, retryTime: 0 });
    for (const thrown of [error, exceeded]) {
      const sorted = toUnavailable(thrown, 'trying');
      expect((sorted as Error).constructor).toBe(kind);
      expect((sorted as Error).message).toContain(type);
    }
  });

  it('a connection that breaks is an outage, and what is not of Kafka a bug', () => {
    expect(toUnavailable(new KafkaJSConnectionError('closed'), 'trying')).toBeInstanceOf(UnavailableError);
    const bug = new TypeError('x');
    expect(toUnavailable(bug, 'trying')).toBe(bug);
  });
});

describe.skipIf(!kafka.available)(`KafkaEventLog${skipped}`, () => {
  describeConformance(() => openKafkaBench(brokers));

  describe('faults', () => {
    it.for(['answer', 'connection'] as const)(
      'an append whose %s is lost on the way back is stored, and nothing acknowledged is missing or late',
      (how) =>
        withBench(async (bench) => {
          const proxy = await BrokerProxy.start(brokers[0]!);
          const log = await bench.openBy(proxy);
          const sent = numbered(['a', 'b', 'c', 'd', 'e', 'f', 'g'], 300);
          const appends = sent.map((record, i) => {
            if (i === 700) proxy.loseNextProduceAnswer(how);
            return log.append('readings', [record]);
          });
          await Promise.all(appends);
          expect(proxy.lost).toBe(1);
          const stored = groupBy(await readAll(log));
          for (const [key, numbers] of groupBy(sent)) {
            expect({ key, numbers: [...new Set(stored.get(key))] }).toEqual({ key, numbers });
          }
        }),
    );

    it('a reader that stands still while records wait ends, one that its handler holds up does not', () =>
      withBench(async (bench) => {
        const log = await bench.openWith({ stallMs: 1_500 });
        await log.append('readings', numbered(['a'], 10));
        const refusing = await log.consume({ topic: 'readings', group: 'refusing' }, async () => {
          throw new UnavailableError('store_unavailable', 'the store is out', { retryAfterMs: 500 });
        });
        let hasEnded = false;
        refusing.closed.catch(() => {
          hasEnded = true;
        });
        const stuck = await log.consume({ topic: 'readings', group: 'stuck' }, () => {
          return new Promise(() => {});
        });
        await expect(stuck.closed).rejects.toThrow(/has stood still for \d+ ms while 10 records wait/);
        expect(hasEnded).toBe(false);
      }));

    it('a reader comes back when the broker falls again while it asks for its coordinator', () =>
      withBench(async (bench) => {
        const proxy = await BrokerProxy.start(brokers[0]!);
        const log = await bench.openBy(proxy);
        const sent = numbered(['a', 'b'], 40);
        await log.append('readings', sent.slice(0, 40));
        const seen = collect();
        const reading = await log.consume({ topic: 'readings', group: 'patient' }, seen.handle);
        await until(() => seen.has(sent.slice(0, 40)));
        proxy.cut();
        await pause(10_000);
        // The reader first asks whom it has left in the group, then joins.
        proxy.planCoordinatorQuestions(['answer', 'lose', 'answer', 'lose']);
        proxy.mend();
        await log.append('readings', sent.slice(40));
        await Promise.race([reading.closed, until(() => seen.has(sent))]);
        expect(seen.has(sent)).toBe(true);
        expect(proxy.lost).toBe(2);
        await reading.close();
      }));

    it('a record that the broker finds too large is refused with the way out, and those sent with it are stored', () =>
      withBench(async (bench) => {
        const log = await bench.openWith({});
        const admin = createClient({ brokers, logger: silent, requestTimeoutMs: 10_000 }).admin();
        await admin.connect();
        const config = { name: 'max.message.bytes', value: '20000' };
        const resource = { type: ConfigResourceTypes.TOPIC, name: `${bench.topicPrefix}readings` };
        const resources = [{ ...resource, configEntries: [config] }];
        await admin.alterConfigs({ validateOnly: false, resources });
        await admin.disconnect();
        const small = numbered(['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'], 5);
        const began = performance.now();
        const large = log
          .append('readings', [{ key: 'a', value: noise(50_000) }])
          .catch((error: unknown) => error);
        await Promise.all(small.map((record) => log.append('readings', [record])));
        const refusal = await large;
        expect(refusal).toBeInstanceOf(ConfigError);
        expect(String(refusal)).toContain('max.message.bytes');
        expect(performance.now() - began).toBeLessThan(9_000);
        const stored = groupBy(await readAll(log));
        for (const [key, numbers] of groupBy(small)) {
          expect({ key, numbers: [...new Set(stored.get(key))] }).toEqual({ key, numbers });
        }
      }));

    it('a follower goes on from its own positions when the broker drops it', () =>
      withBench(async (bench) => {
        const proxy = await BrokerProxy.start(brokers[0]!);
        const log = await bench.openBy(proxy);
        const sent = numbered(['a', 'b', 'c'], 100);
        await log.append('readings', sent.slice(0, 200));
        const seen = collect();
        await log.follow({ topic: 'readings' }, seen.handle);
        await until(() => seen.has(sent.slice(0, 200)));
        proxy.drop();
        await log.append('readings', sent.slice(200));
        await until(() => seen.has(sent));
        // Each record once, though a lost answer may have put a record there twice.
        const places = seen.records.map(({ partition, offset }) => partition * 1e6 + offset);
        expect(new Set(places).size).toBe(places.length);
      }));
  });
});

async function withBench(work: (bench: KafkaBench) => Promise<void>): Promise<void> {
  const bench = await openKafkaBench(brokers);
  try {
    await work(bench);
  } finally {
    await bench.remove();
  }
}
