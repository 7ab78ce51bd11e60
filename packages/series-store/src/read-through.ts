import type { ReadQuery, SeriesChunk, SeriesStore } from './port.ts';

/**
 * The store with what `read` gives seen through `see`: facts that are not the store's change what a reading is worth.
 * Everything else is the store's own.
 */
export function readThrough(
  store: SeriesStore,
  see: (chunk: SeriesChunk, query: ReadQuery) => SeriesChunk | Promise<SeriesChunk>,
): SeriesStore {
  return {
    write: (blocks) => store.write(blocks),
    async *read(query) {
      for await (const chunk of store.read(query)) yield await see(chunk, query);
    },
    due: (shard, changesMax, after) => store.due(shard, changesMax, after),
    mark: (changes, position, marker) => store.mark(changes, position, marker),
    markedTo: (marker) => store.markedTo(marker),
    settle: (shard, mark, results) => store.settle(shard, mark, results),
    rollups: (query) => store.rollups(query),
    keep: (publications) => store.keep(publications),
    indicators: (query) => store.indicators(query),
    history: (query) => store.history(query),
    restatements: (query) => store.restatements(query),
    alerts: (query) => store.alerts(query),
    alertHistory: (query) => store.alertHistory(query),
    check: () => store.check(),
    close: () => store.close(),
  };
}
