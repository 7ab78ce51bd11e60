import { shardOf, type ReadingBlock } from '@songma/domain';
import type { SeriesStore } from '@songma/series-store';
import { hourMs, minuteMs, valueOf, type World, type WorldSite } from '../support/world.ts';

export const metersPerSite = 50;
export const stepMs = 15 * minuteMs;
export const dayMs = 24 * hourMs;
export const stepsPerDay = dayMs / stepMs;
const daysPerBlock = 20;
/** What a corrected day says more, at each step. A counter is moved by as much all day. */
const corrections = { electricity: 5, production: 0.1, water: 0.005, dust: 1, gas: 1 } as const;

/** A world whose meters were read for years, and the days that were corrected since. */
export interface Filled {
  readonly world: World;
  readonly steps: number;
  /** Days that were corrected, by site. */
  readonly corrected: ReadonlyMap<number, Set<number>>;
}

/** Puts the history into the store by its own port, as the writer would: it is then due for the worker. */
export async function fill(
  store: SeriesStore,
  { world, steps }: Filled,
  progress: (line: string) => void,
): Promise<void> {
  const stepsPerBlock = daysPerBlock * stepsPerDay;
  let knownUs = world.spec.from * 1000;
  for (let first = 0; first < steps; first += stepsPerBlock) {
    const count = Math.min(stepsPerBlock, steps - first);
    await store.write(
      world.sites.map((site) => ({
        shard: shardOf(site.enterprise),
        block: blockOf(world, site, first, count, ++knownUs),
      })),
    );
    if ((first / stepsPerBlock) % 20 === 0) progress(`filled ${Math.round((100 * first) / steps)} %`);
  }
}

function blockOf(
  { spec }: World,
  { id, index, meters }: WorldSite,
  first: number,
  count: number,
  knownUs: number,
): ReadingBlock {
  const length = meters.length * count;
  const meterAt = (row: number) => Math.floor(row / count);
  const stepAt = (row: number) => first + (row % count);
  return {
    site: id,
    batch: `fill-${first}`,
    apiKey: 'fill',
    knownUs,
    part: 0,
    parts: 1,
    meters: meters.map((meter) => meter.id),
    meterIndex: Uint32Array.from({ length }, (_, row) => meterAt(row)),
    times: Float64Array.from({ length }, (_, row) => spec.from + stepAt(row) * stepMs),
    values: Float64Array.from({ length }, (_, row) =>
      valueOf(spec, index, meterAt(row), meters[meterAt(row)]!.role, stepAt(row)),
    ),
    flags: new Uint8Array(length),
    rows: Uint32Array.from({ length }, (_, row) => row),
  };
}

/** What a meter says at a step, as it is known now. */
export function valueAt({ world, corrected }: Filled, site: WorldSite, meter: number, step: number): number {
  const { role } = site.meters[meter]!;
  const value = valueOf(world.spec, site.index, meter, role, step);
  return corrected.get(site.index)!.has(Math.floor(step / stepsPerDay)) ? value + corrections[role] : value;
}

/** What the meters of a role counted in `[first, end)`. */
export function amount(
  filled: Filled,
  sites: readonly WorldSite[],
  role: 'electricity' | 'production' | 'water',
  [first, end]: readonly [number, number],
): number {
  let sum = 0;
  for (const site of sites) {
    for (const [meter, { role: is }] of site.meters.entries()) {
      if (is !== role) continue;
      if (role === 'water') sum += valueAt(filled, site, meter, end) - valueAt(filled, site, meter, first);
      else for (let step = first; step < end; step++) sum += valueAt(filled, site, meter, step);
    }
  }
  return sum;
}
