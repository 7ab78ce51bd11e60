import { Presets, SingleBar } from 'cli-progress';
import type { HistoryProgress } from './samples.ts';

const lineEveryMs = 5_000;

/** A bar on a terminal, a line every few seconds elsewhere. */
export function historyProgress(out: NodeJS.WriteStream): HistoryProgress {
  const done = (rows: number, seconds: number) => {
    if (rows > 0) {
      out.write(
        `Sample plants are up to date: ${rows.toLocaleString('en')} readings in ${seconds.toFixed(1)} s. Now live.\n`,
      );
    }
  };
  if (!out.isTTY) {
    let lastLine = 0;
    let total = 0;
    return {
      start: (days) => {
        total = days;
      },
      update: (days, rows) => {
        if (performance.now() - lastLine < lineEveryMs) return;
        lastLine = performance.now();
        out.write(
          `Sample plants: ${days.toFixed(0)} of ${total.toFixed(0)} days, ${rows.toLocaleString('en')} readings\n`,
        );
      },
      stop: done,
    };
  }
  const bar = new SingleBar(
    {
      stream: out,
      format: 'Sample plants {bar} {value}/{total} days | {rows} readings',
      // Whatever ends the process, there is nothing of the terminal to restore.
      hideCursor: false,
      linewrap: true,
      clearOnComplete: true,
    },
    Presets.shades_classic,
  );
  return {
    start: (days) => bar.start(Math.round(days), 0, { rows: 0 }),
    update: (days, rows) => bar.update(Math.round(days), { rows: rows.toLocaleString('en') }),
    stop: (rows, seconds) => {
      bar.stop();
      done(rows, seconds);
    },
  };
}
