import { shardOf, type Meter } from '@songma/domain';
import type { Registry, RegistryChange } from '@songma/registry';

/** Hours of a meter whose results rest on a fact that has changed. */
export interface FactSpan {
  readonly shard: string;
  readonly site: string;
  readonly meter: string;
  /** Epoch milliseconds, `to` exclusive. */
  readonly from: number;
  readonly to: number;
  /** What shows which hours there are: the meter's readings, or what was computed of it. */
  readonly shownBy: readonly ('readings' | 'rollups')[];
}

/** Earlier than any reading, and later. */
const always = { from: 0, to: Date.UTC(2200, 0, 1) };

/** Fields of a meter that no result rests on: names, and what only the door looks at. */
const indifferent: ReadonlySet<string> = new Set<keyof Meter>([
  'name',
  'symbol',
  'source',
  'time',
  'validRange',
]);

/**
 * The meters and times whose results a change of the registry may alter; none for most kinds. What is named is
 * computed again, and what comes out as it was is left alone: too much costs time, too little would be wrong for ever.
 */
export function factSpans(change: RegistryChange, registry: Registry): FactSpan[] {
  switch (change.kind) {
    case 'meter': {
      const { before, after } = change;
      if (before !== undefined && after !== undefined && isSameFor(before.body, after.body)) return [];
      // Readings may have come before this process knew their meter, and what is retired leaves its results behind.
      return spansOf(registry, (after ?? before)!.body, always, ['readings', 'rollups']);
    }
    case 'limit': {
      const versions = [change.before, change.after].flatMap((version) => version?.body ?? []);
      const from = Math.min(...versions.map(({ validFrom }) => validFrom));
      const to = Math.max(...versions.map(({ validTo }) => validTo ?? always.to));
      const meter = registry.get('meter', versions[0]!.meter)?.body;
      return meter === undefined ? [] : spansOf(registry, meter, { from, to }, ['rollups']);
    }
    case 'void': {
      const { meter: id, from, to } = (change.after ?? change.before)!.body;
      const meter = registry.get('meter', id)?.body;
      return meter === undefined ? [] : spansOf(registry, meter, { from, to }, ['readings']);
    }
    // Savings are computed when they are asked for.
    case 'baseline':
    case 'enterprise':
    case 'site':
    case 'source':
    case 'officer':
    case 'key':
      return [];
  }
}

function spansOf(
  registry: Registry,
  meter: Meter,
  { from, to }: { readonly from: number; readonly to: number },
  shownBy: FactSpan['shownBy'],
): FactSpan[] {
  const site = registry.get('site', meter.site)?.body;
  if (site === undefined) return [];
  const span = { from: Math.max(from, always.from), to: Math.min(to, always.to) };
  return [{ shard: shardOf(site.enterprise), site: site.id, meter: meter.id, ...span, shownBy }];
}

function isSameFor(a: Meter, b: Meter): boolean {
  return essence(a) === essence(b);
}

function essence(meter: Meter): string {
  return JSON.stringify(
    Object.entries(meter)
      .filter(([field]) => !indifferent.has(field))
      .toSorted(([a], [b]) => (a < b ? -1 : 1)),
  );
}
