import { Presets, SingleBar } from 'cli-progress';
import type { PushProgress } from './push.ts';

/** The cursor and the wrapping of lines are left alone, so that there is nothing to restore whatever happens. */
export function progressBar(stream: NodeJS.WritableStream): PushProgress {
  const format = ' {bar} {percentage}% | {value}/{total} readings | {duration_formatted}';
  const single = new SingleBar(
    { stream, format, etaBuffer: 50, hideCursor: false, linewrap: true },
    Presets.shades_classic,
  );
  return {
    start: (total, done) => single.start(total, done),
    advance: (rows) => single.increment(rows),
    stop: () => single.stop(),
  };
}
