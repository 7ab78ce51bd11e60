import type { SeriesStoreConfig } from '@songma/series-store';
import fc from 'fast-check';
import { roundsMax, type Lives } from './history-events.ts';
import { Plant, plantIds } from './history-plants.ts';
import { HistoryWorld, type Published } from './history-world.ts';

/** What came of histories: as they were lived, and in a world that heard of the same in order. */
export interface Outcome {
  readonly plants: readonly { readonly told: string; readonly lived: unknown; readonly clean: unknown }[];
  readonly published: Published;
}

/**
 * Lets plants live, each its history, and another world hear of the same in order: facts first, then every push once,
 * then computing once.
 */
export async function liveAll(
  { plants, works, factors, changesMax }: Lives,
  openStore: () => Promise<SeriesStoreConfig | undefined>,
): Promise<Outcome> {
  const [lived, clean] = await Promise.all([HistoryWorld.open(openStore), HistoryWorld.open(openStore)]);
  try {
    const all = plants.map((life, i) => new Plant(plantIds[i]!, life));
    await Promise.all([lived, clean].map((world) => world.register(all)));
    // The clean world hears of pushes and voids in their order, of other facts first, and computes once.
    const inOrder = factors.toSorted((a, b) => a.round - b.round);
    const facts = inOrder.map((one) => () => clean.tellFactor(one.value));
    const later: (() => Promise<unknown>)[] = [];
    for (let round = 0; round < roundsMax; round++) {
      for (const one of inOrder) if (one.round === round) await lived.tellFactor(one.value);
      const told = all.flatMap((plant) => plant.eventsOf(round));
      await lived.tell(told, round);
      facts.push(() => clean.tellFacts(told));
      later.push(() => clean.tellInOrder(told));
      if (works.includes(round)) await lived.settle(changesMax);
    }
    await lived.deliverRest();
    for (const tell of [...facts, ...later]) await tell();
    await Promise.all([lived.settle(changesMax), clean.settle(2_000)]);
    const [shown, wanted] = [await lived.shown(), await clean.shown()];
    return {
      plants: all.map(({ id }, i) => ({
        told: `${id} was told ${fc.stringify({ ...plants[i], works, factors, changesMax })}`,
        lived: shown.get(id),
        clean: wanted.get(id),
      })),
      published: await lived.published(),
    };
  } finally {
    await lived.close();
    await clean.close();
  }
}
