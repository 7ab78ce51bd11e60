import { Temporal } from 'temporal-polyfill';

/** A span of epoch milliseconds, end exclusive, throughout which a zone's offset from UTC is the same. */
interface OffsetSpan {
  readonly from: number;
  readonly to: number;
  readonly offsetMs: number;
}

const dayMs = 86_400_000;
const fixedOffset = /^([+-])(0\d|1[0-8]):?([0-5]\d)$/;

/**
 * The rules of one zone: offsets from UTC and where a local clock reading lies. Spans of equal offset are looked up
 * once and kept, so that the usual answer costs a comparison.
 */
export class TimeZone {
  readonly id: string;
  /** Spans met so far, ascending; they need not touch. */
  readonly #spans: OffsetSpan[] = [];
  #last: OffsetSpan;

  /** @throws RangeError when the id is neither an IANA zone nor a fixed offset */
  constructor(id: string) {
    this.id = id;
    this.#last = this.#lookUp(0);
    this.#spans.push(this.#last);
  }

  /** Local clock minus UTC, milliseconds, at an instant. */
  offsetAt(time: number): number {
    return this.spanAt(time).offsetMs;
  }

  /** The span of equal offset around an instant. */
  spanAt(time: number): OffsetSpan {
    const last = this.#last;
    if (time >= last.from && time < last.to) return last;
    return (this.#last = this.#find(time));
  }

  /**
   * The first instant at which the local clock shows `local` or more. `local` is a clock reading as if it were UTC.
   * Of a reading that occurs twice the earlier; for one that is skipped, the instant of the skip.
   */
  firstInstantOf(local: number): number {
    // No offset reaches a day, so the span that holds a day earlier begins before the reading and the walk ends.
    let span = this.spanAt(local - dayMs);
    for (;;) {
      const time = local - span.offsetMs;
      if (time < span.to) return Math.max(time, span.from);
      span = this.spanAt(span.to);
    }
  }

  /** Whether the local clock ever shows `local` (it does not for an hour in spring, where clocks are put forward). */
  shows(local: number): boolean {
    const time = this.firstInstantOf(local);
    return time + this.offsetAt(time) === local;
  }

  #find(time: number): OffsetSpan {
    let low = 0;
    let high = this.#spans.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#spans[middle]!.to <= time) low = middle + 1;
      else high = middle;
    }
    const found = this.#spans[low];
    if (found !== undefined && found.from <= time) return found;
    const span = this.#lookUp(time);
    this.#spans.splice(low, 0, span);
    return span;
  }

  #lookUp(time: number): OffsetSpan {
    const fixed = fixedOffset.exec(this.id);
    if (fixed !== null) {
      const ms = (Number(fixed[2]) * 60 + Number(fixed[3])) * 60_000;
      return { from: -Infinity, to: Infinity, offsetMs: fixed[1] === '-' ? -ms : ms };
    }
    const at = Temporal.Instant.fromEpochMilliseconds(Math.floor(time)).toZonedDateTimeISO(this.id);
    const next = at.getTimeZoneTransition('next');
    // "previous" excludes the instant itself, which may be the transition.
    const previous = at.add({ nanoseconds: 1 }).getTimeZoneTransition('previous');
    return {
      from: previous?.epochMilliseconds ?? -Infinity,
      to: next?.epochMilliseconds ?? Infinity,
      offsetMs: Math.round(at.offsetNanoseconds / 1e6),
    };
  }
}

const zones = new Map<string, TimeZone>();

/** The zone of that id, made once. @throws RangeError when there is no such zone */
export function timeZone(id: string): TimeZone {
  let zone = zones.get(id);
  if (zone === undefined) {
    zone = new TimeZone(id);
    zones.set(id, zone);
  }
  return zone;
}

/** Whether {@link timeZone} knows the id: an IANA zone or a fixed offset such as `+07:00`. */
export function isTimeZone(id: string): boolean {
  try {
    timeZone(id);
    return true;
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}
