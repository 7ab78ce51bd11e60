import type { Roster, RosterLayer } from '@songma/domain';
import { clockMs, instantOfClock, isWithinHours } from './duty-hours.ts';
import { timeZone } from '@songma/domain';

const dayMs = 86_400_000;
const handOffUnlessTold = '07:30';
/** Changes of one look ahead at most: two a day of twenty layers over the ninety days of a calendar, and more. */
const changesMax = 10_000;

/** Whom a roster has on duty at a time, in the order of its layers, and why. */
export interface OnDuty {
  readonly persons: readonly string[];
  /** Nobody else was, so that it is the last one. */
  readonly isLast: boolean;
}

export function onDuty(roster: Roster, time: number): OnDuty {
  const persons = new Set<string>();
  for (const layer of roster.layers) {
    const person = personOfLayer(layer, roster.timeZone, time);
    if (person !== undefined) persons.add(person);
  }
  for (const { from, to, add = [], remove = [] } of roster.overrides) {
    if (time < from || time >= to) continue;
    for (const person of remove) persons.delete(person);
    for (const person of add) persons.add(person);
  }
  return persons.size > 0
    ? { persons: [...persons], isLast: false }
    : { persons: [roster.last], isLast: true };
}

/** Turns are counted in dates that begin with the hand-off, so that a day of 23 or 25 hours is one like any other. */
function personOfLayer(layer: RosterLayer, zone: string, time: number): string | undefined {
  const { from, to, persons, days, handOffAt = handOffUnlessTold, hours } = layer;
  const date = Math.floor((time + timeZone(zone).offsetAt(time) - clockMs(handOffAt)) / dayMs);
  const first = dateNumber(from);
  if (date < first || (to !== undefined && date >= dateNumber(to))) return undefined;
  if (hours !== undefined && !isWithinHours(hours, time, zone)) return undefined;
  return persons[Math.floor((date - first) / days) % persons.length];
}

function dateNumber(date: string): number {
  return Date.parse(`${date}T00:00:00Z`) / dayMs;
}

/** A time in which the same persons are on duty. Epoch milliseconds, end exclusive. */
export interface Turn extends OnDuty {
  readonly from: number;
  readonly to: number;
}

/** Who is on duty from `from` to `to`, turn by turn, without gaps. */
export function turnsOf(roster: Roster, from: number, to: number): Turn[] {
  const turns: Turn[] = [];
  for (const [begin, end] of spansBetween(changesOf(roster, from, to), from, to)) {
    const duty = onDuty(roster, begin);
    const last = turns.at(-1);
    if (last !== undefined && last.isLast === duty.isLast && sameIds(last.persons, duty.persons)) {
      turns[turns.length - 1] = { ...last, to: end };
    } else turns.push({ ...duty, from: begin, to: end });
  }
  return turns;
}

/** Instants at which somebody else may be on duty. */
function changesOf({ layers, overrides, timeZone: zone }: Roster, from: number, to: number): number[] {
  const changes = new Set<number>();
  const firstDay = Math.floor(from / dayMs) - 2;
  const lastDay = Math.floor(to / dayMs) + 2;
  for (let day = firstDay; day <= lastDay && changes.size < changesMax; day++) {
    for (const { handOffAt = handOffUnlessTold, hours } of layers) {
      for (const clock of [handOffAt, ...(hours === undefined ? [] : [hours.from, hours.to])]) {
        changes.add(instantOfClock(day, clock, zone));
      }
    }
  }
  for (const override of overrides) changes.add(override.from).add(override.to);
  return [...changes].filter((at) => at > from && at < to).toSorted((a, b) => a - b);
}

function spansBetween(changes: readonly number[], from: number, to: number): [number, number][] {
  const edges = [from, ...changes, to];
  return edges.slice(1).map((end, i) => [edges[i]!, end]);
}

function sameIds(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((id, i) => id === b[i]);
}
