import { randomUUID } from 'node:crypto';
import { deleteTopics } from '../../../test/support/kafka-topics.ts';
import type { EventLog } from '../src/index.ts';
import { KafkaEventLog, type KafkaEventLogOptions } from '../src/kafka/kafka-event-log.ts';
import { BrokerProxy } from './broker-proxy.ts';
import { startChild, type Child } from './child.ts';
import type { LogBench } from './conformance.ts';
import { silent } from './sqlite-bench.ts';

export interface KafkaBench extends LogBench {
  readonly topicPrefix: string;
  /** Opens the log by way of a proxy, with other settings if need be. */
  openBy(proxy: BrokerProxy, options?: Partial<KafkaEventLogOptions>): Promise<EventLog>;
  openWith(options: Partial<KafkaEventLogOptions>): Promise<EventLog>;
}

/** A log of its own on the broker: topics and groups with a prefix that nobody else has. */
export async function openKafkaBench(brokers: readonly string[]): Promise<KafkaBench> {
  const topicPrefix = `test-${randomUUID()}.`;
  const opened: EventLog[] = [];
  const children: Child[] = [];
  const proxies: BrokerProxy[] = [];
  const openWith = async (options: Partial<KafkaEventLogOptions>) => {
    const log = await KafkaEventLog.open({ brokers, topicPrefix, logger: silent, ...options });
    opened.push(log);
    return log;
  };
  const openBy = async (proxy: BrokerProxy, options: Partial<KafkaEventLogOptions> = {}) => {
    proxies.push(proxy);
    return openWith({ brokers: [proxy.address], ...options });
  };
  return {
    topicPrefix,
    openWith,
    openBy,
    open: () => openWith({}),
    async openFaulty() {
      const proxy = await BrokerProxy.start(brokers[0]!);
      const log = await openBy(proxy);
      return { log, fault: async () => proxy.cut() };
    },
    async startChild(role) {
      const child = await startChild({ role, config: { adapter: 'kafka', kafka: { brokers, topicPrefix } } });
      children.push(child);
      return child;
    },
    async remove() {
      await Promise.all(children.map((child) => child.kill()));
      await Promise.all(opened.map((log) => log.close()));
      await Promise.all(proxies.map((proxy) => proxy.close()));
      await deleteTopics(brokers, topicPrefix);
    },
  };
}
