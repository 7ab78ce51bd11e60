import type { OperatingSignal, Rollup } from '@songma/domain';

/**
 * Whether a source operated in an hour: `on` as far as is known all the time, `partly`, or `off`. `unknown`: there is
 * no signal, or it is silent; the source is then taken to operate, or a silent signal would excuse everything.
 */
export type Operation = 'on' | 'partly' | 'off' | 'unknown';

/** What the signal's meter showed in the hour; undefined where nothing is known. */
export function operationOf(
  signal: OperatingSignal | undefined,
  hour: Pick<Rollup, 'min' | 'max'> | undefined,
): Operation {
  const { min = null, max = null } = hour ?? {};
  if (signal === undefined || min === null || max === null) return 'unknown';
  const { above, below } = signal;
  const [ever, always] = above === undefined ? [min < below!, max < below!] : [max > above, min > above];
  if (!ever) return 'off';
  return always ? 'on' : 'partly';
}
