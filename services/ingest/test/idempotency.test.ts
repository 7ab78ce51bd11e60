import { readdir, rm, writeFile } from 'node:fs/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { BatchAnswer } from '../src/routes/batches.ts';
import {
  makeDataDir,
  noon,
  openDoor,
  push,
  pushed,
  reading,
  type DoorWorld,
  type KeyName,
} from './door-world.ts';

let world: DoorWorld;
let dir: Awaited<ReturnType<typeof makeDataDir>>;
let now = noon;
const open = async (former?: DoorWorld['tokens']) => {
  world = await openDoor({ dataDir: dir.path, now: () => now, former });
};
/** Opens the door anew on what the closed one has left. */
const reopen = () => open(world.tokens);
beforeEach(async () => {
  now = noon;
  dir = await makeDataDir();
  await open();
});
afterEach(async () => {
  await world.close();
  await dir.remove();
});

async function batchOf(id: string, key: KeyName = 'cement', language = 'en') {
  const answer = await world.app.inject({
    url: `/v1/batches/${encodeURIComponent(id)}`,
    headers: { authorization: `Bearer ${world.tokens[key]}`, 'accept-language': language },
  });
  return { status: answer.statusCode, body: answer.json<BatchAnswer>() };
}

/** What the writer reports of a block that it stored whole. */
async function storedOutcomes(batch: string) {
  return (await world.blocks())
    .filter(({ block }) => block.batch === batch)
    .map(({ block, receipt }) => ({
      batch,
      apiKey: block.apiKey,
      site: block.site,
      knownUs: block.knownUs,
      part: block.part,
      parts: block.parts,
      stored: block.times.length,
      duplicate: [] as [number, number][],
      superseding: [] as [number, number][],
      refused: [] as [number, string][],
      ...(receipt === undefined ? {} : { receipt }),
    }));
}

/** Waits until the door has folded what is asked for. */
async function until<T>(ask: () => Promise<T>, isThere: (answer: T) => boolean): Promise<T> {
  for (;;) {
    const answer = await ask();
    if (isThere(answer)) return answer;
    await new Promise((resolve) => setImmediate(resolve));
  }
}

const rows = [reading(), reading({ meter: 'nowhere' }), reading({ time: '2026-11-23T11:50:00+07:00' })];

describe('a batch that is sent again', () => {
  it('gets the same receipt, and nothing is logged anew', async () => {
    const first = await push(world, rows, { batch: 'b-1' });
    now += 60_000;
    const second = await push(world, rows, { batch: 'b-1' });
    expect(first.headers).not.toHaveProperty('idempotent-replayed');
    expect(second.headers['idempotent-replayed']).toBe('true');
    expect(second.statusCode).toBe(202);
    expect(second.json()).toEqual(first.json());
    expect(await world.blocks()).toHaveLength(1);
    expect(await world.records('quarantine')).toHaveLength(1);
  });

  it('at the same time as the first, many times over, is logged once', async () => {
    const answers = await Promise.all(Array.from({ length: 20 }, () => push(world, rows, { batch: 'b-1' })));
    expect(new Set(answers.map((answer) => answer.body)).size).toBe(1);
    expect(answers.filter((answer) => answer.headers['idempotent-replayed'] === undefined)).toHaveLength(1);
    expect(await world.blocks()).toHaveLength(1);
  });

  it('with other content is refused, while the first is under way and afterwards', async () => {
    const [first, second] = await Promise.all([
      push(world, rows, { batch: 'b-1' }),
      push(world, [reading()], { batch: 'b-1' }),
    ]);
    expect(first.statusCode).toBe(202);
    expect(second.json()).toMatchObject({ code: 'batch_reused', status: 422 });
    expect((await push(world, [reading()], { batch: 'b-1' })).json()).toMatchObject({ code: 'batch_reused' });
  });

  it('by another key is another batch', async () => {
    await pushed(world, rows, { batch: 'b-1' });
    const other = await push(world, rows, { batch: 'b-1', key: 'admin' });
    expect(other.headers).not.toHaveProperty('idempotent-replayed');
  });

  it('after a restart gets the same receipt, whether or not the writer has reported it', async () => {
    const unreported = await pushed(world, rows, { batch: 'unreported' });
    const reported = await pushed(world, rows, { batch: 'reported' });
    await world.report(...(await storedOutcomes('reported')));
    await world.close();
    now += 3_600_000;
    await reopen();
    for (const receipt of [unreported, reported]) {
      const again = await push(world, rows, { batch: receipt.batch });
      expect(again.headers['idempotent-replayed']).toBe('true');
      expect(again.json()).toEqual(receipt);
    }
  });

  it('is remembered from the log alone, when the file of receipts is lost', async () => {
    const receipt = await pushed(world, rows, { batch: 'b-1' });
    await world.report(...(await storedOutcomes('b-1')));
    await world.close();
    await rm(`${dir.path}/ingest`, { recursive: true });
    await reopen();
    expect((await push(world, rows, { batch: 'b-1' })).json()).toEqual(receipt);
  });

  it('is remembered when the file of receipts is damaged: it is set aside and folded anew', async () => {
    const receipt = await pushed(world, rows, { batch: 'b-1' });
    await world.report(...(await storedOutcomes('b-1')));
    await world.close();
    await writeFile(`${dir.path}/ingest/receipts.sqlite`, 'x'.repeat(8_192));
    await reopen();
    expect((await push(world, rows, { batch: 'b-1' })).json()).toEqual(receipt);
    expect((await readdir(`${dir.path}/ingest`)).some((name) => name.includes('damaged'))).toBe(true);
  });

  it('is forgotten after the days that receipts are kept', async () => {
    await pushed(world, rows, { batch: 'b-1' });
    await world.report(...(await storedOutcomes('b-1')));
    await world.close();
    now += 15 * 86_400_000;
    await reopen();
    const answer = await until(
      () => batchOf('b-1'),
      ({ status }) => status === 404,
    );
    expect(answer.status).toBe(404);
  });
});

describe('what is later known', () => {
  it('is later in microseconds, in one push and from push to push, though the clock stands or goes back', async () => {
    await pushed(world, rows);
    await pushed(world, [...rows, { meter: 'mill-register', time: '2026-11-23T11:45:00', value: 1 }]);
    now -= 5_000;
    await pushed(world, rows);
    const known = (await world.blocks()).map(({ block }) => block.knownUs);
    expect(known).toHaveLength(4);
    expect(known).toEqual([...new Set(known)].toSorted((a, b) => a - b));
    expect(known[0]).toBe(noon * 1000);
  });
});

describe('a batch that is asked for', () => {
  it('is pending until the writer has reported it', async () => {
    await pushed(world, rows, { batch: 'b-1' });
    const { body } = await batchOf('b-1');
    expect(body).toMatchObject({ batch: 'b-1', rows: 3, accepted: 2, refused: [{ row: 1 }] });
    expect(body.fates).toEqual({
      stored: [],
      duplicate: [],
      superseding: [],
      quarantined: [[1, 1]],
      pending: [
        [0, 1],
        [2, 1],
      ],
    });
  });

  it('tells of each row what became of it', async () => {
    const many = Array.from({ length: 8 }, (_, i) => reading({ time: `2026-11-23T11:0${i}:00+07:00` }));
    await pushed(world, [...many, ...rows], { batch: 'b-1' });
    const [outcome] = await storedOutcomes('b-1');
    await world.report({
      ...outcome,
      stored: 5,
      duplicate: [[1, 2]],
      superseding: [[4, 1]],
      refused: [[6, 'of another type']],
    });
    const { body } = await until(
      () => batchOf('b-1', 'cement', 'vi'),
      (answer) => answer.body.fates.pending.length === 0,
    );
    expect(body.fates).toEqual({
      stored: [
        [0, 1],
        [3, 1],
        [5, 1],
        [7, 2],
        [10, 1],
      ],
      duplicate: [[1, 2]],
      superseding: [[4, 1]],
      quarantined: [
        [6, 1],
        [9, 1],
      ],
      pending: [],
    });
    expect(body.refused.map(({ row, code }) => [row, code])).toEqual([
      [6, 'refused_by_store'],
      [9, 'meter_unknown'],
    ]);
    expect(body.refused[0]?.reason).toBe('Kho số liệu từ chối số đọc này: of another type.');
  });

  it('is stored when all of its blocks are reported, in whatever order', async () => {
    await pushed(world, [reading(), { meter: 'mill-register', time: '2026-11-23T11:45:00', value: 1 }], {
      batch: 'b-1',
    });
    const [first, second] = await storedOutcomes('b-1');
    await world.report(second);
    await world.report({ ...second, part: 1, duplicate: [[1, 1]] });
    expect((await batchOf('b-1')).body.fates.pending).toEqual([[0, 2]]);
    await world.report(first);
    const { body } = await until(
      () => batchOf('b-1'),
      (answer) => answer.body.fates.pending.length === 0,
    );
    expect(body.fates.stored).toEqual([[0, 2]]);
  });

  it('is found by other keys of its enterprise and by administrators, not by others', async () => {
    await pushed(world, rows, { key: 'mill', batch: 'b/1?' });
    expect((await batchOf('b/1?', 'cement')).status).toBe(200);
    expect((await batchOf('b/1?', 'admin')).status).toBe(200);
    expect((await batchOf('b/1?', 'sugar')).status).toBe(404);
    expect((await batchOf('b/1?', 'analyst')).status).toBe(403);
    expect((await batchOf('b-2')).status).toBe(404);
  });
});
