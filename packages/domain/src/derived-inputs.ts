import { isDerived, type DerivedMeter, type Meter } from './entities.ts';
import { noSuccession, successionOf, successorsOf, type Succession } from './succession.ts';

/**
 * The derived meters among those that rest on one of the ids, directly or over others or as one that took over from an
 * input, each after its inputs; with `ids` undefined all of them.
 */
export function derivedFrom(
  meters: ReadonlyMap<string, Meter>,
  ids: ReadonlySet<string> | undefined,
): DerivedMeter[] {
  const succession = successionOf(meters);
  const rests = new Map<string, boolean>();
  const ordered: DerivedMeter[] = [];
  const visit = (id: string): boolean => {
    const known = rests.get(id);
    if (known !== undefined) return known;
    const meter = meters.get(id);
    const isNamed = ids === undefined || ids.has(id);
    rests.set(id, isNamed);
    if (meter === undefined || !isDerived(meter)) return isNamed;
    const isOver =
      inputsNow(meter, (one) => meters.get(one), succession)
        .map(visit)
        .includes(true) || isNamed;
    rests.set(id, isOver);
    if (isOver) ordered.push(meter);
    return isOver;
  };
  for (const id of meters.keys()) visit(id);
  return ordered;
}

/** The meters with readings of their own that these rest on in the end; a meter with readings is its own. */
export function leavesOf(meters: ReadonlyMap<string, Meter>, ids: Iterable<string>): Set<string> {
  const all = withParts((id) => meters.get(id), ids, successionOf(meters));
  return new Set([...all].filter((id) => meters.get(id)?.formula === undefined));
}

/**
 * These, and everything that they are made of, directly or over others, with what took over from an input; also what
 * `meterOf` does not know.
 */
export function withParts(
  meterOf: (id: string) => Meter | undefined,
  ids: Iterable<string>,
  succession: Succession = noSuccession,
): Set<string> {
  const all = new Set(ids);
  for (const id of all) {
    const meter = meterOf(id);
    // What is added to a set while it is walked is walked too.
    if (meter === undefined) continue;
    for (const input of inputsNow(meter, meterOf, succession)) all.add(input);
  }
  return all;
}

/** Ids of the meters that a formula names. */
export function inputsOf(meter: Meter): string[] {
  return Object.values(meter.inputs ?? {});
}

/** The same with those that took over from them. */
export function inputsNow(
  meter: Meter,
  meterOf: (id: string) => Meter | undefined,
  succession: Succession,
): string[] {
  return inputsOf(meter).flatMap((id) => {
    const input = meterOf(id);
    return input === undefined ? [id] : successorsOf(input, succession).map((one) => one.id);
  });
}
