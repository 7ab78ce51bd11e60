import type { MeterReadings } from '@songma/domain';

/** Readings of one meter put together from parts that ascend and do not overlap. */
export function joined(parts: readonly MeterReadings[]): MeterReadings {
  const [only] = parts;
  if (only !== undefined && parts.length === 1) return only;
  const length = parts.reduce((sum, { times }) => sum + times.length, 0);
  const all = {
    times: new Float64Array(length),
    values: new Float64Array(length),
    flags: new Uint8Array(length),
  };
  let at = 0;
  for (const { times, values, flags } of parts) {
    all.times.set(times, at);
    all.values.set(values, at);
    all.flags.set(flags, at);
    at += times.length;
  }
  return all;
}
