import { defineConfig } from 'vitest/config';

const systems = [
  'test/openapi/**/*.test.ts',
  'test/e2e/**/*.test.ts',
  'test/bench/**/*.test.ts',
  'test/walkthrough.test.ts',
  'test/walkthrough/**/*.test.ts',
];
const faults = ['test/faults/**/*.test.ts'];
/** Ends what hangs. How fast things are is for the benchmarks to tell: here a slow machine has the time it needs. */
const patience = {
  testTimeout: 10 * 60_000,
  hookTimeout: 10 * 60_000,
  expect: { poll: { timeout: 60_000 } },
};

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
          ...patience,
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
          ...patience,
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
          ...patience,
          testTimeout: 3 * patience.testTimeout,
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
});
