import { quantile } from './feed-statistics.ts';
import {
  correlation,
  dayProfile,
  latenessSince,
  medianLateness,
  widened,
  type FeedTrace,
} from './feed-trace.ts';
import { timeZone } from './time-zone.ts';
import { windowsBetween } from './windows.ts';

/** What speaks for a shift, each found by itself. */
export const shiftEvidenceKinds = [
  'arrives-early',
  'arrives-late',
  'profile-of-peers',
  'profile-moved',
  'midnight',
] as const;
export type ShiftEvidenceKind = (typeof shiftEvidenceKinds)[number];

export interface ShiftEvidence {
  readonly kind: ShiftEvidenceKind;
  /** Stored times minus true ones that this speaks for. */
  readonly shiftMs: number;
  /** How much it says alone, 0 to 1. */
  readonly weight: number;
  /** What it was measured by: milliseconds (`…Ms`), correlations, counts. */
  readonly measures: Readonly<Record<string, number>>;
}

/** What was found out about a feed's clock. It is a suspicion for people to look at: nothing is corrected by it. */
export interface ShiftDiagnosis {
  /** Null: the data cannot tell. */
  readonly suspected: boolean | null;
  /** Stored times minus true ones: positive where stamps run ahead. Null unless suspected. */
  readonly shiftMs: number | null;
  /** 0 to 1, of the suspicion. */
  readonly confidence: number;
  /** From when on, epoch milliseconds, where the feed itself shows a change; null: throughout, or not known. */
  readonly since: number | null;
  /** The shift is of the rows stamped at midnight only. */
  readonly midnightOnly: boolean;
  readonly evidence: readonly ShiftEvidence[];
  /** Other meters of the site whose course could be compared: in step with it, and shifted against it. */
  readonly peersInStep: number;
  readonly peersShifted: number;
}

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;

/** Every threshold of the detector. */
export const shiftThresholds = {
  /** A suspicion needs this much of combined weight: no single course of a peer, nor lateness alone, reaches it. */
  confidenceMin: 0.6,
  /** Arrivals below which they say nothing. */
  arrivalsMin: 50,
  /** Clocks of loggers differ by so much without anything being wrong. */
  clockToleranceMs: 2 * minuteMs,
  /**
   * A measured shift is taken for a known one (interval, hour, offset of the zone) when it is this near, as a share.
   */
  candidateNear: 0.25,
  /** Correlation at the best lag, and by how much it must exceed that of the other answer. */
  correlationMin: 0.7,
  correlationGainMin: 0.1,
  /** Known pairs of steps of two courses that a comparison needs: five days. */
  pairsMinMs: 5 * dayMs,
  /** Days on each side of a change of the daily profile, and correlation of the two profiles at the best lag. */
  daysAroundMin: 5,
  profileCorrelationMin: 0.8,
} as const;
const limits = shiftThresholds;

/**
 * Whether a feed's stamps are shifted by its interval, an hour or its zone's offset from UTC, or its midnight by a day.
 *
 * - `arrives-early`: the earliest twentieth of readings comes before what they describe is over, which cannot be;
 * - `arrives-late`: even the quickest come late by such a shift, more than those of the peers, and steadily so;
 * - `profile-of-peers`: of the meters of the site with which it goes together, most do so at a lag;
 * - `profile-moved`: its own day begins at another time from a date on, and that of no peer does;
 * - `midnight`: the row of midnight comes a day later or earlier than those before and after it.
 *
 * A course that is the same at all lags (a flat or a smooth one) tells nothing. Meters that go together at no lag
 * outweigh lateness and a moved profile: such a feed is slow, or the plant has changed its rhythm. Peers show that
 * two groups of meters differ, not which of them is wrong: the smaller one is suspected.
 */
export function diagnoseShift(trace: FeedTrace, peers: readonly FeedTrace[], zone: string): ShiftDiagnosis {
  const moved = profileMoved(trace, peers, zone);
  const since = moved?.since ?? trace.from;
  const candidates = candidateShifts(trace, zone, since);
  const courses = comparedCourses(trace, peers, candidates, since);
  const inStep = courses.filter((shift) => shift === 0).length;
  // The feed itself belongs to those that are in step.
  const isInStep = inStep > 0 && inStep + 1 > courses.length - inStep;
  const found = [
    arrivesEarly(trace, candidates, since),
    midnightMoved(trace, since),
    ofPeers(courses),
    ...(isInStep ? [] : [arrivesLate(trace, peers, candidates, since), moved?.evidence]),
  ].filter((evidence) => evidence !== undefined);

  const groups = found.map(({ kind, shiftMs }) => {
    const group = found.filter(
      (other) => (other.kind === 'midnight') === (kind === 'midnight') && isNear(other.shiftMs, shiftMs),
    );
    return { shiftMs, kind, confidence: 1 - group.reduce((doubt, { weight }) => doubt * (1 - weight), 1) };
  });
  const best = groups.toSorted((a, b) => b.confidence - a.confidence)[0];
  const isSuspected = best !== undefined && best.confidence >= limits.confidenceMin;
  const hasMoved = isSuspected && found.some(({ kind }) => kind === 'profile-moved');
  return {
    suspected: isSuspected ? true : isInStep ? false : null,
    shiftMs: isSuspected ? best.shiftMs : null,
    confidence: Math.round((best?.confidence ?? 0) * 100) / 100,
    since: hasMoved && moved !== undefined ? moved.since : null,
    midnightOnly: isSuspected && best.kind === 'midnight',
    evidence: found,
    peersInStep: inStep,
    peersShifted: courses.length - inStep,
  };
}

/** Shifts that mistakes make: the other end of the interval, summer time, a clock that stands at UTC. */
function candidateShifts({ intervalMs }: FeedTrace, zone: string, at: number): readonly number[] {
  const offsetMs = timeZone(zone).offsetAt(at);
  const shifts = [intervalMs, hourMs, Math.abs(offsetMs)].filter((ms) => ms > 0);
  return [...new Set(shifts.flatMap((ms) => [ms, -ms]))];
}

/** The candidate that a measured shift stands for. */
function candidateNear(shiftMs: number, candidates: readonly number[]): number | undefined {
  const [nearest] = candidates.toSorted((a, b) => Math.abs(a - shiftMs) - Math.abs(b - shiftMs));
  if (nearest === undefined) return undefined;
  return Math.abs(nearest - shiftMs) <= limits.candidateNear * Math.abs(nearest) ? nearest : undefined;
}

function isNear(a: number, b: number): boolean {
  return Math.abs(a - b) <= 0.1 * Math.max(Math.abs(a), Math.abs(b));
}

function arrivesEarly(
  trace: FeedTrace,
  candidates: readonly number[],
  since: number,
): ShiftEvidence | undefined {
  const lateness = latenessSince(trace, since);
  const quickestMs = quantile(lateness, 0.05) ?? 0;
  if (lateness.length < limits.arrivalsMin || quickestMs >= -limits.clockToleranceMs) return undefined;
  const shiftMs = candidateNear(-quickestMs, candidates) ?? Math.round(-quickestMs / minuteMs) * minuteMs;
  return { kind: 'arrives-early', shiftMs, weight: 0.9, measures: { quickestMs, arrivals: lateness.length } };
}

function arrivesLate(
  trace: FeedTrace,
  peers: readonly FeedTrace[],
  candidates: readonly number[],
  since: number,
): ShiftEvidence | undefined {
  const lateness = latenessSince(trace, since);
  if (lateness.length < limits.arrivalsMin) return undefined;
  const quickestOfPeers = peers
    .map((peer) => latenessSince(peer, since))
    .filter(({ length }) => length >= limits.arrivalsMin)
    .map((ms) => quantile(ms, 0.05)!);
  const quickestMs = quantile(lateness, 0.05)!;
  const peersMs = quantile(Float64Array.from(quickestOfPeers).toSorted(), 0.5) ?? 0;
  const shiftMs = candidateNear(peersMs - quickestMs, candidates);
  const isSteady = quantile(lateness, 0.5)! - quickestMs <= (quickestMs - peersMs) / 2;
  if (shiftMs === undefined || shiftMs > -2 * limits.clockToleranceMs || !isSteady) return undefined;
  const weight = quickestOfPeers.length > 0 ? 0.5 : 0.3;
  return {
    kind: 'arrives-late',
    shiftMs,
    weight,
    measures: { quickestMs, peersMs, arrivals: lateness.length },
  };
}

/**
 * Per peer that goes together with the feed the lag at which it does, 0: in step; those that cannot tell are left out.
 */
function comparedCourses(
  trace: FeedTrace,
  peers: readonly FeedTrace[],
  candidates: readonly number[],
  since: number,
): number[] {
  return peers.flatMap((peer) => {
    if (trace.stepMs === undefined || peer.stepMs === undefined || peer.from !== trace.from) return [];
    const stepMs = Math.max(trace.stepMs, peer.stepMs);
    if (stepMs % trace.stepMs !== 0 || stepMs % peer.stepMs !== 0) return [];
    const [own, other] = [widened(trace, stepMs), widened(peer, stepMs)];
    const options = { first: Math.ceil((since - trace.from) / stepMs), pairsMin: limits.pairsMinMs / stepMs };
    const strengthAt = (shiftMs: number) => Math.abs(correlation(own, other, shiftMs / stepMs, options));
    const lags = candidates.filter((ms) => ms % stepMs === 0);
    const still = strengthAt(0);
    const [best] = lags
      .map((ms) => ({ ms, strength: strengthAt(ms) }))
      .toSorted((a, b) => b.strength - a.strength);
    if (best === undefined || Number.isNaN(still)) return [];
    if (Math.max(still, best.strength) < limits.correlationMin) return [];
    if (best.strength - still >= limits.correlationGainMin) return [best.ms];
    return still - strengthAt(hourMs) >= limits.correlationGainMin &&
      still - strengthAt(-hourMs) >= limits.correlationGainMin
      ? [0]
      : [];
  });
}

/** Most of the peers that can tell must name one lag; a single one may be upstream or downstream of the meter. */
function ofPeers(courses: readonly number[]): ShiftEvidence | undefined {
  const shifts = new Set(courses.filter((shift) => shift !== 0));
  for (const shiftMs of shifts) {
    const peers = courses.filter((shift) => shift === shiftMs).length;
    if (2 * peers <= courses.length) continue;
    const weight = peers === 1 ? 0.4 : 0.7;
    return { kind: 'profile-of-peers', shiftMs, weight, measures: { peers, compared: courses.length } };
  }
  return undefined;
}

interface Moved {
  readonly since: number;
  readonly evidence: ShiftEvidence;
}

/** The date from which on the feed's day has the shape of before, an hour or an interval away. */
function profileMoved(trace: FeedTrace, peers: readonly FeedTrace[], zone: string): Moved | undefined {
  const { stepMs, from, signal } = trace;
  if (stepMs === undefined) return undefined;
  const to = from + signal.length * stepMs;
  const days = windowsBetween('P1D', from, to, zone).map(({ start }) => start);
  const lags = candidateShifts(trace, zone, from).filter(
    (ms) => ms % stepMs === 0 && Math.abs(ms) < dayMs / 2,
  );
  let best: { since: number; shiftMs: number; strength: number; gain: number } | undefined;
  for (let day = limits.daysAroundMin; day <= days.length - limits.daysAroundMin; day++) {
    const since = days[day]!;
    const strengthAt = profileStrength(trace, zone, since);
    const still = strengthAt(0);
    for (const shiftMs of lags) {
      const strength = strengthAt(shiftMs);
      if (strength - still > (best?.gain ?? 0)) best = { since, shiftMs, strength, gain: strength - still };
    }
  }
  if (best === undefined || best.strength < limits.profileCorrelationMin) return undefined;
  const { since, shiftMs, strength, gain } = best;
  if (gain < limits.correlationGainMin) return undefined;
  // Where another meter moves with it, the plant has changed its rhythm.
  const isPlants = peers.some((peer) => {
    if (peer.stepMs === undefined || shiftMs % peer.stepMs !== 0) return false;
    const strengthAt = profileStrength(peer, zone, since);
    return strengthAt(shiftMs) - strengthAt(0) >= limits.correlationGainMin / 2;
  });
  if (isPlants) return undefined;
  const measures = { correlation: strength, unshifted: strength - gain };
  return { since, evidence: { kind: 'profile-moved', shiftMs, weight: 0.5, measures } };
}

/** Correlation of the daily profile after a date with that before it, by how far the latter is moved. */
function profileStrength(trace: FeedTrace, zone: string, since: number): (shiftMs: number) => number {
  const before = dayProfile(trace, zone, trace.from, since);
  const after = dayProfile(trace, zone, since, Infinity);
  const options = { around: true, pairsMin: before.length / 2 };
  return (shiftMs) => correlation(after, before, shiftMs / trace.stepMs!, options);
}

/**
 * A day that ends at midnight, read as beginning there: its last row is stored a day early, and comes a day late. In a
 * file of the whole day that row comes with the one after it as it should, so that both neighbours must differ.
 */
function midnightMoved(trace: FeedTrace, since: number): ShiftEvidence | undefined {
  const [beforeMs, midnightMs, afterMs] = trace.aroundMidnight.map((rows) =>
    medianLateness(trace, rows, since),
  );
  if (beforeMs === undefined || midnightMs === undefined || afterMs === undefined) return undefined;
  const [late, early] = [midnightMs - Math.max(beforeMs, afterMs), Math.min(beforeMs, afterMs) - midnightMs];
  if (Math.max(late, early) < dayMs - hourMs || Math.max(late, early) > dayMs + hourMs) return undefined;
  const shiftMs = late > 0 ? -dayMs : dayMs;
  return { kind: 'midnight', shiftMs, weight: 0.8, measures: { beforeMs, midnightMs, afterMs } };
}
