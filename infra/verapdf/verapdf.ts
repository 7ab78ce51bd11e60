import { existsSync } from 'node:fs';
import { copyFile, mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { callersSettings } from '../native/servers.ts';
import { requireTools, runTool } from '../native/tools.ts';

const version = '1.30.2';
const tools = [
  {
    command: 'java',
    neededFor: 'veraPDF is a Java program',
    wayOut: 'install Java 17 or newer with its compiler',
  },
  { command: 'mvn', neededFor: 'veraPDF is taken from Maven', wayOut: 'install Maven' },
];

/** Whether veraPDF is on this machine, where tests look for it. */
export function hasVerapdf(): boolean {
  return existsSync(folder());
}

/** Brings veraPDF from Maven's artifacts, once a machine: some seconds. */
export async function bringVerapdf(): Promise<void> {
  if (hasVerapdf()) return;
  const [, mvn = ''] = requireTools(tools);
  const { programsDir } = callersSettings();
  await mkdir(programsDir, { recursive: true });
  const partial = await mkdtemp(`${folder()}.partial-`);
  await copyFile(join(import.meta.dirname, 'pom.xml'), join(partial, 'pom.xml'));
  await runTool(mvn, ['-q', '-B', 'dependency:copy-dependencies', '-DoutputDirectory=lib'], {
    cwd: partial,
    logFile: join(partial, 'maven.log'),
  });
  // Whoever was faster has the same: then this one is not needed.
  await rename(partial, folder()).catch(async () => rm(partial, { recursive: true }));
}

/** What the files break of a profile (`3a`: PDF/A-3a), a line each; empty when they are compliant. */
export async function verapdfFindings(
  profile: string,
  files: readonly string[],
  cwd: string,
): Promise<string> {
  const [java = ''] = requireTools(tools);
  const source = join(import.meta.dirname, 'Verify.java');
  return runTool(java, ['-cp', join(folder(), 'lib', '*'), source, profile, ...files], {
    cwd,
    logFile: join(cwd, 'verapdf.log'),
  });
}

function folder(): string {
  return join(callersSettings().programsDir, `verapdf-${version}`);
}
