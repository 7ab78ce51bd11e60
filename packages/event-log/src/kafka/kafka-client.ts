import { hostname } from 'node:os';
import { UnavailableError, type Logger } from '@songma/runtime';
import { Kafka, logLevel, type logCreator } from 'kafkajs';
import { addZstd } from './zstd.ts';

const connectionTimeoutMs = 2_000;

/**
 * A client with its own connections.
 * @param options.requestTimeoutMs how long an answer may take before it counts as lost
 */
export function createClient(options: {
  readonly brokers: readonly string[];
  readonly logger: Logger;
  readonly requestTimeoutMs: number;
  /** What the broker shows the client as. */
  readonly clientId?: string;
}): Kafka {
  addZstd();
  return new Kafka({
    clientId: options.clientId ?? `songma/${hostname()}/${process.pid}`,
    brokers: [...options.brokers],
    connectionTimeout: connectionTimeoutMs,
    requestTimeout: options.requestTimeoutMs,
    // Connecting is tried twice at a time; patience is with the callers, who know their deadlines.
    retry: { initialRetryTime: 100, maxRetryTime: 1_000, retries: 2 },
    logLevel: logLevel.INFO,
    logCreator: bridge(options.logger),
  });
}

const toldByUs = new Set(['Connection', 'BrokerPool', 'Producer', 'Consumer']);

/**
 * kafkajs calls every refused connection an error, several times a second while a broker is out, and every start of
 * a consumer worth telling. What matters of it our own lines tell, so its lines go down.
 */
function bridge(logger: Logger): logCreator {
  return () =>
    ({ level, namespace, log: { message, ...entry } }) => {
      const { timestamp: _timestamp, logger: _logger, stack: _stack, ...details } = entry;
      const line = { ...details, client: `kafkajs ${namespace}` };
      if (level === logLevel.ERROR && !toldByUs.has(namespace)) logger.info(line, message);
      else logger.debug(line, message);
    };
}

/** Translates what kafkajs throws; what it does not throw itself is a bug and passes. */
export function toUnavailable(error: unknown, doing: string): unknown {
  if (!(error instanceof Error) || !error.name.startsWith('KafkaJS')) return error;
  return new UnavailableError('log_unavailable', `${doing}: ${error.message}`, { cause: error });
}

/**
 * What kafkajs gives up for, and what a broker that goes down or comes up makes it throw all the same: no broker told
 * it the coordinator, another call held a lock for too long.
 */
const outagesByName = new Set([
  'KafkaJSNumberOfRetriesExceeded',
  'KafkaJSGroupCoordinatorNotFound',
  'KafkaJSTimeout',
  'KafkaJSLockTimeout',
]);

/** Whether a consumer's crash is an outage, and joining again may succeed; what else ends it is for ever. */
export function isOutage(error: unknown): boolean {
  for (let at: unknown = error; at instanceof Error; at = at.cause) {
    if (outagesByName.has(at.name) || (at as Error & { retriable?: boolean }).retriable === true) return true;
  }
  return false;
}
