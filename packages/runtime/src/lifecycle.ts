import { ConfigError, configExitCode } from './errors.ts';
import { boundHeapGrowth } from './heap.ts';
import type { Logger } from './logger.ts';
import { makeFilesPrivate } from './private-files.ts';
import { pause } from './retry.ts';
import { loadConfig, type Settings, type SettingsOf } from './settings.ts';

/** What may be opened: both members are optional. */
interface Closable {
  close?: () => unknown;
  /** Resolves at a wanted end; a rejection is fatal to the process. */
  readonly closed?: Promise<void> | undefined;
}

/** The opened parts of a process. */
export interface Life {
  /**
   * Opens a part and keeps it until the process stops. Parts are closed in reverse order of opening.
   * @throws the signal's reason once the process is stopping: nothing new is opened then
   */
  open<T>(name: string, open: () => T | Promise<T>): Promise<T>;
  /** Aborts as soon as the process is asked to stop, or has to. */
  readonly stopping: AbortSignal;
}

const closeDeadlineMsDefault = 20_000;
/** How long a stop waits for what is being opened, before it closes what is open. */
const startGraceMs = 3_000;

/**
 * The edge of a process: opens its parts by `start`, then runs until SIGINT, SIGTERM or a fatal error, then closes
 * the parts in reverse order and ends the process.
 *
 * Exit codes: 0 after a clean stop that was asked for; 78 for a {@link ConfigError}, whose problems are printed
 * plainly; 1 for everything else (a bug, a part that died, a part that did not close within the deadline).
 * A second signal ends the process at once. What the process writes is for its owner only.
 */
export async function run(
  logger: Logger,
  start: (life: Life) => Promise<void>,
  options: { readonly closeDeadlineMs?: number } = {},
): Promise<never> {
  makeFilesPrivate();
  boundHeapGrowth();
  const stop = new AbortController();
  const parts: { name: string; part: unknown }[] = [];
  let failure: { error: unknown } | undefined;

  const fail = (error: unknown, during: string) => {
    // What comes after the first failure, or while stopping, is mostly its consequence.
    if (failure === undefined) {
      failure = { error };
      report(logger, error, during);
    } else {
      logger.error({ err: error }, during);
    }
    stop.abort(new Error('the process is stopping'));
  };
  const onSignal = (signal: NodeJS.Signals) => {
    if (stop.signal.aborted) {
      logger.warn({ signal }, 'second signal: ending at once');
      process.exit(failure === undefined ? 130 : exitCodeOf(failure.error));
    }
    logger.info({ signal }, 'stopping');
    stop.abort(new Error(`the process is stopping (${signal})`));
  };
  process.on('SIGINT', onSignal).on('SIGTERM', onSignal);
  process.on('uncaughtException', (error) => fail(error, 'uncaught error'));
  process.on('unhandledRejection', (error) => fail(error, 'unhandled rejection'));

  // A process whose parts hold nothing open would end here, with its top-level await unsettled.
  setInterval(() => undefined, 2 ** 30);

  const life: Life = {
    stopping: stop.signal,
    async open(name, open) {
      stop.signal.throwIfAborted();
      const part = await open();
      parts.push({ name, part });
      watch(part, (error) => fail(error, `${name} died`));
      logger.debug({ part: name }, 'opened');
      return part;
    },
  };

  const started = start(life).catch((error: unknown) => {
    if (!stop.signal.aborted) fail(error, 'start failed');
  });
  await aborted(stop.signal);
  const closed = await closeParts(logger, started, parts, options.closeDeadlineMs ?? closeDeadlineMsDefault);
  if (failure === undefined && closed) logger.info('stopped');
  process.exit(failure !== undefined ? exitCodeOf(failure.error) : closed ? 0 : 1);
}

/** {@link loadConfig} for the first line of a `main.ts`: prints the problems and ends the process with 78. */
export function loadConfigOrExit<S extends Settings>(settings: S, env: NodeJS.ProcessEnv): SettingsOf<S> {
  try {
    return loadConfig(settings, env);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    printProblems(error);
    process.exit(configExitCode);
  }
}

/** @returns whether every part closed cleanly and in time */
async function closeParts(
  logger: Logger,
  started: Promise<void>,
  parts: { name: string; part: unknown }[],
  deadlineMs: number,
): Promise<boolean> {
  let closing = 'start';
  const deadline = new Promise<'late'>((resolve) => setTimeout(resolve, deadlineMs, 'late' as const));
  const close = async () => {
    let clean = true;
    // A part that is being opened when the stop comes is in the list only once `start` has settled.
    await Promise.race([started, pause(startGraceMs)]);
    for (let entry = parts.pop(); entry !== undefined; entry = parts.pop()) {
      closing = entry.name;
      try {
        await (entry.part as Closable | null | undefined)?.close?.();
      } catch (error) {
        clean = false;
        logger.error({ err: error, part: entry.name }, 'a part did not close cleanly');
      }
    }
    return clean;
  };
  const outcome = await Promise.race([close(), deadline]);
  if (outcome === 'late') logger.error({ part: closing, deadlineMs }, 'a part did not close in time');
  return outcome === true;
}

function watch(part: unknown, onDeath: (error: unknown) => void): void {
  const closed = (part as Closable | null | undefined)?.closed;
  if (closed instanceof Promise) closed.catch(onDeath);
}

function report(logger: Logger, error: unknown, during: string): void {
  if (error instanceof ConfigError) printProblems(error);
  else logger.fatal({ err: error }, during);
}

function printProblems(error: ConfigError): void {
  process.stderr.write(`This cannot run as it is set up:\n\n${error.message.replace(/^/gm, '  ')}\n\n`);
}

function exitCodeOf(error: unknown): number {
  return error instanceof ConfigError ? configExitCode : 1;
}

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}
