import { defineConfig } from 'vitest/config';

const systems = ['faults', 'e2e', 'bench']
  .map((part) => `test/${part}/**/*.test.ts`)
  .concat('test/walkthrough.test.ts');
const minuteMs = 60_000;

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'parts',
          include: [
            'packages/*/test/**/*.test.ts',
            'services/*/test/**/*.test.ts',
            'infra/**/*.test.ts',
            'test/**/*.test.ts',
          ],
          exclude: systems,
          pool: 'forks',
          maxWorkers: 2,
          testTimeout: minuteMs,
          hookTimeout: minuteMs,
          sequence: { groupOrder: 0 },
        },
      },
      {
        // Whole systems in processes of their own: one after the other, when everything else is done.
        test: {
          name: 'systems',
          include: systems,
          pool: 'forks',
          maxWorkers: 1,
          fileParallelism: false,
          testTimeout: minuteMs,
          hookTimeout: minuteMs,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
