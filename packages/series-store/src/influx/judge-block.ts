import { outcome, type ReadingBlock } from '@songma/domain';
import { applyJudgement, judge, type History } from '../judge.ts';
import type { WriteResult } from '../port.ts';
import { HeldSite, type HeldHour } from './held.ts';
import { confirmationsMax } from './history-text.ts';
import { historyIn, isUnwritten, setHistory, type Line } from './line.ts';

/** What judging a block gave. */
export interface JudgedBlock extends WriteResult {
  readonly refused: { index: number; problem: string }[];
  /** Starts of the UTC hours in which something was stored or superseded. */
  readonly changedHours: Set<number>;
  /** Starts of those in which that had happened when the block came before. */
  readonly repeatedHours: Set<number>;
}

/**
 * Judges a block's readings one after the other against what is held, and changes what is held accordingly.
 * Every hour that the block touches must be complete. Lines that are to be written are added to `unwritten`.
 */
export function judgeBlock(site: HeldSite, block: ReadingBlock, unwritten: Set<Line>): JudgedBlock {
  const { knownUs, times, values, flags, meterIndex } = block;
  const outcomes = new Uint8Array(times.length);
  const refused: { index: number; problem: string }[] = [];
  const changedHours = new Set<number>();
  const repeatedHours = new Set<number>();
  const meters = block.meters.map((id) => site.meters.indexOf(id));
  const places = new Map<number, { readonly hour: HeldHour; readonly line: Line }>();

  for (let i = 0; i < times.length; i++) {
    const time = times[i]!;
    let place = places.get(time);
    if (place === undefined) {
      const hour = site.hour(HeldSite.hourOf(time));
      place = { hour, line: site.lineAt(hour, time, knownUs) };
      places.set(time, place);
      if (time > site.latest) site.latest = time;
      if (isUnwritten(place.line)) unwritten.add(place.line);
    }
    const { line } = place;
    const meter = meters[meterIndex[i]!]!;
    const history = historyIn(line, meter);
    const judgement = judge(history, { knownUs, value: values[i]!, flags: flags[i]! });
    outcomes[i] = judgement.outcome;
    if (judgement.problem !== undefined) refused.push({ index: i, problem: judgement.problem });
    if (judgement.outcome === outcome.stored || judgement.outcome === outcome.superseding) {
      (judgement.versions.length > 0 ? changedHours : repeatedHours).add(place.hour.start);
    }
    if (judgement.versions.length === 0 && judgement.confirmedUs === null) continue;
    const applied = thinned(applyJudgement(history, judgement)!);
    setHistory(line, meter, applied, site.meters.ids.length);
    noteUnwritten(line, meter, history, applied);
    unwritten.add(line);
  }
  return { outcomes, refused, changedHours, repeatedHours };
}

function noteUnwritten(
  { unwritten }: Line,
  meter: number,
  before: History | undefined,
  after: History,
): void {
  if (after.confirmedUs.length !== (before?.confirmedUs.length ?? 0)) unwritten.confirmations = true;
  if (after.versions.length === (before?.versions.length ?? 0)) return;
  if (after.versions.length > 1) unwritten.versions.add(meter);
  if (before?.versions.at(-1) !== after.versions.at(-1) && !unwritten.isNew) unwritten.readings.add(meter);
}

function thinned(history: History): History {
  return history.confirmedUs.length <= confirmationsMax
    ? history
    : { ...history, confirmedUs: history.confirmedUs.slice(-confirmationsMax) };
}
