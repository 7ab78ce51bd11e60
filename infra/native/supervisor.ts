import { access, chmod, chown, mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { withLock } from './lock.ts';
import { endProcess, isProcess, lastLines, readProcessState, startDetached } from './processes.ts';
import type { ProcessState } from './processes.ts';
import { isPortTaken } from './probes.ts';
import { reasonOf } from './reason.ts';
import type { ServerRecipe } from './server-recipe.ts';
import type { NativeSettings } from './settings.ts';

/** Takes a line about what is going on, for people. */
export type OnProgress = (line: string) => void;

const ANSWER_TIMEOUT_MS = 1_000;
const ANSWER_RETRY_MS = 100;
const ERROR_LINES = 15;

/**
 * Brings a server's programs if they are not there, starts it if it does not run, and resolves once it answers.
 *
 * Processes that call this at the same time take turns; those that come second find the server running.
 *
 * @throws Error that says what is missing, or why the server did not come up, with the last lines of its log.
 */
export async function startRecipe(
  recipe: ServerRecipe,
  settings: NativeSettings,
  onProgress: OnProgress,
): Promise<void> {
  await locked(recipe, onProgress, async () => {
    const process = await processOf(recipe, settings);
    if (process.state === 'running') {
      await waitForAnswer(recipe, settings, process.pid);
      await recipe.settle();
      return;
    }
    await bringOnce(recipe, onProgress);
    await refuseTakenPort(recipe);
    await makeStateDir(recipe, settings);
    await recipe.prepare(settings.owner);
    const startedAt = Date.now();
    const pid = await startDetached({
      ...recipe.command(),
      cwd: recipe.stateDir,
      logFile: logFileOf(recipe, settings),
      pidFile: pidFileOf(recipe, settings),
      owner: settings.owner,
    });
    await waitForAnswer(recipe, settings, pid);
    await recipe.settle();
    onProgress(
      `${recipe.name}: answers on ${recipe.host}:${recipe.port} after ${seconds(startedAt)} (pid ${pid})`,
    );
  });
}

/** Ends a server: by SIGTERM and after its deadline by SIGKILL, or by SIGKILL at once. Not running is no error. */
export async function endRecipe(
  recipe: ServerRecipe,
  settings: NativeSettings,
  manner: 'stop' | 'kill',
  onProgress: OnProgress,
): Promise<void> {
  await locked(recipe, onProgress, async () => {
    const deadlineMs = manner === 'kill' ? 0 : recipe.stopDeadlineMs;
    const outcome = await endProcess(pidFileOf(recipe, settings), recipe.stateDir, deadlineMs);
    onProgress(`${recipe.name}: ${outcome}`);
  });
}

/** Whether the server's process runs. */
export async function processOf(recipe: ServerRecipe, settings: NativeSettings): Promise<ProcessState> {
  return readProcessState(pidFileOf(recipe, settings), recipe.stateDir);
}

/** Where the server's output goes. */
export function logFileOf(recipe: ServerRecipe, settings: NativeSettings): string {
  return join(settings.runDir, `${recipe.name}.log`);
}

function pidFileOf(recipe: ServerRecipe, settings: NativeSettings): string {
  return join(settings.runDir, `${recipe.name}.pid`);
}

async function locked(
  recipe: ServerRecipe,
  onProgress: OnProgress,
  action: () => Promise<void>,
): Promise<void> {
  const onWait = (): void =>
    onProgress(`${recipe.name}: waiting for another process that starts or stops it`);
  await withLock(recipe.stateDir, onWait, action);
}

/** A folder that is renamed when it is complete is never found half-filled. */
async function bringOnce(recipe: ServerRecipe, onProgress: OnProgress): Promise<void> {
  const onWait = (): void => onProgress(`${recipe.name}: waiting for another process that brings it`);
  await withLock(recipe.programDir, onWait, async () => {
    if (await isThere(recipe.programDir)) return;
    onProgress(`${recipe.name}: ${recipe.bringing}`);
    const startedAt = Date.now();
    const partial = `${recipe.programDir}.partial`;
    await rm(partial, { recursive: true, force: true });
    await makeReadableDir(partial);
    await recipe.bring(partial);
    await rename(partial, recipe.programDir);
    onProgress(`${recipe.name}: brought in ${seconds(startedAt)}`);
  });
}

async function makeStateDir(recipe: ServerRecipe, settings: NativeSettings): Promise<void> {
  await makeReadableDir(settings.runDir);
  await makeReadableDir(recipe.stateDir);
  if (settings.owner) await chown(recipe.stateDir, settings.owner.uid, settings.owner.gid);
}

/** Made readable whatever the caller's umask: another user may run the servers. */
async function makeReadableDir(path: string): Promise<void> {
  await mkdir(path, { recursive: true });
  await chmod(path, 0o755);
}

async function refuseTakenPort(recipe: ServerRecipe): Promise<void> {
  if (!(await isPortTaken(recipe.host, recipe.port, ANSWER_TIMEOUT_MS))) return;
  throw new Error(
    `${recipe.name}: port ${recipe.port} is taken by a program that was not started from here; ` +
      'end it, or move all ports with SONGMA_NATIVE_PORT_OFFSET',
  );
}

async function waitForAnswer(recipe: ServerRecipe, settings: NativeSettings, pid: number): Promise<void> {
  const deadline = Date.now() + recipe.startDeadlineMs;
  for (;;) {
    const refusal = await recipe.answers(ANSWER_TIMEOUT_MS).then(() => undefined, reasonOf);
    if (refusal === undefined) return;
    const isAlive = await isProcess(pid, recipe.stateDir);
    if (!isAlive || Date.now() > deadline) {
      const log = logFileOf(recipe, settings);
      const what = isAlive
        ? `gives no answer in ${recipe.startDeadlineMs} ms (${refusal})`
        : 'has ended at its start';
      throw new Error(`${recipe.name}: ${what}, log ${log}:\n${await lastLines(log, ERROR_LINES)}`);
    }
    await delay(ANSWER_RETRY_MS);
  }
}

async function isThere(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

function seconds(startedAt: number): string {
  return `${((Date.now() - startedAt) / 1_000).toFixed(1)} s`;
}
