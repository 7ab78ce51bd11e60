/**
 * A clock reading as if it were UTC, epoch milliseconds; hour 24 is the end of its day.
 * @returns undefined for a date or a time of day that does not exist
 */
export function localOf(
  year: number,
  month: number,
  day: number,
  hour: number,
  minute: number,
  second: number,
  ms: number,
): number | undefined {
  if (hour > 24 || minute > 59 || second > 59) return undefined;
  const date = Date.UTC(year, month - 1, day);
  // Date.UTC lets the 31st of April run over into May.
  if (new Date(date).getUTCDate() !== day || month < 1 || month > 12) return undefined;
  if (hour === 24 && (minute > 0 || second > 0 || ms > 0)) return undefined;
  return date + ((hour * 60 + minute) * 60 + second) * 1000 + ms;
}

/** Clock minus UTC, milliseconds; undefined for an offset that no clock has. */
export function offsetOf(sign: string, hours: number, minutes: number): number | undefined {
  if (hours > 18 || minutes > 59) return undefined;
  const ms = (hours * 60 + minutes) * 60_000;
  return sign === '-' ? -ms : ms;
}
