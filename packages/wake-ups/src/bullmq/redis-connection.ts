import {
  ConfigError,
  type ClientTls,
  type Logger,
  retry,
  tlsRefusal,
  UnavailableError,
} from '@songma/runtime';
import { Redis, type RedisOptions } from 'ioredis';

/** How long a command may take before the medium counts as out of reach. */
const ANSWER_MS_MAX = 2_000;
const RECONNECT_MS_FIRST = 100;
const RECONNECT_MS_MAX = 2_000;
/** A connection that owes an answer for so long is cut and made anew. Workers block for up to ten seconds. */
const SILENCE_MS_MAX = 20_000;
/** Redis may come up after us. */
const OPEN_MS_MAX = 30_000;

/** Replies that pass by themselves or with a mended setting of the server; any other error reply is a bug here. */
const OUTAGE_REPLY =
  /^(OOM|LOADING|READONLY|MASTERDOWN|BUSY|CLUSTERDOWN|TRYAGAIN|MISCONF|NOAUTH|WRONGPASS|NOPERM|NOREPLICAS)\b/;

interface ConnectionOptions {
  readonly url: string;
  /** How a `rediss:` server is trusted. */
  readonly tls?: ClientTls;
  readonly logger: Logger;
}

/** For requests: what cannot be sent or answered now is refused, not kept for later. */
export function connectForRequests(options: ConnectionOptions): Redis {
  return connect(options, { enableOfflineQueue: false, autoResendUnfulfilledCommands: false });
}

/** For workers: waits as long as it takes. Commands are not pipelined together: that costs workers a third. */
export function connectForWorker(options: ConnectionOptions): Redis {
  return connect(options, { maxRetriesPerRequest: null, enableAutoPipelining: false });
}

function connect({ url, tls, logger }: ConnectionOptions, options: RedisOptions): Redis {
  const redis = new Redis(url, {
    ...options,
    ...(tls === undefined ? {} : { tls }),
    lazyConnect: true,
    connectTimeout: ANSWER_MS_MAX,
    socketTimeout: SILENCE_MS_MAX,
    retryStrategy: (attempts) => Math.min(RECONNECT_MS_MAX, RECONNECT_MS_FIRST * 2 ** Math.min(attempts, 10)),
    replyMapping: 'legacy',
  });
  let isOut = false;
  // One line an outage: ioredis reports each attempt.
  redis.on('error', (error: Error) => {
    if (!isOut) logger.warn({ err: error }, 'the connection to Redis is out');
    isOut = true;
  });
  redis.on('ready', () => {
    if (isOut) logger.info('the connection to Redis is back');
    isOut = false;
  });
  return redis;
}

/**
 * Waits until the connection answers.
 * @throws UnavailableError when it does not in time
 * @throws ConfigError when this Redis would forget jobs once its memory is full, or will never let us in
 */
export async function openConnection(redis: Redis, openMsMax = OPEN_MS_MAX): Promise<void> {
  let refusal: ConfigError | undefined;
  const look = (error: unknown) => (refusal ??= refusalOf(error));
  redis.on('error', look);
  // Reconnects by itself from here on; whether it got through is asked below.
  redis.connect().catch(look);
  const askMemory = async () => {
    if (refusal !== undefined) throw refusal;
    return ask(redis, () => redis.info('memory')).catch((error: unknown) => {
      throw refusal ?? refusalOf((error as Error).cause) ?? error;
    });
  };
  const memory = await retry(askMemory, { deadlineMs: openMsMax, firstDelayMs: 50, delayMaxMs: 1_000 });
  redis.off('error', look);
  const policy = /^maxmemory_policy:(\S+)/m.exec(memory)?.[1];
  if (policy === 'noeviction') return;
  throw new ConfigError([
    {
      setting: 'REDIS_URL',
      problem: `this Redis has maxmemory-policy ${policy ?? 'unknown'}: with full memory it drops jobs silently`,
      remedy: 'Set `maxmemory-policy noeviction` in redis.conf, or name another Redis.',
    },
  ]);
}

/** What only somebody who changes a setting can mend: Redis does not know who asks, or the two do not trust each other. */
function refusalOf(error: unknown): ConfigError | undefined {
  if (!(error instanceof Error)) return undefined;
  if (/\b(?:NOAUTH|WRONGPASS|NOPERM)\b/.test(error.message)) {
    const remedy = 'Write user and password into it, percent-encoded: rediss://user:password@host:6379.';
    return new ConfigError(
      [{ setting: 'REDIS_URL', problem: `Redis does not let us in: ${error.message}`, remedy }],
      { cause: error },
    );
  }
  const untrusted = tlsRefusal(error);
  if (untrusted === undefined) return undefined;
  const remedy =
    'Name the authority of Redis, the port that speaks TLS, and a client certificate where it asks for one.';
  const problem = `Redis and Songma do not trust each other: ${untrusted}`;
  return new ConfigError([{ setting: 'REDIS_URL, REDIS_TLS_CA_FILE', problem, remedy }], { cause: error });
}

/**
 * What `request` resolves to.
 * @throws UnavailableError when Redis is out of reach, does not answer within two seconds, or cannot serve now
 */
export async function ask<T>(redis: Redis, request: () => Promise<T>): Promise<T> {
  if (redis.status !== 'ready') {
    throw new UnavailableError('wake_ups_unreachable', `Redis cannot be reached (${redis.status})`);
  }
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => {
      reject(new UnavailableError('wake_ups_unreachable', `Redis gave no answer within ${ANSWER_MS_MAX} ms`));
    }, ANSWER_MS_MAX);
  });
  try {
    return await Promise.race([request(), late]);
  } catch (error) {
    throw translated(error, redis);
  } finally {
    clearTimeout(timer);
  }
}

/** A broken connection rejects what was under way with errors of several kinds: the connection's state tells. */
function translated(error: unknown, redis: Redis): unknown {
  if (!(error instanceof Error) || error instanceof UnavailableError) return error;
  if (error.name === 'ReplyError') {
    if (!OUTAGE_REPLY.test(error.message)) return error;
    return new UnavailableError('wake_ups_refused', `Redis cannot serve: ${error.message}`, { cause: error });
  }
  const isOut = redis.status !== 'ready' || ('code' in error && typeof error.code === 'string');
  if (!isOut) return error;
  return new UnavailableError('wake_ups_unreachable', `the connection to Redis broke: ${error.message}`, {
    cause: error,
  });
}
