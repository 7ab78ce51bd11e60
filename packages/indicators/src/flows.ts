import { lifeOf, type Life, type Meter, type Window } from '@songma/domain';
import type { IndicatorScope, ScopedMeter } from './compute.ts';
import { unmatched, type Matched, type MatchedRollup } from './matching.ts';

type InWindow = Pick<IndicatorScope, 'window' | 'start' | 'end'>;

/** An input of an indicator as far as its life matters. */
export interface InputLife {
  readonly meter: Meter;
  /** Whether it is of the side of what is made. */
  readonly isMade: boolean;
  /** Whether a meter that declares no beginning has told something by the end of the window asked for. */
  readonly hasBegun?: boolean;
}

/**
 * A flow of which something is expected in a window: a meter, or several that followed one another. It is expected from
 * the first one's beginning to the last one's end, so that what lies between two of them is missing.
 */
export interface Flow {
  /** Places of its meters among the inputs. */
  readonly members: readonly number[];
  readonly isMade: boolean;
  /** Milliseconds from the window's beginning on, by the clock of its site. */
  readonly expected: Window;
  readonly windowMs: number;
}

/** The flows among the inputs, in the windows of the same date at their sites; without those that expect nothing. */
export function flowsOf(inputs: readonly InputLife[], windowOf: (place: number) => Window): Flow[] {
  const places = new Map(inputs.map(({ meter }, i) => [meter.id, i]));
  const flows = Map.groupBy(inputs.keys(), (place) => rootOf(place, inputs, places));
  return [...flows].flatMap(([root, members]) => {
    const lives = members.flatMap((place) => lifeBegun(inputs[place]!));
    if (lives.length === 0) return [];
    const { start, end } = windowOf(root);
    const from = Math.max(start, Math.min(...lives.map((life) => life.from)));
    const to = Math.min(end, Math.max(...lives.map((life) => life.to)));
    if (to <= from) return [];
    const expected = { start: from - start, end: to - start };
    return [{ members, isMade: inputs[root]!.isMade, expected, windowMs: end - start }];
  });
}

/** Whether nothing is declared of the inputs' lives: all of them are expected always. */
export function areAlwaysThere(inputs: readonly InputLife[]): boolean {
  return inputs.every(
    ({ meter: { from, to, follows }, hasBegun = true }) =>
      hasBegun && from === undefined && to === undefined && follows === undefined,
  );
}

/** Whether anything is expected of the meter in the window. */
export function isExpected(one: ScopedMeter, scope: InWindow): boolean {
  const { start, end } = one.window ?? scope;
  return lifeBegun(one).some(({ from, to }) => from < end && to > start);
}

/** The first of the meters that followed one another up to this one, of those that are there. */
function rootOf(place: number, inputs: readonly InputLife[], places: ReadonlyMap<string, number>): number {
  let root = place;
  // Lives that follow one another ascend in time, so that there is no circle; what stands in the log must not hang us.
  for (let hops = 0; hops < inputs.length; hops++) {
    const { follows } = inputs[root]!.meter;
    const before = follows === undefined ? undefined : places.get(follows);
    if (before === undefined || inputs[before]!.isMade !== inputs[root]!.isMade) break;
    root = before;
  }
  return root;
}

function lifeBegun({ meter, hasBegun = true }: Pick<InputLife, 'meter' | 'hasBegun'>): Life[] {
  return meter.from === undefined && !hasBegun ? [] : [lifeOf(meter)];
}

/** Milliseconds for which flows of both sides are expected, and for which flows of either side are. */
export function sharedMs(flows: readonly Flow[]): { readonly both: number; readonly either: number } {
  const made = flows.filter(({ isMade }) => isMade);
  const used = flows.filter(({ isMade }) => !isMade);
  // As nearly always.
  if (made.some(isWhole) && used.some(isWhole)) {
    const ms = Math.max(...flows.map(({ windowMs }) => windowMs));
    return { both: ms, either: ms };
  }
  const either = lengthOf(flows);
  return { both: lengthOf(made) + lengthOf(used) - either, either };
}

/**
 * How much of what is expected of the inputs is there, 0 to 1: the least of each flow's coverage, and of the share of
 * time for which both sides are metered, of that for which any of them is: a site that metered its production all year
 * and its power since July has no year. Time of which neither is metered is not missed.
 */
export function coverageOfSides(inputs: readonly (ScopedMeter & InputLife)[], scope: InWindow): number {
  const flows = flowsOf(inputs, (place) => inputs[place]!.window ?? scope);
  const { both, either } = sharedMs(flows);
  if (both === 0) return 0;
  return Math.min(both / either, ...flows.map((flow) => coverageOf(flow, inputs, scope)));
}

/** Of the one rollup as it says; of several by the time that they cover together. */
function coverageOf(
  { members, expected }: Flow,
  inputs: readonly ScopedMeter[],
  { window }: InWindow,
): number {
  const rollups = members.flatMap((place) => inputs[place]!.rollups);
  if (window !== 'R12M' && members.length === 1) return rollups[0]?.coverage ?? 0;
  const coveredMs = rollups.reduce((sum, rollup) => sum + rollup.coveredMs, 0);
  return Math.min(1, coveredMs / (expected.end - expected.start));
}

/**
 * One window in which nothing finer is looked at, as {@link matchWindow} has it, where not every input is there
 * throughout: all are known as long as the flow of which least is known, as a share of what is expected of it, and only
 * while flows of both sides are expected.
 */
export function matchFlows(
  flows: readonly Flow[],
  rollups: readonly (MatchedRollup | undefined)[],
  shareMin: number,
): Matched {
  const { both } = sharedMs(flows);
  const known = flows.map((flow) => knownShare(flow, rollups));
  if (both === 0 || known.some((share) => share === 0 || share < shareMin)) return unmatched(rollups.length);
  const least = Math.min(...known);
  const sums = rollups.map(() => 0);
  for (const [i, { members }] of flows.entries()) {
    for (const place of members) sums[place] = ((rollups[place]?.sum ?? 0) * least) / known[i]!;
  }
  return { knownMs: least * both, sums };
}

/** What is known of such a window without looking into it, as {@link matchWhole} has it. */
export function matchWholeFlows(
  flows: readonly Flow[],
  rollups: readonly (MatchedRollup | undefined)[],
): Matched | undefined {
  const { both, either } = sharedMs(flows);
  const known = flows.map((flow) => knownShare(flow, rollups));
  if (both === 0 || known.includes(0)) return unmatched(rollups.length);
  return both === either && known.every((share) => share === 1) ? matchFlows(flows, rollups, 1) : undefined;
}

/** How much of what is expected of a flow is known, 0 to 1. */
function knownShare({ members, expected }: Flow, rollups: readonly (MatchedRollup | undefined)[]): number {
  let coveredMs = 0;
  for (const place of members) {
    const rollup = rollups[place];
    if (rollup !== undefined && rollup.sum !== null) coveredMs += rollup.coveredMs;
  }
  return Math.min(1, coveredMs / (expected.end - expected.start));
}

function isWhole({ expected, windowMs }: Flow): boolean {
  return expected.start === 0 && expected.end === windowMs;
}

/** Of the time for which any of the flows is expected. */
function lengthOf(flows: readonly Flow[]): number {
  const spans = flows.map(({ expected }) => expected).toSorted((a, b) => a.start - b.start);
  let [length, at] = [0, -Infinity];
  for (const { start, end } of spans) {
    length += Math.max(0, end - Math.max(start, at));
    at = Math.max(at, end);
  }
  return length;
}
