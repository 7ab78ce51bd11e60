import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { probeRedis } from './probes.ts';
import type { ServerRecipe } from './server-recipe.ts';
import { serverEnvironment } from './server-recipe.ts';
import type { NativeSettings } from './settings.ts';
import { LOOPBACK } from './settings.ts';
import { requireTools, runTool } from './tools.ts';

const SHARED_CONF = join(import.meta.dirname, '..', 'redis', 'redis.conf');

const OWN_SERVER = 'or name a server of your own in REDIS_URL';
const DEBIAN_TOOLS = [
  {
    command: 'apt-get',
    neededFor: "Redis is taken from Debian's package",
    wayOut: `use a Debian or Ubuntu machine, ${OWN_SERVER}`,
  },
  {
    command: 'apt-cache',
    neededFor: 'it lists the libraries of Redis',
    wayOut: `install apt, ${OWN_SERVER}`,
  },
  { command: 'dpkg', neededFor: 'it unpacks Redis', wayOut: `install dpkg, ${OWN_SERVER}` },
];

/**
 * Redis from Debian's packages, unpacked into the cache with its libraries: nothing is installed on the machine,
 * so no root is needed and no system service is started. The archive keeps only its newest build, so the version
 * is the one that the Debian release has (7.0 in bookworm).
 */
export function redisRecipe(settings: NativeSettings): ServerRecipe {
  const programDir = join(settings.programsDir, 'redis-debian');
  const stateDir = join(settings.runDir, 'redis');
  const confFile = join(stateDir, 'redis.conf');
  const port = settings.ports.redis;

  return {
    name: 'redis',
    host: LOOPBACK,
    port,
    programDir,
    stateDir,
    startDeadlineMs: 30_000,
    stopDeadlineMs: 15_000,
    bringing: "fetching Redis from Debian's packages (a few seconds)",

    async bring(folder) {
      const [aptGet = '', aptCache = '', dpkg = ''] = requireTools(DEBIAN_TOOLS);
      const apt = await privateAptOptions(folder);
      const run = { cwd: folder, logFile: join(folder, 'fetch.log') };
      await runTool(aptGet, [...apt, 'update'], run);
      const depends = await runTool(aptCache, [...apt, 'depends', '--important', 'redis-tools'], run);
      const packages = ['redis-server', 'redis-tools', ...librariesOf(depends)];
      await runTool(aptGet, [...apt, 'download', ...packages], run);
      for (const file of await readdir(folder)) {
        if (!file.endsWith('.deb')) continue;
        await runTool(dpkg, ['-x', file, folder], run);
        await rm(join(folder, file));
      }
      await rm(join(folder, 'apt'), { recursive: true });
    },

    async prepare() {
      const shared = await readFile(SHARED_CONF, 'utf8');
      await writeFile(confFile, `${shared}\n${nodeConf(port, stateDir)}`);
    },

    command() {
      const env = { ...serverEnvironment(stateDir), LD_LIBRARY_PATH: libraryPath(programDir) };
      return { file: join(programDir, 'usr', 'bin', 'redis-server'), args: [confFile], env };
    },

    async answers(timeoutMs) {
      await probeRedis({ url: `redis://${LOOPBACK}:${port}` }, timeoutMs);
    },

    async settle() {},
  };
}

/** The part of Redis's settings that belongs to this one server. */
export function nodeConf(port: number, stateDir: string): string {
  return [
    '# This server',
    `bind ${LOOPBACK}`,
    `port ${port}`,
    `dir ${stateDir}`,
    'daemonize no',
    '# Keeps the command line as it was given, by which the process is known again.',
    'set-proc-title no',
    '',
  ].join('\n');
}

/**
 * The libraries in the output of `apt-cache depends`, alternatives included. The C library stays the machine's own,
 * which the packages of its release are built for.
 */
export function librariesOf(depends: string): string[] {
  const matches = depends.matchAll(/^ [ |]Depends: (lib[\w.+-]+)$/gm);
  return [...matches].map((match) => match[1] ?? '').filter((name) => name !== 'libc6');
}

/** Package lists and archives of apt in a folder of our own: needs no root and leaves the machine's as they are. */
async function privateAptOptions(folder: string): Promise<string[]> {
  const lists = join(folder, 'apt', 'lists');
  const cache = join(folder, 'apt', 'cache');
  await mkdir(join(lists, 'partial'), { recursive: true });
  await mkdir(join(cache, 'archives', 'partial'), { recursive: true });
  return [
    '-o',
    `Dir::State::Lists=${lists}`,
    '-o',
    `Dir::Cache=${cache}`,
    '-o',
    'APT::Sandbox::User=',
    '-qq',
  ];
}

/** Debian puts libraries into a folder per machine type. */
function libraryPath(programDir: string): string {
  const triplet = { x64: 'x86_64-linux-gnu', arm64: 'aarch64-linux-gnu' }[process.arch as string] ?? '';
  return [join(programDir, 'usr', 'lib', triplet), join(programDir, 'lib', triplet)].join(':');
}
