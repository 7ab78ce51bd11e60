import type { Severity } from '@songma/domain';
import { isWithinHours } from './duty-hours.ts';
import type { NoticeState } from './notice-state.ts';
import type { Telling } from './due.ts';
import type { Way } from './routing.ts';
import { rankOf } from './severity.ts';

const minuteMs = 60_000;
const hourMs = 3_600_000;

/** Messages to one person in any hour, at most, whatever happens. What comes beyond is gathered, never dropped. */
export const messagesAnHourMax = 10;
/** Of them for what does not break through, so that what does finds room. */
export const ordinaryAnHourMax = 8;
/** What comes within so long after a message goes with the next. */
export const joinMs = 30_000;
/** After so many messages in an hour they come at so long a pace. */
export const quickAnHour = 3;
export const gatherMs = 10 * minuteMs;
/** Items of one message at most; the rest goes with the next. */
export const itemsMax = 200;

/** A message that is due: to one person by one way, of one item or several. */
export interface DueMessage {
  readonly id: string;
  readonly person: string;
  readonly way: Way;
  /** The worst first. */
  readonly tellings: readonly Telling[];
}

/**
 * Which messages to one person are due of what there is to tell. The pace is per way and the most is per person: the
 * first goes at once, more within half a minute join it, many are gathered.
 *
 * @param tellings to this person, told by nothing in `notices`
 * @param notices to this person of the last hour at least
 */
export function messagesDue(
  tellings: readonly Telling[],
  notices: readonly NoticeState[],
  now: number,
): { readonly messages: DueMessage[]; readonly nextAt: number | undefined } {
  const times = notices
    .filter(({ state, plannedAt }) => state !== 'withdrawn' && plannedAt > now - hourMs)
    .map(({ plannedAt }) => plannedAt)
    .toSorted((a, b) => a - b);
  const messages: DueMessage[] = [];
  const wakes: number[] = [];
  const byWay = Map.groupBy(tellings, ({ way }) => way.id);
  for (const id of [...byWay.keys()].toSorted()) {
    const wanted = byWay.get(id)!;
    const { way, person } = wanted[0]!;
    const ready = wanted.filter((telling) => telling.notBefore <= now && !isQuiet(telling, now));
    for (const telling of wanted) wakes.push(wakeOf(telling, now));
    if (ready.length === 0) continue;
    const ofWay = notices
      .filter(({ channel, state }) => channel === id && state !== 'withdrawn')
      .reduce((last, { plannedAt }) => Math.max(last, plannedAt), -Infinity);
    const breaks = ready.some((telling) => telling.breaks);
    const at = mayGoAt([...times, ...messages.map(() => now)], ofWay, breaks, now);
    if (at > now) {
      wakes.push(at);
      continue;
    }
    const sorted = ready.toSorted(compareTellings).slice(0, itemsMax);
    if (sorted.length < ready.length) wakes.push(now + joinMs);
    messages.push({ id: messageId(sorted, person, id), person, way, tellings: sorted });
  }
  const later = wakes.filter((at) => at > now && at < Infinity);
  return { messages, nextAt: later.length === 0 ? undefined : Math.min(...later) };
}

/** When the next message may go, given when those of the last hour went. */
function mayGoAt(times: readonly number[], lastOfWay: number, breaks: boolean, now: number): number {
  const most = breaks ? messagesAnHourMax : ordinaryAnHourMax;
  const full = times.length < most ? now : times[times.length - most]! + hourMs;
  const gap = !breaks && times.length >= quickAnHour ? gatherMs : joinMs;
  return Math.max(full, lastOfWay + gap);
}

/** Whether the way is quiet now for this. */
function isQuiet({ way, item }: Telling, now: number): boolean {
  const { quiet, timeZone } = way;
  if (quiet === undefined) return false;
  const breakFrom: Severity = quiet.breakFrom ?? 'from-3';
  if (item.severity !== null && rankOf(item.severity) >= rankOf(breakFrom)) return false;
  return isWithinHours(quiet, now, timeZone);
}

/** When to look again for one that waits. */
function wakeOf(telling: Telling, now: number): number {
  if (telling.notBefore > now) return telling.notBefore;
  // Quiet hours end on the minute.
  return isQuiet(telling, now) ? now + minuteMs - (now % minuteMs) : Infinity;
}

function compareTellings(a: Telling, b: Telling): number {
  return rankOf(b.item.severity) - rankOf(a.item.severity) || (a.item.key < b.item.key ? -1 : 1);
}

/** One id for ever: of what is told, to whom, by which way; of several of the first and how many. */
function messageId(tellings: readonly Telling[], person: string, way: string): string {
  const [first] = tellings;
  const more = tellings.length === 1 ? '' : `+${tellings.length - 1}`;
  return `${first!.item.key}/${first!.item.purpose}${more}/${person}/${way}`;
}
