import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from 'prom-client';

/**
 * The metrics of one process, in a registry of its own. Asking twice for a name gives the same metric, so that
 * several parts of a process may count under one name.
 */
export interface Metrics {
  counter<L extends string>(name: string, help: string, labels?: readonly L[]): Counter<L>;
  /** `collect` is called before the gauge is read, to bring it up to date. */
  gauge<L extends string>(
    name: string,
    help: string,
    labels?: readonly L[],
    collect?: (gauge: Gauge<L>) => void | Promise<void>,
  ): Gauge<L>;
  /** `buckets`: upper bounds, ascending. */
  histogram<L extends string>(
    name: string,
    help: string,
    buckets: readonly number[],
    labels?: readonly L[],
  ): Histogram<L>;
  /** Everything in the Prometheus text format. */
  text(): Promise<string>;
  readonly contentType: string;
}

/** @param options.ofProcess memory, CPU and event-loop figures of the process too; on unless told */
export function createMetrics(options: { readonly ofProcess?: boolean } = {}): Metrics {
  const registry = new Registry();
  if (options.ofProcess !== false) collectDefaultMetrics({ register: registry });
  const registers = [registry];
  return {
    counter<L extends string>(name: string, help: string, labels: readonly L[] = []) {
      const known = registry.getSingleMetric(name) as Counter<L> | undefined;
      return known ?? new Counter<L>({ name, help, labelNames: [...labels], registers });
    },
    gauge<L extends string>(
      name: string,
      help: string,
      labels: readonly L[] = [],
      collect?: (gauge: Gauge<L>) => void | Promise<void>,
    ) {
      const known = registry.getSingleMetric(name) as Gauge<L> | undefined;
      if (known !== undefined) return known;
      const gauge: Gauge<L> = new Gauge<L>({
        name,
        help,
        labelNames: [...labels],
        registers,
        ...(collect === undefined ? {} : { collect: () => collect(gauge) }),
      });
      return gauge;
    },
    histogram<L extends string>(
      name: string,
      help: string,
      buckets: readonly number[],
      labels: readonly L[] = [],
    ) {
      const known = registry.getSingleMetric(name) as Histogram<L> | undefined;
      return (
        known ?? new Histogram<L>({ name, help, buckets: [...buckets], labelNames: [...labels], registers })
      );
    },
    text: () => registry.metrics(),
    contentType: registry.contentType,
  };
}
