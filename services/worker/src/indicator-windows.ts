import {
  monthAfter,
  sameDateWindow,
  saysSomething,
  windowAt,
  type IndicatorWindow,
  type Rollup,
  type Window,
} from '@songma/domain';
import type { InputMeter, TouchedScope } from './indicator-scopes.ts';

/** Kinds of rollups that indicators are made from. */
export type PartKind = 'P1D' | 'P1M' | 'P1Y';

/** A window of a scope to compute, in the scope's zone. */
export interface ScopeWindow extends Window {
  readonly window: IndicatorWindow;
  /** Whether something is told of a later month; a day is told while it fills. */
  readonly isFinished: boolean;
  readonly partKind: PartKind;
  /** Windows of `partKind` that make it: itself, or twelve months in order. */
  readonly parts: readonly Window[];
  /** Only to be restated, where it has been published: its last month tells nothing (any more). */
  readonly isEmptied: boolean;
}

/** Months that a rolling year has, and that a month therefore counts in. */
const monthsOfYear = 12;

/** Rollups by meter, kind and start; what is added later stands. */
export class RollupTable {
  readonly #meters = new Map<string, Map<string, Rollup>>();

  add(rollups: Iterable<Rollup>): void {
    for (const rollup of rollups) this.#of(rollup.meter).set(`${rollup.window}/${rollup.start}`, rollup);
  }

  /** Only what is not there: of what is stored that which has not changed. */
  addUnchanged(rollups: Iterable<Rollup>): void {
    for (const rollup of rollups) {
      const of = this.#of(rollup.meter);
      const key = `${rollup.window}/${rollup.start}`;
      if (!of.has(key)) of.set(key, rollup);
    }
  }

  /** That starts then, by the clock of its own site. */
  get(meter: string, kind: PartKind | 'PT1H', start: number): Rollup | undefined {
    return this.#meters.get(meter)?.get(`${kind}/${start}`);
  }

  /** The meter's rollup of the window that has the same date at its own site. */
  at({ meter, zone: own }: InputMeter, kind: PartKind, start: number, zone: string): Rollup | undefined {
    return this.#meters.get(meter.id)?.get(`${kind}/${sameDateWindow(kind, start, zone, own).start}`);
  }

  #of(meter: string): Map<string, Rollup> {
    let of = this.#meters.get(meter);
    if (of === undefined) this.#meters.set(meter, (of = new Map()));
    return of;
  }

  /** Every rollup of the meter, in no order. */
  of(meter: string): Iterable<Rollup> {
    return this.#meters.get(meter)?.values() ?? [];
  }
}

/** Since when the months of a scope are needed: twelve back from the first touched, or all to find the one before. */
export function monthsNeededFrom({ months, toggled, zone }: TouchedScope): number {
  if (months.size === 0) return Infinity;
  return toggled.size > 0 ? -Infinity : monthAfter(Math.min(...months.keys()), 1 - monthsOfYear, zone).start;
}

/**
 * The windows whose indicators the touched days and months may move, given the scope's months as
 * {@link monthsNeededFrom} asks for them:
 *
 * - each touched day, each touched month, and its year;
 * - twelve months that end with a month that tells something and have a touched month among them;
 * - what ends with the month before one that began to tell something: that is what finishes it.
 *
 * Nothing is told of what is not finished, so it is computed when its month begins to tell something and then not until
 * it is finished: a day in the running month costs no more than its own indicators.
 *
 * Whether they are finished follows from the readings alone, so a backfill and a replay come to the same.
 */
export function windowsToCompute(scope: TouchedScope, rollups: RollupTable): ScopeWindow[] {
  const { zone } = scope;
  const telling = tellingMonths(scope, rollups);
  const last = telling.at(-1) ?? -Infinity;
  const found = new Map<string, ScopeWindow>();
  const add = (one: Omit<ScopeWindow, 'isEmptied'>) => {
    const isEmptied = one.window === 'R12M' && !telling.includes(one.parts.at(-1)!.start);
    found.set(`${one.window} ${one.start}`, { ...one, isEmptied });
  };
  const isFinished = ({ end }: Window) => last >= end;
  const addMonthAndYear = (month: Window, isTold: boolean) => {
    const year = windowAt('P1Y', month.start, zone);
    for (const [window, of] of [
      ['P1M', month],
      ['P1Y', year],
    ] as const) {
      if (!isTold && !isFinished(of)) continue;
      add({ window, ...of, isFinished: isFinished(of), partKind: window, parts: [of] });
    }
  };
  const addEndingWith = (month: Window, isTold: boolean) => {
    if (!isTold && !isFinished(month)) return;
    const parts = Array.from({ length: monthsOfYear }, (_, i) =>
      monthAfter(month.start, i + 1 - monthsOfYear, zone),
    );
    const { start } = parts[0]!;
    add({ window: 'R12M', start, end: month.end, isFinished: isFinished(month), partKind: 'P1M', parts });
  };

  for (const [start, end] of scope.days) {
    add({ window: 'P1D', start, end, isFinished: true, partKind: 'P1D', parts: [{ start, end }] });
  }
  for (const [start, end] of scope.months) {
    const isToggled = scope.toggled.has(start);
    addMonthAndYear({ start, end }, isToggled);
    for (let i = 0; i < monthsOfYear; i++) {
      const month = monthAfter(start, i, zone);
      addEndingWith(month, scope.toggled.has(month.start));
    }
    const before = isToggled ? telling.findLast((month) => month < start) : undefined;
    if (before === undefined) continue;
    const finished = windowAt('P1M', before, zone);
    addMonthAndYear(finished, true);
    addEndingWith(finished, true);
  }
  return [...found.values()];
}

/** Starts of the months in which some meter of the scope tells something, ascending, in the scope's zone. */
function tellingMonths({ meters, zone }: TouchedScope, rollups: RollupTable): number[] {
  const starts = new Set<number>();
  for (const { meter, zone: own } of meters) {
    for (const rollup of rollups.of(meter.id)) {
      if (rollup.window !== 'P1M' || !saysSomething(rollup)) continue;
      starts.add(sameDateWindow('P1M', rollup.start, own, zone).start);
    }
  }
  return [...starts].toSorted((a, b) => a - b);
}
