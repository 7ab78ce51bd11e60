import type { SeriesStore, SeriesStoreConfig } from '../src/index.ts';

/**
 * One empty store of an adapter, in a place of its own (a temporary directory, a bucket). An adapter's test file says
 * how to make one and hands it to {@link describeSeriesStore}:
 *
 * ```ts
 * const influx = await adapterAvailability('influx');
 * describeSeriesStore(titleOf('InfluxSeriesStore', influx), startInfluxSubject, { skip: !influx.available });
 * ```
 */
export interface Subject {
  /** Opens the store as `openSeriesStore(config)` would: another process can do the same. */
  readonly config: SeriesStoreConfig;
  /** Module whose `openSeriesStore` the child processes of the kill cases call; `src/index.ts` unless told. */
  readonly entry?: string;
  /** Opens the store in this process. It is closed before it is opened again. */
  open(): Promise<SeriesStore>;
  /**
   * Makes writing fail as an outage would (a proxy that stops, a disk that refuses) until the function that it
   * resolves to is called. `store` is the one that is open.
   */
  breakOff(store: SeriesStore): Promise<() => Promise<void>>;
  /** Removes what the subject has left. */
  end(): Promise<void>;
}

export type Case = (subject: Subject) => Promise<void>;

/** Opens the subject's store for `use`, and closes it afterwards. */
export async function withStore<T>(subject: Subject, use: (store: SeriesStore) => Promise<T>): Promise<T> {
  const store = await subject.open();
  try {
    return await use(store);
  } finally {
    await store.close();
  }
}
