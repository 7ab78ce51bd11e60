import { sameDateWindow, type Window } from '@songma/domain';
import {
  areAlwaysThere,
  flowsOf,
  matchFlows,
  matchWindow,
  sharedMs,
  type Flow,
  type InputLife,
  type Matched,
  type MatchedRollup,
} from '@songma/indicators';
import type { InputMeter, TouchedScope } from './indicator-scopes.ts';
import type { PartKind } from './indicator-windows.ts';

/** An input, and whether anything is expected of it in the window asked for. */
export type MatchedInput = InputMeter & InputLife;

/** Whose time is matched: the inputs of one indicator of a scope. */
export interface MatchedInputs {
  readonly scope: TouchedScope;
  readonly name: string;
  readonly product: string | undefined;
  readonly inputs: readonly MatchedInput[];
  readonly shareMin: number;
}

/** The flows that are expected in a window of the scope. */
export function flowsIn({ scope, inputs }: MatchedInputs, kind: PartKind, { start }: Window): Flow[] {
  return flowsOf(inputs, (place) => sameDateWindow(kind, start, scope.zone, inputs[place]!.zone));
}

/** Milliseconds of a window of the scope in which anything is expected of the inputs. */
export function expectedMs(which: MatchedInputs, kind: PartKind, part: Window): number {
  return areAlwaysThere(which.inputs) ? part.end - part.start : sharedMs(flowsIn(which, kind, part)).either;
}

/** What the inputs told of a day that is not looked into: each is known for its share. */
export function matchUndivided(
  which: MatchedInputs,
  day: Window,
  rollups: readonly (MatchedRollup | undefined)[],
): Matched {
  return areAlwaysThere(which.inputs)
    ? matchWindow(rollups, which.shareMin)
    : matchFlows(flowsIn(which, 'P1D', day), rollups, which.shareMin);
}
