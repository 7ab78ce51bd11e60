import { apiSettings } from '@songma/api';
import { loadConfig } from '@songma/runtime';
import { expect, it } from 'vitest';
import { anonymousReadAt } from '../src/anonymous-read.ts';

it.each<[host: string, told: string | undefined, allowed: boolean]>([
  ['127.0.0.1', undefined, true],
  ['::1', undefined, true],
  ['localhost', undefined, true],
  ['0.0.0.0', undefined, false],
  // ANONYMOUS_READ=false was taken for "unless told" on a loopback address.
  ['127.0.0.1', 'false', false],
  ['0.0.0.0', 'true', true],
])('reading without a key at %s with ANONYMOUS_READ=%s: %s', (host, told, allowed) => {
  const config = loadConfig(apiSettings, told === undefined ? {} : { ANONYMOUS_READ: told });
  expect(anonymousReadAt(host, config.anonymousRead)).toBe(allowed);
});
