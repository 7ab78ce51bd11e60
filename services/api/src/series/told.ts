import {
  derivedFrom,
  leavesOf,
  reachMs,
  toldByReadings,
  withDerived,
  type Meter,
  type Told,
} from '@songma/domain';
import type { SeriesStore } from '@songma/series-store';
import type { Span } from '../answers/spans.ts';
import type { MeterSpan } from './query.ts';
import { readSlice } from './slices.ts';

/** What a meter tells in a slice: by its readings, or by the formula over what its inputs tell there. */
export async function toldIn(
  store: SeriesStore,
  { context, inputs }: MeterSpan,
  { from, to }: Span,
  asOfUs: number | undefined,
): Promise<Told> {
  const { meter, site } = context;
  const read = async (of: Meter, slice: Span) =>
    toldByReadings(of, site.timeZone, await readSlice(store, { ...context, meter: of }, slice, asOfUs));
  if (inputs === undefined) return read(meter, { from, to });
  const told = await Promise.all(
    leavesUnder(meter, inputs).map((leaf) =>
      // Intervals that overlap cut the time from farther than their own reach.
      read(leaf, { from: leaf.kind === 'interval' ? from - reachMs(leaf) : from, to }),
    ),
  );
  return withDerived(told, derivedFrom(inputs, undefined), site.timeZone).get(meter.id)!;
}

/** Time between readings of a meter, or of all that it is made of together. */
export function intervalTogether({ context: { meter }, inputs }: MeterSpan): number {
  const leaves = inputs === undefined ? [meter] : leavesUnder(meter, inputs);
  return 1 / leaves.reduce((rate, { intervalMs }) => rate + 1 / intervalMs, 0);
}

function leavesUnder(meter: Meter, inputs: ReadonlyMap<string, Meter>): Meter[] {
  return [...leavesOf(inputs, [meter.id])].flatMap((id) => inputs.get(id) ?? []);
}
