import { expect, it } from 'vitest';
import { authenticate, createApiKey } from '../src/index.ts';
import * as sample from './sample.ts';
import { day, openAlone, put, putSample, retire, t0 } from './sample.ts';

const request = { id: 'gw_a-1', name: 'gateway A', role: 'plant', enterprise: 'bim-son', now: t0 } as const;

it('a new key is known by its token, and the registry holds only a hash of its secret', async () => {
  const registry = await openAlone();
  await putSample(registry);
  const { key, token } = createApiKey({ ...request, sites: ['bs1'], expiresAt: t0 + day });
  expect(token).toMatch(/^sgm_gw_a-1_[0-9a-f]{40}$/);
  expect(await put(registry, 'key', key)).toEqual({ ok: true, version: 1 });
  expect(authenticate(registry, token, t0)).toEqual({ ok: true, key });
  expect(JSON.stringify(sample.everything(registry))).not.toContain(token.slice(-40));
  expect(createApiKey(request).token).not.toBe(createApiKey(request).token);
});

it('a key holds until its expiry and not at it', async () => {
  const registry = await openAlone();
  await putSample(registry);
  const { key, token } = createApiKey({ ...request, expiresAt: t0 + day });
  await put(registry, 'key', key);
  expect(authenticate(registry, token, t0 + day - 1)).toMatchObject({ ok: true });
  expect(authenticate(registry, token, t0 + day)).toEqual({ ok: false, reason: 'expired' });
  const wrong = token.replace(/.$/, (last) => (last === '0' ? '1' : '0'));
  expect(authenticate(registry, wrong, t0 + day)).toEqual({ ok: false, reason: 'unknown' });
});

it('a wrong secret, a retired key and a key that never was are unknown alike', async () => {
  const registry = await openAlone();
  await putSample(registry);
  const { key, token } = createApiKey(request);
  expect(authenticate(registry, token, t0)).toEqual({ ok: false, reason: 'unknown' });
  await put(registry, 'key', key);
  const other = createApiKey(request).token;
  expect(authenticate(registry, other, t0)).toEqual({ ok: false, reason: 'unknown' });
  await retire(registry, 'key', key.id);
  expect(authenticate(registry, token, t0)).toEqual({ ok: false, reason: 'unknown' });
});

it.each([
  '',
  'sgm_',
  'sgm_a_123',
  `sgm_A_${'0'.repeat(40)}`,
  `sgm_a_${'g'.repeat(40)}`,
  `sgm_a_${'0'.repeat(41)}`,
  `xgm_a_${'0'.repeat(40)}`,
  `sgm_a_${'0'.repeat(40)}\n`,
  `sgm_${'a'.repeat(65)}_${'0'.repeat(40)}`,
])('the token %j is malformed', async (token) => {
  expect(authenticate({ get: () => undefined }, token, t0)).toEqual({ ok: false, reason: 'malformed' });
});
