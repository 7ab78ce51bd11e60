import type { Meter, Rollup, Window } from '@songma/domain';
import { areAlwaysThere, flowsOf, matchFlows, matchWholeFlows, type Flow, type InputLife } from '../flows.ts';
import { matchWhole, matchWindow, type Matched, type MatchedRollup } from '../matching.ts';

/** What of a rollup a baseline reads. */
export type PeriodRollup = Pick<Rollup, 'sum' | 'mean' | 'coverage'> & Partial<Pick<Rollup, 'coveredMs'>>;

/** A meter's window of some date by the clock of its site, and whether it had begun by the end of the period. */
export interface MeterWindow {
  readonly window: Window;
  /** Of one that declares no beginning: whether it has told something by then. */
  readonly hasBegun: boolean;
}

export type MeterWindowOf = (meter: Meter) => MeterWindow;

/** Of meters of whose lives nothing is asked: they are there always. */
export const alwaysThere =
  (window: Window): MeterWindowOf =>
  () => ({ window, hasBegun: true });

/** A meter that a period stands on, and whether it is on the side of what is made. */
export interface PeriodInput {
  readonly meter: Meter;
  readonly isMade: boolean;
}

/** The flows of some meters of which anything is expected. */
export function periodFlows(inputs: readonly PeriodInput[], windowOf: MeterWindowOf): Flow[] {
  return flowsOf(withLives(inputs, windowOf), (place) => windowOf(inputs[place]!.meter).window);
}

/** How much of what is expected of a flow is there, 0 to 1: of one meter as it says. */
export function flowCoverage(
  { members, expected }: Flow,
  inputs: readonly PeriodInput[],
  rollupOf: (meter: string) => PeriodRollup | undefined,
): number {
  const rollups = members.map((place) => rollupOf(inputs[place]!.meter.id));
  if (rollups.length === 1) return rollups[0]?.coverage ?? 0;
  const coveredMs = rollups.reduce((sum, rollup) => sum + (rollup?.coveredMs ?? 0), 0);
  return Math.min(1, coveredMs / (expected.end - expected.start));
}

/** Whether every one is expected throughout, and followed no other. */
export function areWhole(inputs: readonly PeriodInput[], windowOf: MeterWindowOf): boolean {
  return areAlwaysThere(withLives(inputs, windowOf));
}

/** What they told of a window while all that is expected of them is known, nothing finer being looked at. */
export function matchPeriod(
  inputs: readonly PeriodInput[],
  windowOf: MeterWindowOf,
  rollups: readonly (MatchedRollup | undefined)[],
  shareMin: number,
): Matched {
  return areWhole(inputs, windowOf)
    ? matchWindow(rollups, shareMin)
    : matchFlows(onBothSides(periodFlows(inputs, windowOf)), rollups, shareMin);
}

/** The same of a window that is wholly known or not at all; undefined when it takes a closer look. */
export function matchWholePeriod(
  inputs: readonly PeriodInput[],
  windowOf: MeterWindowOf,
  rollups: readonly (MatchedRollup | undefined)[],
): Matched | undefined {
  return areWhole(inputs, windowOf)
    ? matchWhole(rollups)
    : matchWholeFlows(onBothSides(periodFlows(inputs, windowOf)), rollups);
}

function withLives(inputs: readonly PeriodInput[], windowOf: MeterWindowOf): InputLife[] {
  return inputs.map((input) => ({ ...input, hasBegun: windowOf(input.meter).hasBegun }));
}

/** What is used alone, where the period stands on nothing that is made, is matched with itself. */
function onBothSides(flows: readonly Flow[]): readonly Flow[] {
  return flows.some(({ isMade }) => isMade)
    ? flows
    : flows.flatMap((flow) => [flow, { ...flow, isMade: true }]);
}
