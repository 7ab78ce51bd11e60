import { expect, test } from 'vitest';
import { parseSwitches } from '../src/index.ts';

const names = ['empty', 'rebuild'] as const;

test('switches are on where they are named', () => {
  expect(parseSwitches(['--rebuild'], names, 'usage')).toEqual({ empty: false, rebuild: true });
  expect(parseSwitches([], names, 'usage')).toEqual({ empty: false, rebuild: false });
});

test.each([['--rebiuld'], ['rebuild'], ['--rebuild=yes']])('%s is refused with the usage', (argument) => {
  expect(() => parseSwitches([argument], names, 'pnpm start [--rebuild]')).toThrow(
    expect.objectContaining({
      problems: [expect.objectContaining({ setting: argument, remedy: 'pnpm start [--rebuild]' })],
    }),
  );
});
