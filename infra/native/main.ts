import { parseArgs } from 'node:util';
import { environmentLines } from './connections.ts';
import type { ServerName } from './servers.ts';
import { callersSettings, ensureServers, probeServers, recipeOf, stopServer } from './servers.ts';
import { SERVER_NAMES } from './settings.ts';
import { logFileOf, processOf } from './supervisor.ts';
import { bringTelegraf } from './telegraf.ts';

const USAGE = `Usage: node infra/native/main.ts [up|down|status|env|telegraf] [kafka] [influx] [redis]

  up      bring and start the servers; resolves when they answer (the default)
  down    stop them
  status  what runs, where, and whether it answers; exit 1 unless all do
  env     the servers' settings as lines NAME=value, for a shell or an .env file
  telegraf  bring Telegraf, a client of the tests, and say where it is`;

const EXIT_FAILED = 1;
const EXIT_USAGE = 64;

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = EXIT_FAILED;
}

async function main(args: string[]): Promise<number> {
  const { positionals } = parseArgs({ args, allowPositionals: true });
  const [action = 'up', ...rest] = positionals;
  const named = SERVER_NAMES.filter((name) => rest.includes(name));
  if (named.length < rest.length) return printUsage();
  const names = rest.length > 0 ? named : SERVER_NAMES;
  switch (action) {
    case 'up':
      return up(names);
    case 'down':
      return down(names);
    case 'status':
      return status(names);
    case 'env':
      return printEnvironment();
    case 'telegraf':
      console.log(await bringTelegraf(callersSettings(), console.error));
      return 0;
    default:
      return printUsage();
  }
}

async function up(names: readonly ServerName[]): Promise<number> {
  await ensureServers({ only: names, onProgress: console.error });
  return status(names);
}

async function down(names: readonly ServerName[]): Promise<number> {
  await Promise.all(names.map((name) => stopServer(name, console.error)));
  return 0;
}

async function status(names: readonly ServerName[]): Promise<number> {
  const probes = await probeServers();
  for (const name of names) {
    const found = probes[name];
    const answer = found.reachable ? 'answers' : `does not answer: ${found.reason}`;
    const whose = found.origin === 'native' ? await nativeProcess(name) : 'given by the environment';
    console.log(`${name.padEnd(6)}  ${found.address}  ${answer}  (${whose})`);
  }
  return names.every((name) => probes[name].reachable) ? 0 : EXIT_FAILED;
}

async function nativeProcess(name: ServerName): Promise<string> {
  const settings = callersSettings();
  const recipe = recipeOf(name, settings);
  const found = await processOf(recipe, settings);
  if (found.state === 'absent') return 'not started';
  return `${found.state}, pid ${found.pid}, log ${logFileOf(recipe, settings)}`;
}

async function printEnvironment(): Promise<number> {
  const { kafka, influx, redis } = await probeServers();
  if (!kafka.reachable || !influx.reachable || !redis.reachable) {
    console.error('not all servers answer; start them with: pnpm infra:native up');
    return EXIT_FAILED;
  }
  const servers = { kafka: kafka.settings, influx: influx.settings, redis: redis.settings };
  console.log(environmentLines(servers).join('\n'));
  return 0;
}

function printUsage(): number {
  console.error(USAGE);
  return EXIT_USAGE;
}
