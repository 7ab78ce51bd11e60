import { defineConfig } from 'vitest/config';

const faults = ['test/faults/**/*.test.ts', 'test/e2e/**/*.test.ts', 'test/walkthrough.test.ts'];
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
          exclude: faults,
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
          include: faults,
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
