import { adapterAvailability, titleOf } from './adapters.ts';
import type { Furnishing } from './system.ts';

export interface FurnishingUnderTest {
  readonly furnishing: Furnishing;
  /** Completes a suite's title, with the reason when it cannot run. */
  readonly title: string;
  readonly isAvailable: boolean;
}

/** Both furnishings: the cluster only where Kafka, InfluxDB and Redis answer. */
export async function furnishings(): Promise<FurnishingUnderTest[]> {
  const servers = await Promise.all([
    adapterAvailability('kafka'),
    adapterAvailability('influx'),
    adapterAvailability('redis'),
  ]);
  const missing = servers.find(({ available }) => !available);
  const name = 'on Kafka, InfluxDB and Redis';
  return [
    { furnishing: 'embedded', title: 'in one process', isAvailable: true },
    {
      furnishing: 'cluster',
      title: missing === undefined ? name : titleOf(name, missing),
      isAvailable: missing === undefined,
    },
  ];
}
