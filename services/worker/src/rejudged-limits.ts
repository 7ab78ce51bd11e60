import { windowAt, type OperatingSignal, type Rollup } from '@songma/domain';
import { judge, operationOf, validMeanOf, type Verdict } from '@songma/limits';
import type { Registry } from '@songma/registry';
import type { FactHours } from './facts/fact-hours.ts';
import {
  byMeter,
  hasAllReadings,
  isComplete,
  judgedLimits,
  storedHours,
  verdictsOf,
  wholeWindows,
  type HoursByMeter,
  type JudgedLimit,
  type LimitSpan,
} from './limit-verdicts.ts';
import type { PieceStore } from './piece-store.ts';
import type { ChangedRollup } from './rollup-computation.ts';
import { hasReadings, type WindowEndings } from './window-endings.ts';

/** A limit of which a window may be judged otherwise than before: whole windows, which have ended. */
export interface RejudgedLimit extends LimitSpan {
  /**
   * Whether a window in it is or was beyond the limit, or no longer keeps it. Otherwise only alerts that lasted in this
   * time can be others now.
   */
  readonly isBroken: boolean;
  /** Whether a fact made it due, or the time that passed. */
  readonly isOfFact: boolean;
}

/** One of which it is not known yet whether its windows say something else: they are read for it. */
interface Candidate extends LimitSpan {
  /** Whether hours have changed, or only more windows are over. */
  readonly isChanged: boolean;
}

interface RejudgingDeps {
  readonly registry: Registry;
  readonly seriesStore: PieceStore;
  readonly endings: WindowEndings;
}

/**
 * The limits that the changed hours, the facts, and the windows that are over since the site has told something newer
 * may have judged otherwise; each once.
 */
export async function rejudgedLimits(
  deps: RejudgingDeps,
  hours: readonly ChangedRollup[],
  facts: readonly FactHours[],
): Promise<RejudgedLimit[]> {
  const { registry, endings } = deps;
  const changed = byMeter(hours.map(({ after }) => after));
  const ended = hours.filter(({ after }) => endings.mayBeOver(after));
  const others = ended.filter(({ after }) => !facts.some(({ id }) => id === after.meter));
  const [sure, candidates] = byHours(registry, others);
  const [operated, completed] = byOperation(registry, ended);
  const doubtful = [...candidates, ...completed, ...byNewer(deps, hours)];
  return joined([
    ...sure,
    ...operated,
    ...byFacts(registry, changed, facts),
    ...(await saidOtherwise(deps, doubtful, changed)),
  ]).flatMap((one) => withoutRunning(one, endings));
}

/** Limits of the meters whose hours have changed, where that may alter a verdict; meters with facts come apart. */
function byHours(
  registry: Registry,
  hours: readonly ChangedRollup[],
): [sure: RejudgedLimit[], candidates: Candidate[]] {
  const sure: RejudgedLimit[] = [];
  const candidates: Candidate[] = [];
  for (const [meter, changes] of Map.groupBy(hours, ({ after }) => after.meter)) {
    for (const of of judgedLimits(registry, meter)) {
      if (of.limit.averaging === 'PT1H') {
        const told = changes.map((change) => ({ change, verdicts: hourVerdicts(of, change) }));
        const moved = told.filter(
          ({ change, verdicts: [before, after] }) => differ(before, after) || becameComplete(change),
        );
        if (moved.length === 0) continue;
        const isBroken = moved.some(({ verdicts: [before, after] }) => matters(before, after));
        sure.push({
          ...spanning(
            of,
            moved.map(({ change }) => change),
          ),
          isBroken,
          isOfFact: false,
        });
      } else {
        const moved = changes.filter((change) => validMeans(of, change) || becameComplete(change));
        if (moved.length > 0) candidates.push({ ...spanning(of, moved), isChanged: true });
      }
    }
  }
  return [sure, candidates];
}

function hourVerdicts({ limit }: JudgedLimit, { before, after }: ChangedRollup) {
  return [before === undefined ? undefined : judge(limit, before), judge(limit, after)] as const;
}

/** Whether an hour gives another mean to a longer window, or none any more. */
function validMeans({ limit }: JudgedLimit, { before, after }: ChangedRollup): boolean {
  return (before === undefined ? null : validMeanOf(limit, before)) !== validMeanOf(limit, after);
}

function becameComplete({ before, after }: ChangedRollup): boolean {
  return hasAllReadings(after) && (before === undefined || !hasAllReadings(before));
}

/** Limits of sources whose operation is told by the meters whose hours have changed. */
function byOperation(
  registry: Registry,
  hours: readonly ChangedRollup[],
): [sure: RejudgedLimit[], candidates: Candidate[]] {
  const sure: RejudgedLimit[] = [];
  const candidates: Candidate[] = [];
  for (const [meter, changes] of Map.groupBy(hours, ({ after }) => after.meter)) {
    const { site } = changes[0]!.after;
    for (const { id, operating } of registry.sourcesOfSite(site)) {
      if (operating?.meter !== meter) continue;
      const operated = changes.filter((change) => operatesOtherwise(operating, change));
      const completed = changes.filter(becameComplete);
      const limited = registry.metersOfSite(site).filter(({ source }) => source === id);
      for (const of of limited.flatMap((one) => judgedLimits(registry, one.id))) {
        if (operated.length > 0) sure.push({ ...spanning(of, operated), isBroken: true, isOfFact: false });
        if (completed.length > 0) candidates.push({ ...spanning(of, completed), isChanged: false });
      }
    }
  }
  return [sure, candidates];
}

function operatesOtherwise(signal: OperatingSignal, { before, after }: ChangedRollup): boolean {
  return (operationOf(signal, before) === 'off') !== (operationOf(signal, after) === 'off');
}

/** Every limit of the meters, over the hours in which a fact about them has changed. */
function byFacts(registry: Registry, hours: HoursByMeter, facts: readonly FactHours[]): RejudgedLimit[] {
  return facts.flatMap(({ id, spans }) => {
    const changed = [...(hours.get(id)?.values() ?? [])];
    const from = Math.min(spans[0]!.start, ...changed.map(({ start }) => start));
    const to = Math.max(spans.at(-1)!.end, ...changed.map(({ end }) => end));
    return judgedLimits(registry, id).map((of) => ({
      ...wholeWindows(of, from, to),
      isBroken: true,
      isOfFact: true,
    }));
  });
}

/**
 * Limits of the sites that have told something of an hour for the first time, with the windows that are over since then
 * and were not by the clock: those are found when their grace has passed.
 */
function byNewer({ registry, endings }: RejudgingDeps, hours: readonly ChangedRollup[]): Candidate[] {
  const { now, overByClock } = endings;
  const begun = hours.filter(
    ({ before, after }) => hasReadings(after) && (before === undefined || !hasReadings(before)),
  );
  return [...Map.groupBy(begun, ({ after }) => after.site)].flatMap(([site, of]) => {
    const to = Math.min(now, Math.max(...of.map(({ after }) => after.start)));
    if (to <= overByClock) return [];
    return registry
      .metersOfSite(site)
      .flatMap(({ id }) => judgedLimits(registry, id))
      .flatMap((limit) => {
        const zone = limit.context.site.timeZone;
        // The first window that ends after what is over by the clock, and the last that has ended by now.
        const first = windowAt(limit.limit.averaging, overByClock, zone);
        const last = windowAt(limit.limit.averaging, to, zone);
        return first.start >= last.start
          ? []
          : [{ of: limit, from: first.start, to: last.start, isChanged: false }];
      });
  });
}

/** Those of which a window says something else than before, or is over now. */
async function saidOtherwise(
  { seriesStore, endings }: RejudgingDeps,
  candidates: readonly Candidate[],
  changed: HoursByMeter,
): Promise<RejudgedLimit[]> {
  const ended = candidates.flatMap((one) => withoutRunning(one, endings));
  const held = await storedHours(seriesStore, ended);
  return ended.flatMap((one) => {
    const after = verdictsOf(one, held, changed);
    if (!one.isChanged) return [{ ...one, isBroken: after.some(isBeyond), isOfFact: false }];
    const before = new Map(verdictsOf(one, held).map((verdict) => [verdict.start, verdict]));
    const moved = after.filter(
      (verdict) =>
        differ(before.get(verdict.start), verdict) ||
        isComplete(one, verdict, held, changed) !== isComplete(one, verdict, held),
    );
    if (moved.length === 0) return [];
    const isBroken = moved.some((verdict) => matters(before.get(verdict.start), verdict));
    return [{ ...one, isBroken, isOfFact: false }];
  });
}

/** Whether two verdicts on a window say something else of it that an alert tells. */
function differ(before: Verdict | undefined, after: Verdict): boolean {
  if ((before?.state ?? 'unjudged') !== after.state) return true;
  if (before?.state !== 'broken') return false;
  return (
    before.mean !== after.mean ||
    before.coverage !== after.coverage ||
    before.hours?.valid !== after.hours?.valid ||
    before.hours?.operating !== after.hours?.operating
  );
}

/** A window that no longer keeps the limit may join what it parted. */
function matters(before: Verdict | undefined, after: Verdict): boolean {
  return isBeyond(before) || isBeyond(after) || (before?.state === 'kept' && after.state !== 'kept');
}

function isBeyond(verdict: Verdict | undefined): boolean {
  return verdict?.state === 'broken';
}

function spanning(of: JudgedLimit, changes: readonly { readonly after: Rollup }[]): LimitSpan {
  const from = Math.min(...changes.map(({ after }) => after.start));
  const to = Math.max(...changes.map(({ after }) => after.end));
  return wholeWindows(of, from, to);
}

/** Without the window that is under way, and those to come. */
function withoutRunning<T extends LimitSpan>(one: T, { now }: WindowEndings): T[] {
  const { of, from, to } = one;
  if (to <= now) return [one];
  const { start } = windowAt(of.limit.averaging, now, of.context.site.timeZone);
  return from < start ? [{ ...one, to: start }] : [];
}

/** Those of one limit as one. */
function joined(some: readonly RejudgedLimit[]): RejudgedLimit[] {
  return [...Map.groupBy(some, ({ of }) => of.limit.id).values()].map((spans) => ({
    of: spans[0]!.of,
    from: Math.min(...spans.map(({ from }) => from)),
    to: Math.max(...spans.map(({ to }) => to)),
    isBroken: spans.some(({ isBroken }) => isBroken),
    isOfFact: spans.some(({ isOfFact }) => isOfFact),
  }));
}
