/**
 * An expected outage: something that this process depends on does not answer, throttles it or has refused its
 * credentials. Whoever catches it may try again later; everything else that is thrown is a bug.
 */
export class UnavailableError extends Error {
  override readonly name = 'UnavailableError';
  /** Stable, snake_case: what is out. */
  readonly code: string;
  /** Least pause before the next attempt, where the other side has named one. */
  readonly retryAfterMs?: number;

  constructor(code: string, message: string, options: { cause?: unknown; retryAfterMs?: number } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    if (options.retryAfterMs !== undefined) this.retryAfterMs = options.retryAfterMs;
  }
}

/** One setting that cannot be used as it is. */
export interface SettingProblem {
  /** Name of the environment variable, or what else the user has to change. */
  readonly setting: string;
  readonly problem: string;
  /** What to do about it. */
  readonly remedy?: string;
}

/** The process cannot run as it was set up: every problem at once. Ends the process with {@link configExitCode}. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly problems: readonly SettingProblem[];

  constructor(problems: readonly SettingProblem[], options: { cause?: unknown } = {}) {
    super(
      problems.map(formatProblem).join('\n'),
      options.cause === undefined ? undefined : { cause: options.cause },
    );
    this.problems = problems;
  }
}

/** `EX_CONFIG` of sysexits.h: a supervisor need not try again. */
export const configExitCode = 78;

function formatProblem({ setting, problem, remedy }: SettingProblem): string {
  return remedy === undefined ? `${setting}: ${problem}` : `${setting}: ${problem}\n  ${remedy}`;
}
