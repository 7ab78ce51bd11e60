import type { PushRow, SongmaClient } from '@songma/client';
import type { SampleMeter, SamplePlant } from './plants.ts';
import { signalAt } from './signal.ts';

const hourMs = 3_600_000;
/** Rows that a plant puts into one push: what a gateway would send after an outage. */
export const pushRowsMax = 5_000;

/**
 * What the plant's loggers have for `from <= time < to`, in the order of time. An interval is reported once it is over:
 * `to` is the present.
 */
export function rowsBetween(plant: SamplePlant, from: number, to: number, startedAt: number): PushRow[] {
  const rows: { time: number; row: PushRow }[] = [];
  for (const sample of plant.meters) {
    const { intervalMs, kind, id } = sample.meter;
    // The reading of an interval comes when the interval has passed, that of a state or register at once.
    const delay = kind === 'interval' ? intervalMs : 0;
    for (let due = Math.ceil(from / intervalMs) * intervalMs; due < to; due += intervalMs) {
      const time = due - delay;
      rows.push({
        time: due,
        row: { meter: id, time: toIso(time), value: valueAt(sample, time, startedAt) },
      });
    }
  }
  return rows.toSorted((a, b) => a.time - b.time).map(({ row }) => row);
}

/** Milliseconds of the plant's data that fill one push. */
export function pushSpanMs(plant: SamplePlant): number {
  const rowsPerHour = plant.meters.reduce((sum, { meter }) => sum + hourMs / meter.intervalMs, 0);
  return Math.floor(pushRowsMax / rowsPerHour) * hourMs;
}

function valueAt({ signal, episodes, meter }: SampleMeter, time: number, startedAt: number): number {
  const value = signalAt(signal, time, meter.intervalMs);
  const hours = (time - startedAt) / hourMs;
  const episode = episodes.find(({ fromHours, toHours }) => hours >= fromHours && hours < toHours);
  return episode === undefined ? value : Math.round(value * episode.factor * 100) / 100;
}

/** ISO 8601 in Viet Nam's offset, as a plant there would print it. */
function toIso(time: number): string {
  return `${new Date(time + 7 * hourMs).toISOString().slice(0, 19)}+07:00`;
}

/**
 * Pushes one plant's data from `from` up to `to`, oldest first, one batch after the other.
 * @param onPushed told after each batch: rows sent, and up to when everything is accepted
 */
export async function pushSpan(
  client: SongmaClient,
  plant: SamplePlant,
  span: { readonly from: number; readonly to: number; readonly startedAt: number },
  onPushed: (rows: number, until: number) => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  const step = pushSpanMs(plant);
  for (let from = span.from; from < span.to; from += step) {
    signal.throwIfAborted();
    const to = Math.min(from + step, span.to);
    const rows = rowsBetween(plant, from, to, span.startedAt);
    if (rows.length > 0) await client.push(`${plant.site.id}-${from}-${to}`, rows, signal);
    await onPushed(rows.length, to);
  }
}
