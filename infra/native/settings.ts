import { createHash } from 'node:crypto';
import { join } from 'node:path';

/** The servers that Songma runs on at scale. */
export const SERVER_NAMES = ['kafka', 'influx', 'redis'] as const;

export type ServerName = (typeof SERVER_NAMES)[number];

/** The only host that a natively started server listens on. */
export const LOOPBACK = '127.0.0.1';

/** Organisation and bucket that a natively started InfluxDB is set up with. */
export const INFLUX_ORG = 'songma';
export const INFLUX_BUCKET = 'songma';

/** A user and group by number. */
export interface Owner {
  uid: number;
  gid: number;
}

/** Where the native servers live and listen. */
export interface NativeSettings {
  /** Programs, one folder per name and version; may be shared by several run directories. */
  programsDir: string;
  /** Data, logs, pid files and the InfluxDB token of one set of servers. */
  runDir: string;
  ports: { kafka: number; kafkaController: number; influx: number; redis: number };
  /** The unprivileged user that the servers run as when the caller is root, else undefined: the caller. */
  owner: Owner | undefined;
}

/** Who calls, as far as the settings depend on it. */
export interface Caller {
  uid: number;
  homeDir: string;
}

/** `nobody` and `nogroup` of Debian: the numbers that a file without an owner has. */
const NOBODY: Owner = { uid: 65_534, gid: 65_534 };

const PORT_OFFSET_MAX = 40_000;

/**
 * Settings of the native servers from `SONGMA_NATIVE_DIR`, `SONGMA_NATIVE_RUN_DIR` and
 * `SONGMA_NATIVE_PORT_OFFSET`, all optional.
 *
 * Root's home is closed to other users, and the servers run as one of them, so root's default directory is under
 * `/var/tmp`.
 *
 * @throws Error when the port offset is not a whole number from 0 to 40,000.
 */
export function nativeSettings(env: NodeJS.ProcessEnv, caller: Caller): NativeSettings {
  const isRoot = caller.uid === 0;
  const defaultDir = isRoot ? '/var/tmp/songma-native' : join(caller.homeDir, '.cache', 'songma-native');
  const programsDir = env.SONGMA_NATIVE_DIR || defaultDir;
  const offset = parsePortOffset(env.SONGMA_NATIVE_PORT_OFFSET);
  return {
    programsDir,
    runDir: env.SONGMA_NATIVE_RUN_DIR || join(programsDir, 'run'),
    ports: {
      kafka: 19_092 + offset,
      kafkaController: 19_093 + offset,
      influx: 18_086 + offset,
      redis: 16_379 + offset,
    },
    owner: isRoot ? NOBODY : undefined,
  };
}

/** File that holds the operator token of the native InfluxDB; readable by the caller only. */
export function influxTokenFile(settings: NativeSettings): string {
  return join(settings.runDir, 'influx-token');
}

/** A short name for a path, for places where paths are too long; equal paths give equal names. */
export function pathDigest(path: string): string {
  return createHash('sha256').update(path).digest('hex').slice(0, 32);
}

function parsePortOffset(text: string | undefined): number {
  const offset = Number(text || 0);
  if (!Number.isInteger(offset) || offset < 0 || offset > PORT_OFFSET_MAX) {
    throw new Error(
      `SONGMA_NATIVE_PORT_OFFSET must be a whole number from 0 to ${PORT_OFFSET_MAX}, not "${text}"`,
    );
  }
  return offset;
}
