import type { NativeSettings, ServerName } from './settings.ts';
import { INFLUX_BUCKET, INFLUX_ORG, LOOPBACK } from './settings.ts';

/** Connection settings of all servers, as the services take them. */
export interface NativeServers {
  kafka: { brokers: string[] };
  influx: { url: string; org: string; bucket: string; token: string };
  redis: { url: string };
}

/** How one server is reached, or why that is not known. */
export type Connection<Name extends ServerName> = {
  /** `environment`: given by variables and not ours to start or stop. `native`: started by this folder. */
  origin: 'environment' | 'native';
  /** For people; holds no secret. */
  address: string;
} & ({ settings: NativeServers[Name] } | { problem: string });

/** A connection for each server. */
export type Connections = { [Name in ServerName]: Connection<Name> };

const INFLUX_VARIABLES = ['INFLUX_URL', 'INFLUX_TOKEN', 'INFLUX_ORG', 'INFLUX_BUCKET'] as const;

/**
 * How each server is reached: as `KAFKA_BROKERS`, the four `INFLUX_…` and `REDIS_URL` say, else natively.
 *
 * Variables that name the native server's own address (this folder prints such ones) leave it a native one.
 * InfluxDB's variables are taken all four together; some of them without the others is a problem, since half of
 * one server and half of another is never meant.
 */
export function serverConnections(
  env: NodeJS.ProcessEnv,
  native: NativeSettings,
  nativeInfluxToken: string | undefined,
): Connections {
  return {
    kafka: kafkaConnection(env, native),
    influx: influxConnection(env, native, nativeInfluxToken),
    redis: redisConnection(env, native),
  };
}

/** Lines `NAME=value` that give services and tests these settings; no value needs quoting in a shell. */
export function environmentLines(servers: NativeServers): string[] {
  return [
    `KAFKA_BROKERS=${servers.kafka.brokers.join(',')}`,
    `INFLUX_URL=${servers.influx.url}`,
    `INFLUX_TOKEN=${servers.influx.token}`,
    `INFLUX_ORG=${servers.influx.org}`,
    `INFLUX_BUCKET=${servers.influx.bucket}`,
    `REDIS_URL=${servers.redis.url}`,
  ];
}

function kafkaConnection(env: NodeJS.ProcessEnv, native: NativeSettings): Connection<'kafka'> {
  const nativeBroker = `${LOOPBACK}:${native.ports.kafka}`;
  const brokers = (env.KAFKA_BROKERS || nativeBroker)
    .split(',')
    .map((broker) => broker.trim())
    .filter((broker) => broker !== '');
  const address = brokers.join(',');
  return { origin: originOf(address, nativeBroker), address, settings: { brokers } };
}

function influxConnection(
  env: NodeJS.ProcessEnv,
  native: NativeSettings,
  nativeToken: string | undefined,
): Connection<'influx'> {
  const nativeUrl = `http://${LOOPBACK}:${native.ports.influx}`;
  const { INFLUX_URL: url, INFLUX_TOKEN: token, INFLUX_ORG: org, INFLUX_BUCKET: bucket } = env;
  if (url && token && org && bucket) {
    const address = url.replace(/\/+$/, '');
    return { origin: originOf(address, nativeUrl), address, settings: { url: address, org, bucket, token } };
  }
  const missing = INFLUX_VARIABLES.filter((name) => !env[name]);
  if (missing.length < INFLUX_VARIABLES.length) {
    const problem = `of the variables ${INFLUX_VARIABLES.join(', ')} only some are set; missing: ${missing.join(', ')}`;
    return { origin: 'environment', address: url || 'unknown', problem };
  }
  if (nativeToken === undefined) {
    return {
      origin: 'native',
      address: nativeUrl,
      problem: 'it has never been set up: there is no token yet',
    };
  }
  const settings = { url: nativeUrl, org: INFLUX_ORG, bucket: INFLUX_BUCKET, token: nativeToken };
  return { origin: 'native', address: nativeUrl, settings };
}

function redisConnection(env: NodeJS.ProcessEnv, native: NativeSettings): Connection<'redis'> {
  const nativeUrl = `redis://${LOOPBACK}:${native.ports.redis}`;
  const url = env.REDIS_URL || nativeUrl;
  return { origin: originOf(url, nativeUrl), address: withoutPassword(url), settings: { url } };
}

function originOf(address: string, nativeAddress: string): 'environment' | 'native' {
  return address === nativeAddress ? 'native' : 'environment';
}

function withoutPassword(url: string): string {
  return url.replace(/\/\/[^@/]*@/, '//***@');
}
