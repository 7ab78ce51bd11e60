import type { Rollup } from '@songma/domain';

/**
 * Numbers of a rollup in the order of the text. Later builds add at the end: what an earlier one did not write is 0.
 */
const numbers = [
  'end',
  'count',
  'expected',
  'coveredMs',
  'coverage',
  'sum',
  'mean',
  'min',
  'max',
  'calibrating',
  'fault',
  'outOfRange',
  'spreadMs',
  'irregular',
  'revision',
  'quarters',
  'validSpanMs',
  'calibratingMs',
  'faultMs',
  'outOfRangeMs',
  'belowDetection',
  'validMs',
  'rules',
] as const satisfies readonly (keyof Rollup)[];

/** So many numbers the first build wrote that kept months. */
const numbersMin = numbers.indexOf('revision') + 1;

/**
 * What the name of the field, the measurement and the time do not say of a rollup: numbers joined by `,`, null empty.
 */
export function rollupText(rollup: Rollup): string {
  return numbers.map((name) => rollup[name] ?? '').join(',');
}

/** Reads what {@link rollupText} of this build or of an earlier one wrote. @throws Error for anything else */
export function parseRollup(
  key: Pick<Rollup, 'site' | 'meter' | 'window' | 'start'>,
  content: string,
): Rollup {
  const parts = content.split(',');
  if (parts.length < numbersMin || parts.length > numbers.length) {
    const { site, meter, window, start } = key;
    throw new Error(
      `the rollup ${window} of meter "${meter}" of site "${site}" at ${new Date(start).toISOString()} has ` +
        `${parts.length} parts instead of ${numbersMin} to ${numbers.length}: the bucket was written by a later build ` +
        'of Songma. Run that build, or name an empty bucket in INFLUX_BUCKET and start the writer with --rebuild.',
    );
  }
  const rollup: Record<string, unknown> = { ...key };
  for (const [index, name] of numbers.entries()) {
    const part = parts[index];
    rollup[name] = part === '' ? null : Number(part ?? 0);
  }
  return rollup as unknown as Rollup;
}
