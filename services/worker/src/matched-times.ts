import {
  dateIn,
  monthAfter,
  sameDateWindow,
  windowAt,
  windowsBetween,
  type Indicator,
  type Window,
} from '@songma/domain';
import {
  areAlwaysThere,
  flowsOf,
  indicatorIdOf,
  matchFlows,
  matchWholeFlows,
  sharedMs,
  matchedWindow,
  matchingStep,
  matchWhole,
  matchWindow,
  mergeMatched,
  type Matched,
  type MatchedPart,
  type MatchedWindow,
  type MatchingStep,
} from '@songma/indicators';
import type { SeriesRange } from '@songma/series-store';
import type { InputMeter, TouchedScope } from './indicator-scopes.ts';
import { expectedMs, flowsIn, matchUndivided, type MatchedInputs } from './matched-inputs.ts';
import type { PartKind, RollupTable, ScopeWindow } from './indicator-windows.ts';
import type { PieceStore } from './piece-store.ts';
import { joinedSpans, type ChangedRollup } from './rollup-computation.ts';

type Spans = Map<number, number>;

/** What was asked for and is not read yet. Spans are starts to ends in the scope's zone. */
interface Missing {
  /** By meter: the days whose hours are needed, by the clock of its site. */
  readonly hours: Map<string, { readonly site: string; readonly days: Spans }>;
  /** Months of which the days are needed, and months whose publication is. */
  readonly days: Map<TouchedScope, Spans>;
  readonly months: Map<TouchedScope, Spans>;
}

/**
 * The time in which all inputs of an indicator are known, by the hour, and what each told in it. A day is matched from
 * its hours only where it changed and something of it is missing; what it came to is published with it. So a month is
 * made from the publications of its days, and a year from those of its months: nothing reads the hours of a year.
 * A day or month that was published without it (withheld, or by an earlier build) is looked into.
 *
 * What is not read yet is noted; after `read` it is to be asked again.
 */
export class MatchedTimes {
  readonly #store: PieceStore;
  readonly #rollups: RollupTable;
  readonly #changedHours: readonly ChangedRollup[];
  readonly #published = new Map<string, Indicator>();
  readonly #found = new Map<string, Matched>();
  readonly #readHours = new Set<string>();
  readonly #readDays = new Map<TouchedScope, Set<number>>();
  readonly #readMonths = new Map<TouchedScope, Set<number>>();
  #hasHours = false;
  #missing = nothing();

  /** @param rollups holds what changed, and what is stored of the touched days and all months and years asked for */
  constructor(store: PieceStore, rollups: RollupTable, changedHours: readonly ChangedRollup[]) {
    this.#store = store;
    this.#rollups = rollups;
    this.#changedHours = changedHours;
  }

  /** Undefined when something has to be read first. */
  of(all: MatchedInputs, window: ScopeWindow): MatchedWindow | undefined {
    // Of a meter that has not begun by the end of the window nothing is expected, and nothing is there.
    const inputs = all.inputs.filter(({ meter, hasBegun }) => meter.from !== undefined || hasBegun !== false);
    const matched = this.#ofInputs({ ...all, inputs }, window);
    if (matched === undefined || inputs.length === all.inputs.length) return matched;
    const places = all.inputs.map((input) => inputs.indexOf(input));
    const parts = matched.parts.map((part) => ({
      ...part,
      sums: places.map((place) => part.sums[place] ?? 0),
    }));
    return { ...matched, parts };
  }

  #ofInputs(which: MatchedInputs, window: ScopeWindow): MatchedWindow | undefined {
    const { zone } = which.scope;
    const step = matchingStep(which.inputs.map(({ meter }) => meter));
    const parts: (MatchedPart & { readonly windowMs: number })[] = [];
    let isMissing = false;
    for (const part of window.parts) {
      const matched = this.#ofPart(which, window.partKind, part, step);
      isMissing ||= matched === undefined;
      if (matched === undefined) continue;
      const windowMs = expectedMs(which, window.partKind, part);
      parts.push({ ...matched, windowMs, date: dateIn(zone, part.start) });
    }
    if (isMissing) return undefined;
    // Twelve months are merged as a year is: one that is a step, and hardly known, counts for nothing.
    const counted = parts.filter(
      ({ knownMs, windowMs }) =>
        window.window !== 'R12M' || step !== 'P1M' || knownMs >= which.shareMin * windowMs,
    );
    const expected = parts.reduce((sum, { windowMs }) => sum + windowMs, 0);
    return matchedWindow(counted, window, areAlwaysThere(which.inputs) ? undefined : expected);
  }

  /** Reads what was missing. */
  async read(): Promise<void> {
    const { hours, days, months } = this.#missing;
    this.#missing = nothing();
    const ofHours = [...hours].flatMap(([meter, { site, days: own }]) =>
      joinedSpans(own).map((span): SeriesRange => ({ site, meters: [meter], ...span })),
    );
    const ofDays = [...days].flatMap(([scope, spans]) =>
      joinedSpans(spans).flatMap(({ from, to }) => rangesOf(scope, from, to)),
    );
    const [readHours, readDays, ofPublished] = await Promise.all([
      ofHours.length === 0 ? [] : this.#store.rollups({ ranges: ofHours, window: 'PT1H' }),
      ofDays.length === 0 ? [] : this.#store.rollups({ ranges: ofDays, window: 'P1D' }),
      Promise.all([...this.#queries('P1D', days), ...this.#queries('P1M', months)]),
    ]);
    if (hours.size > 0 && !this.#hasHours) {
      this.#rollups.add(this.#changedHours.map(({ after }) => after));
      this.#hasHours = true;
    }
    this.#rollups.addUnchanged(readHours);
    this.#rollups.addUnchanged(readDays);
    for (const one of ofPublished.flat()) this.#published.set(one.id, one);
    for (const [meter, { days: own }] of hours) {
      for (const day of own.keys()) this.#readHours.add(`${meter} ${day}`);
    }
    for (const [read, missing] of [
      [this.#readDays, days],
      [this.#readMonths, months],
    ] as const) {
      for (const [scope, spans] of missing) for (const start of spans.keys()) noteRead(read, scope, start);
    }
  }

  #queries(window: 'P1D' | 'P1M', missing: Missing['days']): Promise<Indicator[]>[] {
    return [...missing].flatMap(([{ enterprise, site }, spans]) =>
      joinedSpans(spans).map((span) =>
        this.#store.indicators({
          ...{ window, products: 'all', enterprises: [enterprise.body.id], ...span },
          ...(site === undefined ? {} : { sites: [site] }),
        }),
      ),
    );
  }

  /** Undefined while something of it is missing. */
  #ofPart(which: MatchedInputs, kind: PartKind, part: Window, step: MatchingStep): Matched | undefined {
    const { scope, inputs } = which;
    const key = `${scope.site ?? ''} ${scope.enterprise.body.id} ${kind} ${part.start} ${idsOf(inputs)}`;
    const known = this.#found.get(key);
    if (known !== undefined) return known;
    const found = this.#compute(which, kind, part, step);
    if (found !== undefined) this.#found.set(key, found);
    return found;
  }

  #compute(which: MatchedInputs, kind: PartKind, part: Window, step: MatchingStep): Matched | undefined {
    const { scope, inputs } = which;
    const isTouched = kind === 'P1D' ? scope.days.has(part.start) : scope.months.has(part.start);
    if (kind === 'P1D' && !isTouched && !this.#hasDay(scope, part)) return undefined;
    const rollups = inputs.map((input) => this.#rollups.at(input, kind, part.start, scope.zone));
    const whole = areAlwaysThere(inputs)
      ? matchWhole(rollups)
      : matchWholeFlows(flowsIn(which, kind, part), rollups);
    if (whole !== undefined) return whole;
    if (kind !== 'P1Y' && !isTouched) {
      if (kind === 'P1M' && this.#readMonths.get(scope)?.has(part.start) !== true) {
        note(this.#missing.months, scope, part);
        return undefined;
      }
      const published = this.#publishedOf(which, kind, part);
      if (published !== undefined) return published;
    }
    return kind === 'P1D' ? this.#matchDay(which, part) : this.#merge(which, kind, part, step);
  }

  /** Whether the days of the month around a day are read. */
  #hasDay(scope: TouchedScope, day: Window): boolean {
    const month = windowAt('P1M', day.start, scope.zone);
    if (this.#readDays.get(scope)?.has(month.start) === true) return true;
    note(this.#missing.days, scope, month);
    return false;
  }

  /** What its publication says, where that is of the same inputs and says it. */
  #publishedOf(which: MatchedInputs, window: 'P1D' | 'P1M', part: Window): Matched | undefined {
    const { scope, name, product, inputs } = which;
    const { start } = part;
    const { site, enterprise } = scope;
    const id = indicatorIdOf(
      {
        ...{ enterprise: enterprise.body.id, window, start },
        ...(site === undefined ? {} : { site }),
        ...(product === undefined ? {} : { product }),
      },
      name,
    );
    const published = this.#published.get(id);
    if (published?.matchedShare === undefined) return undefined;
    const sums = new Map(published.inputs.map(({ meter, matched }) => [meter, matched]));
    const told = inputs.map(({ meter }) => sums.get(meter.id));
    if (sums.size !== inputs.length || told.every((sum) => sum === undefined)) return undefined;
    const knownMs = Math.round(published.matchedShare * expectedMs(which, window, part));
    // One that told nothing has nothing beside it.
    return { knownMs, sums: told.map((sum) => sum ?? 0) };
  }

  #merge(which: MatchedInputs, kind: 'P1M' | 'P1Y', part: Window, step: MatchingStep): Matched | undefined {
    const { scope, inputs, shareMin } = which;
    const inner = kind === 'P1M' ? 'P1D' : 'P1M';
    const windows =
      kind === 'P1M'
        ? windowsBetween('P1D', part.start, part.end, scope.zone)
        : Array.from({ length: 12 }, (_, i) => monthAfter(part.start, i, scope.zone));
    const parts = windows.map((window) => {
      const matched = this.#ofPart(which, inner, window, step);
      return matched && { ...matched, windowMs: expectedMs(which, inner, window) };
    });
    if (parts.includes(undefined)) return undefined;
    return mergeMatched(parts as (Matched & { windowMs: number })[], inputs.length, {
      isStep: step === inner,
      shareMin,
    });
  }

  /** By the hour; of sites in several zones hours count from the beginning of each one's day. */
  #matchDay(which: MatchedInputs, day: Window): Matched | undefined {
    const { scope, inputs, shareMin } = which;
    const hoursOf = new Map<string, readonly Window[]>();
    let isMissing = false;
    for (const { meter, zone } of inputs) {
      const own = sameDateWindow('P1D', day.start, scope.zone, zone);
      if (!hoursOf.has(zone)) hoursOf.set(zone, windowsBetween('PT1H', own.start, own.end, zone));
      if (this.#readHours.has(`${meter.id} ${own.start}`)) continue;
      isMissing = true;
      let asked = this.#missing.hours.get(meter.id);
      if (asked === undefined) {
        this.#missing.hours.set(meter.id, (asked = { site: meter.site, days: new Map() }));
      }
      asked.days.set(own.start, own.end);
    }
    if (isMissing) return undefined;
    const lengths = [...hoursOf.values()].map((hours) => hours.length);
    const count = Math.min(...lengths);
    // A day of 25 hours here and of 24 there has no hours in common: each is known for its share.
    if (Math.max(...lengths) !== count) {
      const rollups = inputs.map((input) => this.#rollups.at(input, 'P1D', day.start, scope.zone));
      return matchUndivided(which, day, rollups);
    }
    const parts = Array.from({ length: count }, (_, i) => {
      const { start, end } = hoursOf.get(inputs[0]!.zone)![i]!;
      const rollups = inputs.map(({ meter, zone }) =>
        this.#rollups.get(meter.id, 'PT1H', hoursOf.get(zone)![i]!.start),
      );
      if (areAlwaysThere(inputs)) return { ...matchWindow(rollups, shareMin), windowMs: end - start };
      const flows = flowsOf(inputs, (place) => hoursOf.get(inputs[place]!.zone)![i]!);
      return { ...matchFlows(flows, rollups, shareMin), windowMs: sharedMs(flows).either };
    });
    return mergeMatched(parts, inputs.length, { isStep: false, shareMin });
  }
}

const idsOf = (inputs: readonly InputMeter[]) => inputs.map(({ meter }) => meter.id).join();

function nothing(): Missing {
  return { hours: new Map(), days: new Map(), months: new Map() };
}

function note(missing: Missing['days'], scope: TouchedScope, { start, end }: Window): void {
  let spans = missing.get(scope);
  if (spans === undefined) missing.set(scope, (spans = new Map()));
  spans.set(start, end);
}

function noteRead(read: Map<TouchedScope, Set<number>>, scope: TouchedScope, start: number): void {
  let starts = read.get(scope);
  if (starts === undefined) read.set(scope, (starts = new Set()));
  starts.add(start);
}

/** The days of a span of the scope, by the clock of each site. */
function rangesOf({ meters, zone }: TouchedScope, from: number, to: number): SeriesRange[] {
  return [...Map.groupBy(meters, ({ meter }) => meter.site)].map(([site, of]) => {
    const own = of[0]!.zone;
    return {
      site,
      meters: of.map(({ meter }) => meter.id),
      from: sameDateWindow('P1M', from, zone, own).start,
      to: sameDateWindow('P1M', to, zone, own).start,
    };
  });
}
