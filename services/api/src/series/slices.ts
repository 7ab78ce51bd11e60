import { isValid, reachMs, type MeterReadings } from '@songma/domain';
import type { MeterContext } from '@songma/registry';
import type { SeriesStore } from '@songma/series-store';
import type { Span } from './query.ts';

/**
 * Every reading that the windows of a span may stand on: those in it, and those around it that reach into it. In one
 * piece: for spans whose size the caller has bounded.
 */
export async function readSlice(
  store: SeriesStore,
  { meter, site }: MeterContext,
  { from, to }: Span,
  asOfUs: number | undefined,
): Promise<MeterReadings> {
  const read = (span: Span, neighboursWithinMs = 0) => {
    const ranges = [{ site: site.id, meters: [meter.id], ...span }];
    const known = asOfUs === undefined ? {} : { asOfUs };
    const near = neighboursWithinMs === 0 ? {} : { neighboursWithinMs };
    return gathered(store.read({ ranges, ...known, ...near }));
  };
  const reach = reachMs(meter);
  if (meter.kind !== 'counter') return read({ from: from - reach, to });
  // A counter reaches for days over a silence, but mostly its nearest neighbours are enough.
  const near = await read({ from, to }, reach);
  const before =
    isMute(near, 0) && near.times[0]! < from ? await read({ from: from - reach, to: near.times[0]! }) : none;
  const last = near.times.length - 1;
  const after =
    isMute(near, last) && near.times[last]! >= to
      ? await read({ from: near.times[last]! + 1, to: to + reach })
      : none;
  return joined([before, near, after]);
}

/** Whether there is a reading at `index` and it tells nothing, so that the one behind it counts. */
function isMute(readings: MeterReadings, index: number): boolean {
  return readings.times[index] !== undefined && !isValid(readings, index);
}

const none: MeterReadings = {
  times: new Float64Array(0),
  values: new Float64Array(0),
  flags: new Uint8Array(0),
};

async function gathered(chunks: AsyncIterable<MeterReadings>): Promise<MeterReadings> {
  return joined(await Array.fromAsync(chunks));
}

function joined(parts: readonly MeterReadings[]): MeterReadings {
  const filled = parts.filter(({ times }) => times.length > 0);
  if (filled.length <= 1) return filled[0] ?? none;
  const length = filled.reduce((sum, { times }) => sum + times.length, 0);
  const times = new Float64Array(length);
  const values = new Float64Array(length);
  const flags = new Uint8Array(length);
  let at = 0;
  for (const part of filled) {
    times.set(part.times, at);
    values.set(part.values, at);
    flags.set(part.flags, at);
    at += part.times.length;
  }
  return { times, values, flags };
}
