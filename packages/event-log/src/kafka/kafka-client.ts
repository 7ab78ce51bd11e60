import { hostname } from 'node:os';
import { ConfigError, UnavailableError, tlsRefusal, type Logger } from '@songma/runtime';
import { Kafka, logLevel, type SASLOptions, type logCreator } from 'kafkajs';
import type { KafkaSecurity } from '../kafka-security.ts';
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
  readonly security?: KafkaSecurity;
  /** What the broker shows the client as. */
  readonly clientId?: string;
}): Kafka {
  addZstd();
  const { ssl, sasl } = options.security ?? {};
  return new Kafka({
    ...(ssl === undefined ? {} : { ssl }),
    ...(sasl === undefined ? {} : { sasl: sasl as SASLOptions }),
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

/** Answers of a broker that the same request gets for ever, until somebody changes its settings. */
const refusedForGood: Readonly<Record<string, { readonly setting: string; readonly remedy: string }>> = {
  MESSAGE_TOO_LARGE: tooLarge(),
  RECORD_LIST_TOO_LARGE: tooLarge(),
  TOPIC_AUTHORIZATION_FAILED: notAllowed(),
  GROUP_AUTHORIZATION_FAILED: notAllowed(),
  CLUSTER_AUTHORIZATION_FAILED: notAllowed(),
  SASL_AUTHENTICATION_FAILED: notAllowed(),
  INVALID_TOPIC_EXCEPTION: {
    setting: 'KAFKA_TOPIC_PREFIX',
    remedy:
      'Choose a prefix of letters, digits, ".", "_" and "-" that leaves names of 249 characters at most.',
  },
  POLICY_VIOLATION: { setting: 'KAFKA_BROKERS', remedy: 'Make the topics by hand as the README lists them.' },
};

function tooLarge() {
  return {
    setting: 'max.message.bytes of the topic',
    remedy: 'Let it be 4259840 at least: kafka-configs --alter --add-config max.message.bytes=4259840.',
  };
}

function notAllowed() {
  return {
    setting: 'KAFKA_BROKERS',
    remedy: 'Let this client read, write and describe the topics and its groups.',
  };
}

/** What of a broker's answers only says that the request was wrong: the same one again has the same answer. */
const bugs: ReadonlySet<unknown> = new Set([
  'INVALID_RECORD',
  'INVALID_TIMESTAMP',
  'INVALID_REQUIRED_ACKS',
  'INVALID_REQUEST',
  'UNSUPPORTED_VERSION',
  'UNSUPPORTED_FOR_MESSAGE_FORMAT',
  'UNSUPPORTED_COMPRESSION_TYPE',
]);

/**
 * Translates what kafkajs throws. A broker's answer that repeating cannot change is a ConfigError with the way out, or
 * a bug; all else that kafkajs throws is an outage. What it does not throw itself is a bug and passes.
 */
export function toUnavailable(error: unknown, doing: string): unknown {
  if (!(error instanceof Error) || !error.name.startsWith('KafkaJS')) return error;
  for (let at: unknown = error; at instanceof Error; at = at.cause) {
    const { type } = at as Error & { readonly type?: unknown };
    if (bugs.has(type)) return new Error(`${doing}: ${at.message}`, { cause: error });
    const known =
      typeof type === 'string' && Object.hasOwn(refusedForGood, type) ? refusedForGood[type] : undefined;
    if (known !== undefined) {
      return new ConfigError([{ ...known, problem: `${doing}: ${at.message}` }], { cause: error });
    }
  }
  return new UnavailableError('log_unavailable', `${doing}: ${error.message}`, { cause: error });
}

/**
 * What only somebody who changes a setting can mend, where an error of a connection that has never stood says so: the
 * brokers do not know who asks, or the two do not trust each other. Later the same may be a broker that starts anew.
 */
export function connectionRefusal(error: unknown): ConfigError | undefined {
  const errors: Error[] = [];
  for (let at: unknown = error; at instanceof Error; at = at.cause) errors.push(at);
  const unknown = errors.find(({ name }) => name === 'KafkaJSSASLAuthenticationError');
  const untrusted = tlsRefusal(error);
  if (unknown === undefined && untrusted === undefined) return undefined;
  const problem =
    unknown === undefined
      ? {
          setting: 'KAFKA_TLS, KAFKA_TLS_CA_FILE',
          problem: `the brokers and Songma do not trust each other: ${untrusted}`,
        }
      : {
          setting: 'KAFKA_SASL, KAFKA_USERNAME, KAFKA_PASSWORD',
          problem: `the brokers refuse them: ${unknown.message}`,
        };
  const remedy =
    unknown === undefined
      ? 'Name the authority of the brokers, the port that speaks TLS, and a client certificate where they ask for one.'
      : 'Name the mechanism, the user and the password that the brokers know.';
  return new ConfigError([{ ...problem, remedy }], { cause: error });
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
