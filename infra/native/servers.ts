import { homedir } from 'node:os';
import type { Connection, NativeServers } from './connections.ts';
import { serverConnections } from './connections.ts';
import { influxRecipe, readInfluxToken } from './influx.ts';
import { kafkaRecipe } from './kafka.ts';
import { probeInflux, probeKafka, probeRedis } from './probes.ts';
import { reasonOf } from './reason.ts';
import { redisRecipe } from './redis.ts';
import type { ServerRecipe } from './server-recipe.ts';
import type { NativeSettings, ServerName } from './settings.ts';
import { nativeSettings, SERVER_NAMES } from './settings.ts';
import type { OnProgress } from './supervisor.ts';
import { endRecipe, startRecipe } from './supervisor.ts';

export type { NativeServers, OnProgress, ServerName };

/** Whether a server can be worked with right now, and how it is reached. */
export type ServerProbe<Name extends ServerName> = Pick<Connection<Name>, 'origin' | 'address'> &
  (
    | { reachable: true; settings: NativeServers[Name] }
    /** `reason` is a sentence part for people, such as the title of a skipped test. */
    | { reachable: false; reason: string }
  );

export type ServerProbes = { [Name in ServerName]: ServerProbe<Name> };

/** Time that `probeServers` gives each server; they are asked at the same time. */
const PROBE_TIMEOUT_MS = 700;

const RECIPES = { kafka: kafkaRecipe, influx: influxRecipe, redis: redisRecipe };

const silent: OnProgress = () => {};

/**
 * Answers in less than a second which servers can be worked with; never starts anything. A server that is
 * out of reach is a value with the reason, not an error.
 *
 * A server that `KAFKA_BROKERS`, the four `INFLUX_…` or `REDIS_URL` name is asked there, else on the native port.
 */
export async function probeServers(): Promise<ServerProbes> {
  const native = callersSettings();
  const token = await readInfluxToken(native);
  const { kafka, influx, redis } = serverConnections(process.env, native, token);
  const [kafkaProbe, influxProbe, redisProbe] = await Promise.all([
    probe(kafka, probeKafka),
    probe(influx, probeInflux),
    probe(redis, probeRedis),
  ]);
  return { kafka: kafkaProbe, influx: influxProbe, redis: redisProbe };
}

/**
 * Resolves to the settings of running servers, and starts those that do not run: brings their programs first,
 * which takes seconds for Kafka and Redis and five minutes for InfluxDB, once a machine.
 *
 * A server that the environment names is not started: it must answer.
 *
 * @param options.only the servers that are wanted; all by default.
 * @param options.onProgress takes a line about each long step.
 * @throws Error with one paragraph for each server that could not be had.
 */
export async function ensureServers<const Name extends ServerName = ServerName>(
  options: { only?: readonly Name[]; onProgress?: OnProgress } = {},
): Promise<Pick<NativeServers, Name>> {
  const names = options.only ?? SERVER_NAMES;
  const settings = callersSettings();
  const before = await probeServers();
  const toStart = names.filter((name) => !before[name].reachable && before[name].origin === 'native');
  const outcomes = await Promise.allSettled(
    toStart.map((name) => startRecipe(recipeOf(name, settings), settings, options.onProgress ?? silent)),
  );
  const failures = outcomes
    .filter((outcome) => outcome.status === 'rejected')
    .map((outcome) => outcome.reason);
  if (failures.length > 0) {
    throw new AggregateError(failures, failures.map((failure: Error) => failure.message).join('\n\n'));
  }
  return settingsOf(names, toStart.length > 0 ? await probeServers() : before);
}

/** Starts a native server and resolves once it answers; does nothing when it runs. */
export async function startServer(name: ServerName, onProgress: OnProgress = silent): Promise<void> {
  const settings = callersSettings();
  await startRecipe(recipeOf(name, settings), settings, onProgress);
}

/** Stops a native server in order (SIGTERM, after a deadline SIGKILL); does nothing when it does not run. */
export async function stopServer(name: ServerName, onProgress: OnProgress = silent): Promise<void> {
  const settings = callersSettings();
  await endRecipe(recipeOf(name, settings), settings, 'stop', onProgress);
}

/** Ends a native server by SIGKILL, as a crash would; does nothing when it does not run. */
export async function killServer(name: ServerName, onProgress: OnProgress = silent): Promise<void> {
  const settings = callersSettings();
  await endRecipe(recipeOf(name, settings), settings, 'kill', onProgress);
}

/** Stops a native server in order and starts it again; resolves once it answers. */
export async function restartServer(name: ServerName, onProgress: OnProgress = silent): Promise<void> {
  await stopServer(name, onProgress);
  await startServer(name, onProgress);
}

/** The settings that this process's environment and user give. */
export function callersSettings(): NativeSettings {
  return nativeSettings(process.env, { uid: process.getuid?.() ?? -1, homeDir: homedir() });
}

/** How a native server is brought, started and watched. */
export function recipeOf(name: ServerName, settings: NativeSettings): ServerRecipe {
  return RECIPES[name](settings);
}

async function probe<Name extends ServerName>(
  connection: Connection<Name>,
  ask: (settings: NativeServers[Name], timeoutMs: number) => Promise<void>,
): Promise<ServerProbe<Name>> {
  const { origin, address } = connection;
  if ('problem' in connection) return { origin, address, reachable: false, reason: connection.problem };
  return ask(connection.settings, PROBE_TIMEOUT_MS).then(
    () => ({ origin, address, reachable: true, settings: connection.settings }),
    (error: unknown) => ({ origin, address, reachable: false, reason: reasonOf(error) }),
  );
}

function settingsOf<Name extends ServerName>(
  names: readonly Name[],
  probes: ServerProbes,
): Pick<NativeServers, Name> {
  const unreachable = names.flatMap((name) => {
    const found: ServerProbe<ServerName> = probes[name];
    return found.reachable ? [] : [`${name} at ${found.address} cannot be worked with: ${found.reason}`];
  });
  if (unreachable.length > 0) throw new Error(unreachable.join('\n'));
  const settings = names.flatMap((name) => {
    const found: ServerProbe<ServerName> = probes[name];
    return found.reachable ? [[name, found.settings]] : [];
  });
  return Object.fromEntries(settings);
}
