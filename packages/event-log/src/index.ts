import { ConfigError, type Logger, type Metrics } from '@songma/runtime';
import { kafkaSecurity, type KafkaSecurityConfig } from './kafka-security.ts';
import { measured } from './measured.ts';
import type { EventLog } from './port.ts';

export type { EventLog, Following, LogRecord, NewRecord, Positions, Reading } from './port.ts';
export { recordBytesMax } from './limits.ts';
export { eventLogSettings } from './settings.ts';

/** What of the settings the chosen adapter needs. */
export interface EventLogConfig {
  readonly adapter: 'sqlite' | 'kafka';
  readonly dataDir?: string;
  readonly kafka?: {
    readonly brokers?: readonly string[] | undefined;
    readonly topicPrefix?: string;
    readonly security?: KafkaSecurityConfig;
  };
}

/** An open log. `closed` rejects when it, or one of its readers, cannot go on: end the process then. */
export interface OpenEventLog extends EventLog {
  readonly closed: Promise<void>;
}

/**
 * Opens the log that the settings choose.
 * @throws ConfigError when a setting is missing or cannot be used
 * @throws UnavailableError when the brokers do not answer
 */
export async function openEventLog(
  config: EventLogConfig,
  deps: { readonly logger: Logger; readonly metrics?: Metrics; readonly now?: () => number },
): Promise<OpenEventLog> {
  const log = await openAdapter(config, deps);
  return deps.metrics === undefined ? log : measured(log, deps.metrics);
}

async function openAdapter(
  config: EventLogConfig,
  deps: { readonly logger: Logger; readonly now?: () => number },
): Promise<OpenEventLog> {
  switch (config.adapter) {
    case 'sqlite': {
      const { SqliteEventLog } = await import('./sqlite/sqlite-event-log.ts');
      const { logger, now = Date.now } = deps;
      return SqliteEventLog.open({ logger, now, dataDir: config.dataDir ?? './data' });
    }
    case 'kafka': {
      const { brokers = [], topicPrefix = 'songma.', security } = config.kafka ?? {};
      if (brokers.length === 0) {
        const problem = 'is not set, and EVENT_LOG=kafka needs it';
        const remedy = 'Name a broker, such as KAFKA_BROKERS=127.0.0.1:19092, or unset EVENT_LOG.';
        throw new ConfigError([{ setting: 'KAFKA_BROKERS', problem, remedy }]);
      }
      const how = security === undefined ? {} : kafkaSecurity(security);
      if (how.sasl?.mechanism === 'plain' && how.ssl === undefined) {
        deps.logger.warn('KAFKA_SASL=plain without KAFKA_TLS: the password crosses the network in clear');
      }
      const { KafkaEventLog } = await import('./kafka/kafka-event-log.ts');
      return KafkaEventLog.open({ logger: deps.logger, brokers, topicPrefix, security: how });
    }
  }
}
