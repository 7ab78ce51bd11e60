import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { open, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import type { Owner } from './settings.ts';

const POLL_MS = 50;

/** What a pid file says about its process. */
export type ProcessState =
  | { state: 'running'; pid: number }
  /** The file is there, but its process has ended or the number belongs to another program now. */
  | { state: 'stale'; pid: number }
  | { state: 'absent' };

/** A process to run on by itself. */
export interface DetachedCommand {
  file: string;
  args: readonly string[];
  env: NodeJS.ProcessEnv;
  /** Working directory. */
  cwd: string;
  /** Takes standard output and standard error; the log of the run before is kept beside it as `….1`. */
  logFile: string;
  pidFile: string;
  owner: Owner | undefined;
}

/**
 * Whether a process with this pid runs and has `mark` on its command line.
 *
 * Pids are used again, after a restart of the machine even soon: the number alone proves nothing. A process that
 * has ended and waits for its parent has an empty command line and counts as ended.
 */
export async function isProcess(pid: number, mark: string): Promise<boolean> {
  const commandLine = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
  return commandLine.split('\0').some((argument) => argument.includes(mark));
}

/** Reads a pid file and looks whether its process still is what it was. */
export async function readProcessState(pidFile: string, mark: string): Promise<ProcessState> {
  const text = await readFile(pidFile, 'utf8').catch(() => undefined);
  if (text === undefined) return { state: 'absent' };
  const pid = Number.parseInt(text, 10);
  return { state: (await isProcess(pid, mark)) ? 'running' : 'stale', pid };
}

/** Starts a process that outlives this one, and resolves to its pid once it has been spawned. */
export async function startDetached(command: DetachedCommand): Promise<number> {
  await rename(command.logFile, `${command.logFile}.1`).catch(() => undefined);
  const log = await open(command.logFile, 'a');
  try {
    const child = spawn(command.file, command.args, {
      cwd: command.cwd,
      env: command.env,
      detached: true,
      stdio: ['ignore', log.fd, log.fd],
      ...command.owner,
    });
    await once(child, 'spawn');
    child.unref();
    if (child.pid === undefined) throw new Error(`${command.file} was started without a pid`);
    await writeFile(command.pidFile, `${child.pid}\n`);
    return child.pid;
  } finally {
    await log.close();
  }
}

/**
 * Ends the process of a pid file: by SIGTERM, and by SIGKILL when `deadlineMs` has passed (at once if it is 0).
 * Removes the file, a stale one too; never signals a process without the mark.
 */
export async function endProcess(
  pidFile: string,
  mark: string,
  deadlineMs: number,
): Promise<'terminated' | 'killed' | 'not running'> {
  const found = await readProcessState(pidFile, mark);
  let outcome: 'terminated' | 'killed' | 'not running' = 'not running';
  if (found.state === 'running') {
    outcome = 'terminated';
    if (deadlineMs === 0 || !(await signalAndWait(found.pid, mark, 'SIGTERM', deadlineMs))) {
      await signalAndWait(found.pid, mark, 'SIGKILL', Infinity);
      outcome = 'killed';
    }
  }
  await rm(pidFile, { force: true });
  return outcome;
}

/** The last lines of a log, for an error message; empty if there is no log. */
export async function lastLines(logFile: string, lineCount: number): Promise<string> {
  const text = await readFile(logFile, 'utf8').catch(() => '');
  return text.trimEnd().split('\n').slice(-lineCount).join('\n');
}

/** Resolves to whether the process has ended within the time. */
async function signalAndWait(
  pid: number,
  mark: string,
  signal: 'SIGTERM' | 'SIGKILL',
  deadlineMs: number,
): Promise<boolean> {
  const deadline = Date.now() + deadlineMs;
  sendSignal(pid, signal);
  while (await isProcess(pid, mark)) {
    if (Date.now() > deadline) return false;
    await delay(POLL_MS);
  }
  return true;
}

/** A process that ended a moment ago is no error. */
function sendSignal(pid: number, signal: 'SIGTERM' | 'SIGKILL'): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}
