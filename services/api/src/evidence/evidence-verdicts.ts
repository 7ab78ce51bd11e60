import { windowAt } from '@songma/domain';
import type { EvidenceHour, EvidenceVerdict } from '@songma/evidence';
import { judgeHours, operationOf, type Verdict } from '@songma/limits';
import type { Registry } from '@songma/registry';
import type { SeriesStore } from '@songma/series-store';
import { isoInZone } from '../iso-time.ts';
import type { MeterSpan } from '../series/query.ts';
import { meterWindows, type WindowDraft } from '../series/windows.ts';
import { spanOfMeter, type EvidenceBasis } from './evidence-basis.ts';

/** Windows that are shown before and after what is beyond the limit. */
const contextWindows = 1;
/** Hours that are shown before and after, so that a reader sees how it came. */
const contextMs = 12 * 3_600_000;
/** What lasts longer is shown up to this. */
const evidenceMsMax = 400 * 86_400_000;

/** What was found of each window, from the readings that were known then. */
export interface Judged {
  readonly verdicts: readonly Verdict[];
  readonly hours: readonly WindowDraft[];
}

/** A time beyond a limit, epoch milliseconds, `to` exclusive. */
export interface ConditionSpan {
  readonly since: number;
  readonly until: number;
}

/**
 * The verdicts of a condition, made anew from the readings as they were known: by the code that judged them first.
 *
 * @param asOfUs epoch microseconds
 */
export async function judgedAnew(
  { seriesStore, registry }: { readonly seriesStore: SeriesStore; readonly registry: Registry },
  basis: EvidenceBasis,
  { since, until }: ConditionSpan,
  asOfUs: number,
): Promise<Judged> {
  const { limit, context, signal } = basis;
  const zone = context.site.timeZone;
  const asOf = Math.floor(asOfUs / 1000);
  const end = Math.min(until, since + evidenceMsMax);
  let [from, to] = [since, end];
  for (let at = 0; at < contextWindows; at++) {
    from = windowAt(limit.averaging, from - 1, zone).start;
    to = windowAt(limit.averaging, to, zone).end;
  }
  const shown = {
    from: Math.min(from, windowAt('PT1H', since - contextMs, zone).start),
    to: Math.max(to, windowAt('PT1H', end + contextMs, zone).start),
  };
  const hours = await hoursOf(seriesStore, spanOfMeter(registry, context, { ...shown, asOf }), asOfUs);
  const signalled = new Map<number, WindowDraft>();
  if (signal !== undefined) {
    const span = spanOfMeter(registry, signal.context, { ...shown, asOf });
    for (const hour of await hoursOf(seriesStore, span, asOfUs)) signalled.set(hour.start, hour);
  }
  const judged = hours.filter(({ start }) => start >= from && start < to);
  const verdicts = judgeHours(limit, judged, zone, ({ start }) =>
    operationOf(signal?.of, signalled.get(start)),
  );
  return { verdicts, hours: hours.filter((hour) => hour.end <= asOf || hour.count > 0) };
}

async function hoursOf(store: SeriesStore, span: MeterSpan, asOfUs: number): Promise<WindowDraft[]> {
  return (await Array.fromAsync(meterWindows(store, { span, kind: 'PT1H', asOfUs, gaps: true }))).flat();
}

export function evidenceVerdict(verdict: Verdict, zone: string): EvidenceVerdict {
  const { start, end, state, reason = null, mean, bound = null, coverage, hours } = verdict;
  return {
    start: isoInZone(start, zone),
    end: isoInZone(end, zone),
    state,
    reason,
    mean,
    bound,
    coverage,
    validHours: hours?.valid ?? null,
    operatingHours: hours?.operating ?? null,
  };
}

export function evidenceHour(
  { start, end, mean, coverage, validMs }: WindowDraft,
  zone: string,
): EvidenceHour {
  return {
    start: isoInZone(start, zone),
    end: isoInZone(end, zone),
    mean,
    coverage,
    validShare: validMs / (end - start),
  };
}
