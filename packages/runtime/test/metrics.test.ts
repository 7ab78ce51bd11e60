import { expect, it } from 'vitest';
import { createMetrics } from '../src/index.ts';

it('gives the same metric when a name is asked for twice', async () => {
  const metrics = createMetrics({ ofProcess: false });
  metrics.counter('things_total', 'Things', ['kind']).inc({ kind: 'a' });
  metrics.counter('things_total', 'Things', ['kind']).inc({ kind: 'a' }, 2);
  expect(await metrics.text()).toContain('things_total{kind="a"} 3');
});

it('keeps the metrics of two registries apart', async () => {
  const one = createMetrics({ ofProcess: false });
  const other = createMetrics({ ofProcess: false });
  one.gauge('depth', 'Depth').set(4);
  expect(await other.text()).not.toContain('depth 4');
});

it('tells memory and CPU of the process unless told otherwise', async () => {
  expect(await createMetrics().text()).toContain('process_resident_memory_bytes');
});
