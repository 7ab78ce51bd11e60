import { parseArgs } from 'node:util';
import { ConfigError } from './errors.ts';

/**
 * Arguments of a process that are switches, such as `--rebuild`: which of them are there.
 *
 * @param usage what is told where an argument is not known
 * @throws ConfigError for an argument that is not known
 */
export function parseSwitches<N extends string>(
  args: readonly string[],
  names: readonly N[],
  usage: string,
): Readonly<Record<N, boolean>> {
  try {
    const options = Object.fromEntries(names.map((name) => [name, { type: 'boolean' as const }]));
    const { values } = parseArgs({ args: [...args], options });
    return Object.fromEntries(names.map((name) => [name, values[name] === true])) as Record<N, boolean>;
  } catch (error) {
    throw new ConfigError(
      [
        {
          setting: args.join(' '),
          problem: error instanceof Error ? error.message : String(error),
          remedy: usage,
        },
      ],
      { cause: error },
    );
  }
}
