import { access, mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { withLock } from './lock.ts';
import type { NativeSettings } from './settings.ts';
import type { OnProgress } from './supervisor.ts';
import { requireTools, runTool } from './tools.ts';

const TELEGRAF_VERSION = '1.37.2';
const TELEGRAF_PACKAGE = 'github.com/influxdata/telegraf/cmd/telegraf';

const BUILD_TOOLS = [
  { command: 'go', neededFor: 'Telegraf is built from its Go module', wayOut: 'install Go 1.25 or newer' },
];

/** What the recipes of `infra/telegraf` and the tests use: with all of its plug-ins it takes many minutes more. */
const PLUGINS = [
  'inputs.exec',
  'inputs.execd',
  'inputs.file',
  'inputs.modbus',
  'inputs.mqtt_consumer',
  'inputs.opcua',
  'inputs.s7comm',
  'outputs.file',
  'outputs.influxdb',
  'outputs.influxdb_v2',
  'parsers.csv',
  'parsers.influx',
  'parsers.json_v2',
  'parsers.value',
  'processors.converter',
  'processors.scale',
  'serializers.influx',
];

const GO_MOD = `module songma.local/telegraf

go 1.25

require github.com/influxdata/telegraf v${TELEGRAF_VERSION}
`;
const MAIN_GO = `package main

import _ "${TELEGRAF_PACKAGE}"

func main() {}
`;

function programFile(settings: NativeSettings): string {
  return join(settings.programsDir, `telegraf-${TELEGRAF_VERSION}`, 'telegraf');
}

/** Telegraf's program, or undefined as long as nobody has brought it. */
export async function telegrafProgram(settings: NativeSettings): Promise<string | undefined> {
  const file = programFile(settings);
  return access(file).then(
    () => file,
    () => undefined,
  );
}

/**
 * Brings Telegraf, once a machine, from its Go module.
 * @throws Error that names a missing tool, or has the last lines of the build
 */
export async function bringTelegraf(settings: NativeSettings, onProgress: OnProgress): Promise<string> {
  const file = programFile(settings);
  const folder = join(file, '..');
  const waiting = () => onProgress('telegraf: another process is bringing it');
  return withLock(folder, waiting, async () => {
    const found = await telegrafProgram(settings);
    if (found !== undefined) return found;
    const [go = ''] = requireTools(BUILD_TOOLS);
    onProgress(
      `telegraf: building ${TELEGRAF_VERSION} from its Go module (about three minutes on two cores)`,
    );
    const partial = `${folder}.partial`;
    await rm(partial, { recursive: true, force: true });
    await mkdir(partial, { recursive: true });
    await writeFile(join(partial, 'go.mod'), GO_MOD);
    await writeFile(join(partial, 'main.go'), MAIN_GO);
    const tags = ['custom', ...PLUGINS].join(',');
    const ldflags = `-s -w -X github.com/influxdata/telegraf/internal.Version=${TELEGRAF_VERSION}`;
    await runTool(
      go,
      [
        'build',
        '-mod=mod',
        '-trimpath',
        '-tags',
        tags,
        '-ldflags',
        ldflags,
        '-o',
        'telegraf',
        TELEGRAF_PACKAGE,
      ],
      { cwd: partial, logFile: join(partial, 'build.log') },
    );
    await rename(partial, folder);
    return file;
  });
}
