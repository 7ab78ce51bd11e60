import { defineConfig } from 'vitest/config';

const systems = ['test/e2e/**/*.test.ts', 'test/bench/**/*.test.ts', 'test/walkthrough.test.ts'];
const faults = ['test/faults/**/*.test.ts'];
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
          exclude: [...systems, ...faults],
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
      {
        // Faults wait most of their time for something to end or to come back, so two go side by side: those of the
        // servers have servers of their own.
        test: {
          name: 'faults',
          include: faults,
          pool: 'forks',
          maxWorkers: 2,
          testTimeout: minuteMs,
          hookTimeout: minuteMs,
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
});
