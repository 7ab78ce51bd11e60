/** `2026-01-31 13:45:00` out of an ISO 8601 time with offset: what the site's clock showed, to the second. */
export function localStamp(iso: string): string {
  return `${iso.slice(0, 10)} ${iso.slice(11, 19)}`;
}
