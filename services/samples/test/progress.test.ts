import { Writable } from 'node:stream';
import { expect, it } from 'vitest';
import { historyProgress } from '../src/progress.ts';

it('the bar of the history leaves the cursor and the wrapping of lines as they were, however it ends', () => {
  let written = '';
  const stream = new Writable({
    write(chunk, _encoding, done) {
      written += String(chunk);
      done();
    },
  });
  const terminal = Object.assign(stream, { isTTY: true, columns: 80 }) as unknown as NodeJS.WriteStream;
  const progress = historyProgress(terminal);
  progress.start(90);
  progress.update(45, 1_000);
  expect(written).toContain('Sample plants');
  expect(written).not.toContain('\u001b[?25l');
  expect(written).not.toContain('\u001b[?7l');
  progress.stop(0, 1);
});
