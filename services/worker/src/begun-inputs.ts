import { sameDateWindow, saysSomething, type Meter, type Window } from '@songma/domain';
import type { InputMeter, TouchedScope } from './indicator-scopes.ts';
import type { PartKind, RollupTable, ScopeWindow } from './indicator-windows.ts';
import { beginsByReadings, type PieceBeginnings } from './meter-beginnings.ts';

/** Inputs that tell nothing in some window, and of which it is not known yet whether they had begun by then. */
export function inputsInDoubt(
  scopes: readonly { readonly scope: TouchedScope; readonly windows: readonly ScopeWindow[] }[],
  rollups: RollupTable,
  beginnings: PieceBeginnings,
): Meter[] {
  const doubtful = new Map<string, Meter>();
  for (const { scope, windows } of scopes) {
    for (const input of scope.meters) {
      if (!beginsByReadings(input.meter) || doubtful.has(input.meter.id)) continue;
      const isInDoubt = windows.some(
        ({ parts, partKind }) =>
          !parts.some((part) => saysSomething(rollups.at(input, partKind, part.start, scope.zone))) &&
          !beginnings.hasBegun(input.meter.id, ownWindow(input, parts, partKind, scope.zone).end),
      );
      if (isInDoubt) doubtful.set(input.meter.id, input.meter);
    }
  }
  return [...doubtful.values()];
}

/** The window of the same dates by the clock of the meter's site. */
export function ownWindow(
  { zone: own }: InputMeter,
  parts: readonly Window[],
  kind: PartKind,
  zone: string,
): Window {
  const [first, last] = [parts[0]!, parts.at(-1)!];
  if (own === zone) return { start: first.start, end: last.end };
  const { start } = sameDateWindow(kind, first.start, zone, own);
  return { start, end: sameDateWindow(kind, last.start, zone, own).end };
}
