import {
  counterGapMaxMs,
  counterHoldBackMs,
  irregularReadings,
  isValid,
  joinedReadings,
  nearAfter,
  nearBefore,
  nearReadingsMax,
  reachAfter,
  reachBefore,
  reachMs,
  validAfter,
  validBefore,
  type MeterReadings,
} from '@songma/domain';
import type { MeterContext } from '@songma/registry';
import type { SeriesStore } from '@songma/series-store';
import type { Span } from '../answers/spans.ts';

/**
 * Every reading that the windows of a span may stand on: those in it, and those around it that reach into it. In one
 * piece: for spans whose size the caller has bounded.
 *
 * A counter's steps stand on their own while none within the hold-back is irregular, so as far is always read, with
 * the readings that tell whether they are; and on everything in reach otherwise.
 */
export async function readSlice(
  store: SeriesStore,
  context: MeterContext,
  { from, to }: Span,
  asOfUs: number | undefined,
): Promise<MeterReadings> {
  const { meter } = context;
  if (meter.kind !== 'counter') {
    return readSpan(store, context, { from: from - reachMs(meter), to }, asOfUs);
  }
  const holdBack = counterHoldBackMs(meter);
  const slack = holdBack + (nearReadingsMax + 1) * meter.intervalMs;
  let isIrregular = false;
  let span = { from: from - slack, to: to + slack };
  for (;;) {
    const readings = await readBetweenValid(store, context, span, asOfUs);
    isIrregular ||= irregularReadings(meter, context.site.timeZone, readings).includes(1);
    const [before, after] = [
      validBefore(meter, readings, from) ?? from,
      validAfter(meter, readings, to - 1) ?? to,
    ];
    const needed = {
      from: Math.min(
        span.from,
        isIrregular
          ? reachBefore(meter, readings, before)
          : Math.min(...nearBefore(meter, readings, before - holdBack)),
      ),
      to: Math.max(
        span.to,
        isIrregular
          ? reachAfter(meter, readings, after) + 1
          : Math.max(...nearAfter(meter, readings, after + holdBack)),
      ),
    };
    if (needed.from === span.from && needed.to === span.to) return readings;
    span = needed;
  }
}

/** The readings of a counter's span, and on to the nearest valid ones, as far as a silence is bridged. */
async function readBetweenValid(
  store: SeriesStore,
  context: MeterContext,
  { from, to }: Span,
  asOfUs: number | undefined,
): Promise<MeterReadings> {
  const read = (span: Span, neighboursWithinMs?: number) =>
    readSpan(store, context, span, asOfUs, neighboursWithinMs);
  const gapMaxMs = counterGapMaxMs(context.meter);
  // Mostly the nearest neighbours are enough.
  const near = await read({ from, to }, gapMaxMs);
  const before =
    isMute(near, 0) && near.times[0]! < from
      ? await read({ from: from - gapMaxMs, to: near.times[0]! })
      : none;
  const last = near.times.length - 1;
  const after =
    isMute(near, last) && near.times[last]! >= to
      ? await read({ from: near.times[last]! + 1, to: to + gapMaxMs })
      : none;
  return joinedReadings([before, near, after]);
}

async function readSpan(
  store: SeriesStore,
  { meter, site }: MeterContext,
  span: Span,
  asOfUs: number | undefined,
  neighboursWithinMs?: number,
): Promise<MeterReadings> {
  const ranges = [{ site: site.id, meters: [meter.id], ...span }];
  const known = asOfUs === undefined ? {} : { asOfUs };
  const near = neighboursWithinMs === undefined ? {} : { neighboursWithinMs };
  return joinedReadings(await Array.fromAsync(store.read({ ranges, ...known, ...near })));
}

/** Whether there is a reading at `index` and it tells nothing, so that the one behind it counts. */
function isMute(readings: MeterReadings, index: number): boolean {
  return readings.times[index] !== undefined && !isValid(readings, index);
}

const none = joinedReadings([]);
