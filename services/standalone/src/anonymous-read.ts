const loopback = new Set(['127.0.0.1', '::1', 'localhost']);

/** Whether reading without a key is allowed: as the setting says, and unless told on a loopback address only. */
export function anonymousReadAt(host: string, setting: boolean | undefined): boolean {
  return setting ?? loopback.has(host);
}
