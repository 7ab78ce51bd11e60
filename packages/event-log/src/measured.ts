import type { TopicName } from '@songma/domain';
import { UnavailableError, type Metrics } from '@songma/runtime';
import type { EventLog } from './port.ts';

const secondsBuckets = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5, 10];

/** The same log, with its appends and deliveries counted. */
export function measured<L extends EventLog>(log: L, metrics: Metrics): L {
  const seconds = metrics.histogram(
    'songma_event_log_append_seconds',
    'Time until an append was durable',
    secondsBuckets,
    ['topic'],
  );
  const appended = metrics.counter('songma_event_log_appended_records_total', 'Records made durable', [
    'topic',
  ]);
  const failures = metrics.counter('songma_event_log_append_failures_total', 'Appends refused, by code', [
    'topic',
    'code',
  ]);
  const handled = metrics.counter(
    'songma_event_log_handled_records_total',
    'Records that a reader has handled',
    ['topic', 'reader'],
  );
  // Kept here: finding one by its label costs more than the observation.
  const counted = new Map<
    TopicName,
    { seconds: { observe(value: number): void }; appended: { inc(by: number): void } }
  >();
  const countedOf = (topic: TopicName) => {
    let children = counted.get(topic);
    if (children === undefined) {
      children = { seconds: seconds.labels({ topic }), appended: appended.labels({ topic }) };
      counted.set(topic, children);
    }
    return children;
  };
  const append: EventLog['append'] = async (topic, records) => {
    const startedAt = performance.now();
    try {
      await log.append(topic, records);
    } catch (error) {
      failures.inc({ topic, code: error instanceof UnavailableError ? error.code : 'bug' });
      throw error;
    }
    const children = countedOf(topic);
    children.seconds.observe((performance.now() - startedAt) / 1_000);
    children.appended.inc(records.length);
  };
  const consume: EventLog['consume'] = (options, handle) =>
    log.consume(options, async (records, signal) => {
      await handle(records, signal);
      handled.inc({ topic: options.topic, reader: options.group }, records.length);
    });
  const follow: EventLog['follow'] = (options, handle) =>
    log.follow(options, async (records) => {
      await handle(records);
      handled.inc({ topic: options.topic, reader: 'follower' }, records.length);
    });
  const measuring: Partial<EventLog> = { append, consume, follow };
  return new Proxy(log, {
    get(target, name) {
      const own: unknown = measuring[name as keyof EventLog];
      if (own !== undefined) return own;
      const value: unknown = Reflect.get(target, name, target);
      // Private members are the log's: methods are called on it and not on the proxy.
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
  });
}
