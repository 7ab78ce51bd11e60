import { belongsToLife } from './life.ts';
import type { Spans } from './spans.ts';
import { conversionBetween, standingAt } from './succession.ts';
import type { Told } from './told.ts';

/** What a line of meters tells that took over from one another: each in its life, in the unit of the first. */
export function joinedTold(line: readonly Told[]): Told {
  const [first] = line;
  if (line.length === 1) return first!;
  const places = line.flatMap((told) => {
    const { factor, offset } = conversionBetween(told.meter, first!.meter)!;
    return Array.from(told.readings.times, (time, index) => ({ told, time, index, factor, offset })).filter(
      ({ time }) => belongsToLife(told.meter, time),
    );
  });
  const floats = (of: (place: (typeof places)[number]) => number) => Float64Array.from(places, of);
  const bits = (of: (place: (typeof places)[number]) => number) => Uint8Array.from(places, of);
  const spans: Spans = {
    ends: floats(({ told, index }) => told.spans.ends[index]!),
    ownEnds: floats(({ told, index }) => told.spans.ownEnds[index]!),
    amounts: floats(({ told, index, factor, offset }) => told.spans.amounts[index]! * factor + offset),
    spread: bits(({ told, index }) => told.spans.spread[index]!),
    irregular: bits(({ told, index }) => told.spans.irregular[index]!),
    goesOn: bits(({ told, index }) => told.spans.goesOn?.[index] ?? 0),
    amountOver: (i, ms) => places[i]!.told.spans.amountOver(places[i]!.index, ms) * places[i]!.factor,
    isShare: (i, ms) => places[i]!.told.spans.isShare(places[i]!.index, ms),
  };
  return {
    meter: first!.meter,
    readings: {
      times: floats(({ time }) => time),
      values: floats(({ told, index, factor, offset }) => told.readings.values[index]! * factor + offset),
      flags: bits(({ told, index }) => told.readings.flags[index]!),
    },
    spans,
    readEveryMs: (time) => standingAt(line, ({ meter }) => meter, time).readEveryMs(time),
  };
}
