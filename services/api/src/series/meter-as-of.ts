import { inputsOf, isDerived, shardOf, type Meter } from '@songma/domain';
import type { MeterContext, Registry } from '@songma/registry';

/**
 * A meter as it was registered at a time (epoch milliseconds), with its site and enterprise as they were: what was
 * computed then was computed with these. Also one that has been retired since. One that was registered only later is
 * given as it stands: readings of it cannot have been known before.
 */
export function meterAsOf(
  registry: Pick<Registry, 'meter' | 'getAsOf'>,
  id: string,
  at: number,
): MeterContext | undefined {
  const meter = registry.getAsOf('meter', id, at)?.body;
  const site = meter && registry.getAsOf('site', meter.site, at)?.body;
  const enterprise = site && registry.getAsOf('enterprise', site.enterprise, at)?.body;
  if (meter === undefined || site === undefined || enterprise === undefined) return registry.meter(id);
  return { meter, site, enterprise, shard: shardOf(enterprise.id) };
}

/** A meter as it is registered, or as it was at a time; one that was registered only later as it stands. */
export function meterAt(
  registry: Pick<Registry, 'get' | 'getAsOf'>,
  id: string,
  at: number | undefined,
): Meter | undefined {
  const then = at === undefined ? undefined : registry.getAsOf('meter', id, at)?.body;
  return then ?? registry.get('meter', id)?.body;
}

/**
 * What a derived meter's windows are computed with: the meter, everything that it is made of and what took over from
 * that, by id, as registered
 * at a time (epoch milliseconds) or now. Nothing for a meter with readings.
 */
export function derivedInputs(
  registry: Pick<Registry, 'meter' | 'getAsOf' | 'metersOfSite' | 'listAsOf'>,
  meter: Meter,
  at: number | undefined,
): { readonly inputs?: ReadonlyMap<string, Meter> } {
  if (!isDerived(meter)) return {};
  const inputs = new Map<string, Meter>([[meter.id, meter]]);
  const ofSite =
    at === undefined
      ? registry.metersOfSite(meter.site)
      : registry.listAsOf('meter', at).map(({ body }) => body);
  const followers = Map.groupBy(
    ofSite.filter(({ site, follows }) => site === meter.site && follows !== undefined),
    ({ follows }) => follows!,
  );
  // What is added to a map while it is walked is walked too.
  for (const one of inputs.values()) {
    for (const id of inputsOf(one)) {
      const input = at === undefined ? registry.meter(id) : meterAsOf(registry, id, at);
      if (input !== undefined) inputs.set(id, input.meter);
    }
    if (one.id !== meter.id) for (const next of followers.get(one.id) ?? []) inputs.set(next.id, next);
  }
  return { inputs };
}
