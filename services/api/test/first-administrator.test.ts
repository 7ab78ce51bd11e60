import { createLogger } from '@songma/runtime';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { ensureAdminKey } from '../src/admin-key.ts';
import { noon, openApi, refusalOf, type ApiWorld } from './api-world.ts';

const [first, second] = ['a', 'b'].map((digit) => `sgm_admin_${digit.repeat(40)}`) as [string, string];

let world: ApiWorld;
let lines: string[];
beforeEach(async () => {
  world = await openApi({ ADMIN_TOKEN: first });
  lines = [];
});
afterEach(() => world.close());

const restart = (token: string) => {
  const destination = { write: (line: string) => void lines.push(line) };
  const logger = createLogger({ service: 'test', level: 'warn', destination });
  return ensureAdminKey(world.registry, token, { now: noon, logger });
};
const statusOf = async (token: string) =>
  (await world.ask('/v1/keys', { as: 'none', headers: { 'x-api-key': token } })).statusCode;
const revoke = (id: string) =>
  world.ask(`/v1/keys/${id}`, {
    method: 'DELETE',
    headers: { 'if-match': `"${world.registry.get('key', id)!.version}"` },
  });

it('is let in, and registered once however often the server starts', async () => {
  await restart(first);
  expect(await statusOf(first)).toBe(200);
  expect(world.registry.get('key', 'admin')?.version).toBe(1);
});

it('can be revoked, and no restart brings it back', async () => {
  expect((await revoke('admin')).statusCode).toBe(204);
  await restart(first);
  expect(await statusOf(first)).toBe(401);
  expect(lines.join('')).toContain('was revoked or replaced');
});

it('is replaced by another ADMIN_TOKEN, and the old one is not let in again', async () => {
  await restart(second);
  expect([await statusOf(first), await statusOf(second)]).toEqual([401, 200]);
  await restart(first);
  expect([await statusOf(first), await statusOf(second)]).toEqual([401, 200]);
});

it('comes back under a new ADMIN_TOKEN after it was revoked', async () => {
  await revoke('admin');
  await restart(second);
  expect([await statusOf(first), await statusOf(second)]).toEqual([401, 200]);
});

it('is revoked by others, but the last administrator is not, and cannot be made to expire', async () => {
  expect((await revoke('admin')).statusCode).toBe(204);
  const last = await revoke('chief');
  expect(refusalOf(last)).toEqual([422, 'entity_invalid']);
  const expiring = await world.ask('/v1/keys/chief', {
    method: 'PUT',
    headers: { 'if-match': '"1"' },
    body: { name: 'chief', sites: [], expiresAt: '2027-01-01T00:00:00Z' },
  });
  expect(refusalOf(expiring)).toEqual([422, 'entity_invalid']);
  expect((await world.ask('/v1/keys')).statusCode).toBe(200);
});
