import { createApiKey } from '@songma/registry';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeDataDir, noon, openDoor, push, pushed, type DoorWorld } from './door-world.ts';

/** A key that was bound to a site asked for the batches of all keys of its enterprise. */

let world: DoorWorld;
let directory: Awaited<ReturnType<typeof makeDataDir>>;
beforeAll(async () => {
  directory = await makeDataDir();
  world = await openDoor({ dataDir: directory.path });
});
afterAll(async () => {
  await world.close();
  await directory.remove();
});

const foldedWithin = { timeout: 20_000 };

const statusOf = async (batch: string, token: string): Promise<number> => {
  const headers = { authorization: `Bearer ${token}` };
  return (await world.app.inject({ url: `/v1/batches/${batch}`, headers })).statusCode;
};

describe('a key that is bound to a site', () => {
  it('asks for batches of its own and of keys that push for no more than it does', async () => {
    const former = createApiKey({
      ...{ id: 'mill-old', name: 'mill-old', role: 'plant', enterprise: 'bim-son-cement' },
      ...{ sites: ['mill-site'], now: noon - 1000 },
    });
    await world.register('key', 'mill-old', former.key);
    const mill = { meter: 'mill-power', time: '2026-11-23T10:15:00+07:00', value: 1 };
    const kiln = { meter: 'kiln-pm', time: '2026-11-23T10:15:00+07:00', value: 1 };
    await pushed(world, [kiln, mill], { key: 'cement', batch: 'whole' });
    await pushed(world, [mill], { key: 'mill', batch: 'own' });
    const before = { authorization: `Bearer ${former.token}` };
    await pushed(world, [mill], { headers: before, batch: 'former' });

    const bound = world.tokens.mill;
    expect(await Promise.all(['own', 'former', 'whole'].map((batch) => statusOf(batch, bound)))).toEqual([
      200, 200, 404,
    ]);
    expect(await statusOf('own', world.tokens.cement)).toBe(200);
    expect(await statusOf('own', world.tokens.sugar)).toBe(404);
  });

  it('sees and replays of the quarantine what is of its site, or what it sent itself', async () => {
    const ask = (url: string, method: 'GET' | 'POST') =>
      world.app.inject({ url, method, headers: { authorization: `Bearer ${world.tokens.mill}` } });
    await push(world, [{ meter: 'kiln-pm', time: '2026-11-23T10:20:00+07:00', value: 'x' }], {
      batch: 'kiln-refused',
    });
    await push(world, [{ meter: 'nowhere', time: '2026-11-23T10:20:00+07:00', value: 1 }], {
      key: 'mill',
      batch: 'mill-refused',
    });
    const listed = async (token: string) => {
      const headers = { authorization: `Bearer ${token}` };
      const answer = await world.app.inject({ url: '/v1/quarantine', headers });
      return answer.json<{ items: { id: string; batch: string }[] }>().items;
    };
    // The door folds what it has refused a moment after it has answered.
    await expect
      .poll(async () => (await listed(world.tokens.admin)).map(({ batch }) => batch).toSorted(), foldedWithin)
      .toEqual(['kiln-refused', 'mill-refused']);
    const entries = await listed(world.tokens.cement);
    const { id } = entries.find(({ batch }) => batch === 'kiln-refused')!;
    expect((await listed(world.tokens.mill)).map(({ batch }) => batch)).toEqual(['mill-refused']);
    expect((await ask(`/v1/quarantine/${id}/replay`, 'POST')).statusCode).toBe(404);
  });
});
