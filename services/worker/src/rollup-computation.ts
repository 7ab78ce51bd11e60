import {
  expectedOf,
  mergeRollups,
  rollupHours,
  rollupSpans,
  rulesVersion,
  sameRollup,
  saysSomething,
  windowsBetween,
  type Rollup,
  type RollupDraft,
  type Window,
  type WindowKind,
} from '@songma/domain';
import type { SeriesRange } from '@songma/series-store';
import type { FactHours } from './facts/fact-hours.ts';
import type { TouchedMeter } from './held-readings.ts';
import type { PieceStore } from './piece-store.ts';

/** A rollup that came out otherwise than it is stored, with its next revision; and what is stored. */
export interface ChangedRollup {
  readonly after: Rollup;
  readonly before: Rollup | undefined;
}

export interface ChangedRollups {
  readonly hours: readonly ChangedRollup[];
  readonly days: readonly ChangedRollup[];
  readonly months: readonly ChangedRollup[];
  readonly years: readonly ChangedRollup[];
  /** Windows computed, changed or not. */
  readonly computed: number;
}

/** Rollups of one meter by their start. */
type ByStart = Map<number, Rollup>;

/** Rollups by meter, then start: those that are stored, and over them those that have changed. */
type Held = Map<string, ByStart>;

/**
 * The touched hours, from the readings; then the days that the changed ones lie in, from all of their hours; the months
 * from their days; the years from their months. What comes out as it is stored is left alone, and so is what stands on
 * it. However many hours are touched, each longer window is computed once.
 */
export async function computeRollups(
  store: PieceStore,
  touched: readonly TouchedMeter[],
  facts: readonly Pick<FactHours, 'id' | 'spans'>[] = [],
): Promise<ChangedRollups> {
  if (touched.length === 0) return { hours: [], days: [], months: [], years: [], computed: 0 };
  const stored = await readStored(store, touched);
  const meters = new Map(touched.map((one) => [one.meter.id, one]));
  const hours: ChangedRollup[] = [];
  let computed = 0;
  for (const { meter, zone, readings, spans, hours: windows } of touched) {
    const held = ofMeter(stored.PT1H, meter.id);
    computed += windows.length;
    const drafts =
      spans === undefined
        ? rollupHours(meter, zone, readings, windows)
        : rollupSpans(meter, readings, spans, windows);
    for (const draft of drafts) {
      const changed = revised(draft, held.get(draft.start));
      if (changed === undefined) continue;
      hours.push(changed);
      held.set(draft.start, changed.after);
    }
  }
  const changedIn = (kind: MergedKind, part: WindowKind, parts: readonly ChangedRollup[]) => {
    const merged = mergeChanged({ kind, part, parts, meters, facts }, stored[part], stored[kind]);
    computed += merged.computed;
    return merged.changed;
  };
  const days = changedIn('P1D', 'PT1H', hours);
  const months = changedIn('P1M', 'P1D', days);
  const years = changedIn('P1Y', 'P1M', months);
  return { hours, days, months, years, computed };
}

/** Kinds of windows that are merged from shorter ones. */
type MergedKind = Exclude<WindowKind, 'PT1H'>;

/**
 * What the touched hours, and what stands on them, are compared with and merged from: whole days of hours, and so on.
 */
async function readStored(
  store: PieceStore,
  touched: readonly TouchedMeter[],
): Promise<Readonly<Record<WindowKind, Held>>> {
  const { days, months, years } = rangesAround(touched);
  const [PT1H, P1D, P1M, P1Y] = await Promise.all([
    store.rollups({ ranges: days, window: 'PT1H' }),
    store.rollups({ ranges: months, window: 'P1D' }),
    store.rollups({ ranges: years, window: 'P1M' }),
    store.rollups({ ranges: years, window: 'P1Y' }),
  ]);
  return { PT1H: byMeter(PT1H), P1D: byMeter(P1D), P1M: byMeter(P1M), P1Y: byMeter(P1Y) };
}

/**
 * The windows of a kind in which a part has changed, or about which a fact has, each from all of its parts. Changes are
 * put into `held`.
 */
function mergeChanged(
  {
    kind,
    part,
    parts,
    meters,
    facts,
  }: {
    readonly kind: MergedKind;
    readonly part: WindowKind;
    readonly parts: readonly ChangedRollup[];
    /** By id. */
    readonly meters: ReadonlyMap<string, Pick<TouchedMeter, 'meter' | 'zone' | 'inputs'>>;
    readonly facts: readonly Pick<FactHours, 'id' | 'spans'>[];
  },
  heldParts: Held,
  held: Held,
): { readonly changed: ChangedRollup[]; readonly computed: number } {
  // Meters of a site have their windows in common.
  const cuts = new Map<string, readonly Window[]>();
  const cut = (into: WindowKind, { start, end }: Window, zone: string): readonly Window[] => {
    const key = `${zone} ${into} ${start} ${end}`;
    let windows = cuts.get(key);
    if (windows === undefined) cuts.set(key, (windows = windowsBetween(into, start, end, zone)));
    return windows;
  };
  const changed: ChangedRollup[] = [];
  let computed = 0;
  const touched = [
    ...parts.map(({ after }) => ({ id: after.meter, spans: [after] })),
    // What is expected of a longer window may have changed although none of its hours did: a life begins in it now.
    ...facts,
  ];
  for (const [id, of] of Map.groupBy(touched, (one) => one.id)) {
    const known = meters.get(id);
    if (known === undefined) continue;
    const { meter, zone, inputs } = known;
    const isByLength = meter.interval === undefined && inputs === undefined;
    const windows = new Map<number, number>();
    for (const { start, end } of of.flatMap(({ spans }) => spans.flatMap((span) => cut(kind, span, zone)))) {
      windows.set(start, end);
    }
    const partsOfMeter = ofMeter(heldParts, id);
    const ofThis = ofMeter(held, id);
    for (const [start, end] of windows) {
      const inside = cut(part, { start, end }, zone).flatMap((one) => partsOfMeter.get(one.start) ?? []);
      if (inside.length === 0) continue;
      const expected = isByLength ? undefined : expectedOf(meter, zone, { start, end }, inputs);
      const one = revised(mergeRollups(kind, { start, end }, inside, expected, meter), ofThis.get(start));
      computed++;
      if (one === undefined) continue;
      changed.push(one);
      ofThis.set(start, one.after);
    }
  }
  return { changed, computed };
}

/** The draft as the next revision; undefined when it says what is stored, or nothing where nothing is stored. */
function revised(draft: RollupDraft, before: Rollup | undefined): ChangedRollup | undefined {
  if (before === undefined) {
    return saysSomething(draft)
      ? { after: { ...draft, rules: rulesVersion, revision: 1 }, before }
      : undefined;
  }
  return sameRollup(draft, before)
    ? undefined
    : { after: { ...draft, rules: rulesVersion, revision: before.revision + 1 }, before };
}

/** Per site the days, months and years that its touched hours lie in, joined where they touch, with the meters. */
function rangesAround(touched: readonly TouchedMeter[]): Record<'days' | 'months' | 'years', SeriesRange[]> {
  const ranges: Record<'days' | 'months' | 'years', SeriesRange[]> = { days: [], months: [], years: [] };
  for (const [site, of] of Map.groupBy(touched, ({ meter }) => meter.site)) {
    const meters = [...new Set(of.map(({ meter }) => meter.id))];
    const { zone } = of[0]!;
    const days = around('P1D', new Map(of.flatMap(({ hours }) => hours.map(spanEntry))), zone);
    const months = around('P1M', days, zone);
    const years = around('P1Y', months, zone);
    for (const [name, windows] of Object.entries({ days, months, years })) {
      const spans = joinedSpans(windows).map((span) => ({ site, meters, ...span }));
      ranges[name as keyof typeof ranges].push(...spans);
    }
  }
  return ranges;
}

const spanEntry = ({ start, end }: Window): [number, number] => [start, end];

/** The windows of a kind around others, start to end. */
function around(kind: MergedKind, inner: ReadonlyMap<number, number>, zone: string): Map<number, number> {
  const windows = new Map<number, number>();
  for (const [from, to] of inner) {
    for (const { start, end } of windowsBetween(kind, from, to, zone)) windows.set(start, end);
  }
  return windows;
}

/** Spans given as start to end, ascending, those that touch as one. */
export function joinedSpans(spans: ReadonlyMap<number, number>): { from: number; to: number }[] {
  const ranges: { from: number; to: number }[] = [];
  for (const [from, to] of [...spans].toSorted(([a], [b]) => a - b)) {
    const last = ranges.at(-1);
    if (last !== undefined && from <= last.to) last.to = Math.max(last.to, to);
    else ranges.push({ from, to });
  }
  return ranges;
}

function byMeter(rollups: readonly Rollup[]): Held {
  const meters: Held = new Map();
  for (const rollup of rollups) ofMeter(meters, rollup.meter).set(rollup.start, rollup);
  return meters;
}

function ofMeter(meters: Held, meter: string): ByStart {
  let of = meters.get(meter);
  if (of === undefined) meters.set(meter, (of = new Map()));
  return of;
}
