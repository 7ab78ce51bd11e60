import type { Rollup } from '@songma/domain';

/** Numbers of a rollup in the order of the text. */
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
] as const satisfies readonly (keyof Rollup)[];

/**
 * What the name of the field, the measurement and the time do not say of a rollup: numbers joined by `,`, null empty.
 */
export function rollupText(rollup: Rollup): string {
  return numbers.map((name) => rollup[name] ?? '').join(',');
}

/** Reads what {@link rollupText} wrote. @throws Error for what another build wrote */
export function parseRollup(
  key: Pick<Rollup, 'site' | 'meter' | 'window' | 'start'>,
  content: string,
): Rollup {
  const parts = content.split(',');
  if (parts.length !== numbers.length) {
    const { site, meter, window, start } = key;
    throw new Error(
      `the rollup ${window} of meter "${meter}" of site "${site}" at ${new Date(start).toISOString()} has ` +
        `${parts.length} parts instead of ${numbers.length}: the bucket was written by another build of Songma. ` +
        'Name an empty one in INFLUX_BUCKET and start the writer with --rebuild.',
    );
  }
  const at = (index: number) => (parts[index] === '' ? null : Number(parts[index]));
  return {
    ...key,
    ...Object.fromEntries(numbers.map((name, index) => [name, at(index)])),
  } as Rollup;
}
