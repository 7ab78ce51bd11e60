import type { Alert, AlertCause, Rollup } from '@songma/domain';
import type { Registry } from '@songma/registry';
import type { FactHours } from './facts/fact-hours.ts';
import type { JudgedLimit } from './limit-verdicts.ts';
import type { ChangedRollup } from './rollup-computation.ts';

/** Of several causes the first in this order is told. */
const order = [
  'void',
  'correction',
  'registry',
  'rules',
  'readings',
] as const satisfies readonly AlertCause[];
type HourCause = (typeof order)[number];

interface Span {
  readonly from: number;
  readonly to: number;
}

/** Why the hours of a piece changed, by meter. */
export class HourCauses {
  readonly #meters = new Map<
    string,
    { readonly start: number; readonly end: number; readonly cause: HourCause }[]
  >();

  constructor(registry: Registry, hours: readonly ChangedRollup[], facts: readonly FactHours[]) {
    const named = new Map(facts.map((fact) => [fact.id, fact]));
    for (const { before, after } of hours) {
      const { meter, start, end } = after;
      const fact = named.get(meter);
      const isOfFact = fact?.spans.some((span) => span.start < end && span.end > start) === true;
      const isFilled = before === undefined || after.count > before.count;
      const cause = isOfFact && !isFilled ? factCause(registry, fact, after) : readingCause(before, after);
      const of = this.#meters.get(meter);
      if (of === undefined) this.#meters.set(meter, [{ start, end, cause }]);
      else of.push({ start, end, cause });
    }
  }

  /** What changed of the meters in the span; undefined when nothing did. */
  in(meters: readonly string[], { from, to }: Span): HourCause | undefined {
    const found = new Set<HourCause>();
    for (const meter of meters) {
      for (const { start, end, cause } of this.#meters.get(meter) ?? []) {
        if (start < to && end > from) found.add(cause);
      }
    }
    return order.find((cause) => found.has(cause));
  }
}

function factCause(registry: Registry, fact: FactHours, { meter, start, end }: Rollup): HourCause {
  if (fact.cause === 'rules') return 'rules';
  const isVoid = registry.voidsOfMeter(meter).some(({ body }) => body.from < end && body.to > start);
  return isVoid ? 'void' : 'registry';
}

/** More readings, or more time that they speak for, are new ones; else some were corrected. */
function readingCause(before: Rollup | undefined, after: Rollup): HourCause {
  if (before === undefined || after.count > before.count) return 'readings';
  return spokenMs(after) > spokenMs(before) ? 'readings' : 'correction';
}

function spokenMs({ coveredMs, calibratingMs, faultMs }: Rollup): number {
  return coveredMs + calibratingMs + faultMs;
}

/**
 * What moved an alert of which no hour has changed: a fact that was registered after it was said, or after its windows
 * were over; otherwise time.
 */
export function otherCause(
  registry: Registry,
  { limit, context }: JudgedLimit,
  { to, before, graceMs }: Span & { readonly before: Alert | undefined; readonly graceMs: number },
): AlertCause {
  const since = before?.changedAt ?? to + graceMs;
  const { source } = context.meter;
  const facts = [
    { cause: 'limit' as const, at: registry.get('limit', limit.id)?.at },
    { cause: 'registry' as const, at: source === undefined ? undefined : registry.get('source', source)?.at },
    { cause: 'registry' as const, at: registry.get('meter', limit.meter)?.at },
  ];
  const newer = facts.filter(({ at = 0 }) => at > since).toSorted((a, b) => b.at! - a.at!);
  return newer[0]?.cause ?? 'clock';
}
