import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { accessSync, constants } from 'node:fs';
import { open, readFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { lastLines } from './processes.ts';
import type { Owner } from './settings.ts';

const TOOL_TIMEOUT_MS = 30 * 60_000;
const ERROR_LINES = 15;

/** A program of the machine that is needed, with what to say when it is not there. */
export interface NeededTool {
  command: string;
  neededFor: string;
  wayOut: string;
}

/** How a tool is run. */
export interface ToolRun {
  cwd: string;
  /** Takes standard output and standard error. */
  logFile: string;
  /** Added to this process's environment. */
  env?: NodeJS.ProcessEnv;
  owner?: Owner | undefined;
}

/**
 * Paths of the needed tools, in the order asked for.
 *
 * @throws Error that names every missing one and the way out.
 */
export function requireTools(tools: readonly NeededTool[]): string[] {
  const paths = tools.map((tool) => findOnPath(tool.command));
  const missing = tools.filter((_, index) => paths[index] === undefined);
  if (missing.length > 0) {
    const lines = missing.map((tool) => `${tool.command} is missing (${tool.neededFor}): ${tool.wayOut}`);
    throw new Error(lines.join('\n'));
  }
  return paths.filter((path) => path !== undefined);
}

/** Path of an executable file of that name in `PATH`, or undefined. */
export function findOnPath(command: string, path = process.env.PATH ?? ''): string | undefined {
  return path
    .split(delimiter)
    .map((folder) => join(folder, command))
    .find(isExecutable);
}

/**
 * Runs a program to its end and resolves to what it wrote.
 *
 * @throws Error with its last lines when it fails or takes more than thirty minutes.
 */
export async function runTool(file: string, args: readonly string[], run: ToolRun): Promise<string> {
  const log = await open(run.logFile, 'w');
  try {
    const child = spawn(file, args, {
      cwd: run.cwd,
      env: { ...process.env, ...run.env },
      stdio: ['ignore', log.fd, log.fd],
      timeout: TOOL_TIMEOUT_MS,
      ...run.owner,
    });
    await once(child, 'close');
    if (child.exitCode !== 0) {
      const how = child.signalCode ?? `exit ${child.exitCode}`;
      const said = await lastLines(run.logFile, ERROR_LINES);
      throw new Error(`${file} ${args[0]} failed (${how}), log ${run.logFile}:\n${said}`);
    }
  } finally {
    await log.close();
  }
  return readFile(run.logFile, 'utf8');
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
