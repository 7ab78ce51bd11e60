import { randomBytes } from 'node:crypto';
import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { probeInflux, probeInfluxHealth } from './probes.ts';
import { reasonOf } from './reason.ts';
import type { ServerRecipe } from './server-recipe.ts';
import { serverEnvironment } from './server-recipe.ts';
import type { NativeSettings } from './settings.ts';
import { INFLUX_BUCKET, INFLUX_ORG, influxTokenFile, LOOPBACK } from './settings.ts';
import { findOnPath, requireTools, runTool } from './tools.ts';

const INFLUX_VERSION = '2.9.1';
const INFLUXD_PACKAGE = 'github.com/influxdata/influxdb/v2/cmd/influxd';
/** InfluxData's wrapper, which builds the Rust part of Flux when the Go linker asks for it. */
const PKG_CONFIG_PACKAGE = 'github.com/influxdata/pkg-config@v0.2.7';

const SETUP_TIMEOUT_MS = 10_000;

const OWN_SERVER = 'or name a server of your own in INFLUX_URL, INFLUX_TOKEN, INFLUX_ORG and INFLUX_BUCKET';
const BUILD_TOOLS = [
  {
    command: 'go',
    neededFor: 'InfluxDB is built from its Go module',
    wayOut: `install Go 1.24 or newer, ${OWN_SERVER}`,
  },
  {
    command: 'cargo',
    neededFor: 'the Flux engine inside InfluxDB is written in Rust',
    wayOut: `install Rust with cargo, ${OWN_SERVER}`,
  },
  {
    command: 'gcc',
    neededFor: 'InfluxDB contains SQLite in C',
    wayOut: `install a C compiler (Debian: gcc libc6-dev), ${OWN_SERVER}`,
  },
  {
    command: 'pkg-config',
    neededFor: 'the Rust part of InfluxDB is found through it',
    wayOut: `install it (Debian: pkg-config), ${OWN_SERVER}`,
  },
];

/** A module whose only purpose is to require that version, so that its whole build list is resolved. */
const GO_MOD = `module songma.local/influxd

go 1.24

require github.com/influxdata/influxdb/v2 v${INFLUX_VERSION}
`;
const MAIN_GO = `package main

import _ "${INFLUXD_PACKAGE}"

func main() {}
`;

/** InfluxDB 2, built from its Go module (without the web interface), set up with one organisation and bucket. */
export function influxRecipe(settings: NativeSettings): ServerRecipe {
  const programDir = join(settings.programsDir, `influxdb-${INFLUX_VERSION}`);
  const stateDir = join(settings.runDir, 'influx');
  const address = `${LOOPBACK}:${settings.ports.influx}`;
  const url = `http://${address}`;

  return {
    name: 'influx',
    host: LOOPBACK,
    port: settings.ports.influx,
    programDir,
    stateDir,
    startDeadlineMs: 60_000,
    stopDeadlineMs: 30_000,
    bringing: `building InfluxDB ${INFLUX_VERSION} from its Go module (about five minutes on two cores)`,

    async bring(folder) {
      const [go = ''] = requireTools(BUILD_TOOLS);
      await writeFile(join(folder, 'go.mod'), GO_MOD);
      await writeFile(join(folder, 'main.go'), MAIN_GO);
      const run = { cwd: folder, env: { GOBIN: folder } };
      await runTool(go, ['install', PKG_CONFIG_PACKAGE], { ...run, logFile: join(folder, 'pkg-config.log') });
      await runTool(
        go,
        ['build', '-mod=mod', '-tags', 'sqlite_foreign_keys,sqlite_json', '-o', 'influxd', INFLUXD_PACKAGE],
        {
          cwd: folder,
          logFile: join(folder, 'build.log'),
          env: { PKG_CONFIG: join(folder, 'pkg-config'), ...(await rustToolchain(folder)) },
        },
      );
    },

    async prepare() {},

    command() {
      const args = [
        `--http-bind-address=${address}`,
        `--bolt-path=${join(stateDir, 'influxd.bolt')}`,
        `--sqlite-path=${join(stateDir, 'influxd.sqlite')}`,
        `--engine-path=${join(stateDir, 'engine')}`,
        '--reporting-disabled',
        // Its sampling of every 4 KiB that are allocated takes an eighth of the server's time.
        '--pprof-disabled',
      ];
      return { file: join(programDir, 'influxd'), args, env: serverEnvironment(stateDir) };
    },

    async answers(timeoutMs) {
      await probeInfluxHealth(url, timeoutMs);
    },

    async settle() {
      if (await isFresh(url)) await setUp(url, await makeToken(settings));
      const token = (await readInfluxToken(settings)) ?? '';
      await probeInflux({ url, org: INFLUX_ORG, bucket: INFLUX_BUCKET, token }, SETUP_TIMEOUT_MS).catch(
        (cause) => {
          const wayOut = `put back ${influxTokenFile(settings)}, or stop it and remove ${stateDir} to begin anew`;
          throw new Error(`influx: its data were set up with another token (${reasonOf(cause)}); ${wayOut}`, {
            cause,
          });
        },
      );
    },
  };
}

/** The native InfluxDB's operator token, or undefined before its first start. */
export async function readInfluxToken(settings: NativeSettings): Promise<string | undefined> {
  return readFile(influxTokenFile(settings), 'utf8').then(
    (text) => text.trim(),
    () => undefined,
  );
}

/** Makes a token and keeps it before the server hears of it, so that a crash between the two loses nothing. */
async function makeToken(settings: NativeSettings): Promise<string> {
  const token = randomBytes(32).toString('base64url');
  const file = influxTokenFile(settings);
  await writeFile(`${file}.new`, `${token}\n`, { mode: 0o600 });
  await rename(`${file}.new`, file);
  return token;
}

/** Whether the server has no organisation and user yet. */
async function isFresh(url: string): Promise<boolean> {
  const response = await fetch(`${url}/api/v2/setup`, { signal: AbortSignal.timeout(SETUP_TIMEOUT_MS) });
  const { allowed }: { allowed: boolean } = JSON.parse(await response.text());
  return allowed;
}

/** @see https://docs.influxdata.com/influxdb/v2/api/ (setup) */
async function setUp(url: string, token: string): Promise<void> {
  const response = await fetch(`${url}/api/v2/setup`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      username: 'songma',
      password: randomBytes(24).toString('base64url'),
      org: INFLUX_ORG,
      bucket: INFLUX_BUCKET,
      retentionPeriodSeconds: 0,
      token,
    }),
    signal: AbortSignal.timeout(SETUP_TIMEOUT_MS),
  });
  if (!response.ok) throw new Error(`InfluxDB's set-up answers ${response.status}: ${await response.text()}`);
}

/**
 * Flux pins a Rust toolchain that is seldom installed. Where rustup manages Rust, the toolchain in use is named
 * instead (1.95 works); without rustup the pin has no effect.
 */
async function rustToolchain(folder: string): Promise<NodeJS.ProcessEnv> {
  const rustup = findOnPath('rustup');
  if (!rustup || process.env.RUSTUP_TOOLCHAIN) return {};
  const logFile = join(folder, 'rust.log');
  const answer = await runTool(rustup, ['show', 'active-toolchain'], { cwd: folder, logFile });
  const [toolchain = ''] = answer.split(/\s/);
  return { RUSTUP_TOOLCHAIN: toolchain };
}
