import { parseSwitches } from '@songma/runtime';

export interface Arguments {
  /** Start without the sample plants. */
  readonly empty: boolean;
  /** Set a damaged series store aside and fill a new one from the log before starting. */
  readonly rebuild: boolean;
  readonly help: boolean;
}

export const usage = `pnpm start [--empty] [--rebuild]

Runs all of Songma in one process, its data under ./data (or SONGMA_DATA), at http://localhost:8080 (or PORT).

  --empty     without the sample plants
  --rebuild   if the series store is damaged, set its file aside under another name and fill a new one with
              every reading that the log still has (14 days unless told otherwise); then start
  --help      this text

Settings are environment variables; .env.example lists them.`;

/** @throws ConfigError for an argument that is not known */
export function parseArguments(args: readonly string[]): Arguments {
  return parseSwitches(args, ['empty', 'rebuild', 'help'], usage);
}
