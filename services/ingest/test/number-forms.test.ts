import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { packed, workbookParts } from '../../../packages/workbook/test/packed.ts';
import { formats } from '../src/formats/formats.ts';
import {
  makeDataDir,
  openDoor,
  push,
  pushed,
  quarantinedOf,
  reading,
  type DoorWorld,
  type PushOptions,
} from './door-world.ts';

let world: DoorWorld;
let dir: Awaited<ReturnType<typeof makeDataDir>>;
beforeAll(async () => {
  dir = await makeDataDir();
  world = await openDoor({ dataDir: dir.path });
});
afterAll(async () => {
  await world.close();
  await dir.remove();
});

/** The texts as values of the kiln's dust, one a minute, in each format. */
const bodies: Record<string, (texts: readonly string[]) => [body: string | Buffer, options: PushOptions]> = {
  json: (texts) => [
    JSON.stringify({ readings: texts.map((value, i) => reading({ time: minute(i), value })) }),
    {},
  ],
  ndjson: (texts) => [
    texts.map((value, i) => JSON.stringify(reading({ time: minute(i), value }))).join('\n'),
    { type: 'application/x-ndjson' },
  ],
  csv: (texts) => [
    ['meter;time;value', ...texts.map((value, i) => `kiln-pm;${minute(i)};${value}`)].join('\n'),
    { type: 'text/csv' },
  ],
  xlsx: (texts) => [
    packed(
      workbookParts([['meter', 'time', 'value'], ...texts.map((value, i) => ['kiln-pm', minute(i), value])]),
    ),
    { type: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet' },
  ],
  'line-protocol': (texts) => [
    texts.map((value, i) => `kiln,meter=kiln-pm value="${value}" ${stamp(i)}`).join('\n'),
    { type: 'text/vnd.influxdata.line-protocol', query: '?precision=s' },
  ],
  'five-field': (texts) => [
    texts.map((value, i) => `PM\t${value}\tmg/Nm3\t${minute(i).replaceAll(/\D/g, '')}\t00`).join('\n'),
    { type: 'text/plain', query: '?file=TH_BSON_KHILO2.txt' },
  ],
};
const minute = (i: number) => `2026-11-23T10:${String(i).padStart(2, '0')}:00`;
const stamp = (i: number) => Date.parse(`${minute(i)}+07:00`) / 1000;

async function valuesOf(batch: string): Promise<number[]> {
  const found = (await world.blocks()).filter(({ block }) => block.batch === batch);
  return found.flatMap(({ block }) => [...block.values]);
}

// An MQTT message stands by itself; it has tests of its own.
const shared = formats.map(({ name }) => name).filter((name) => name !== 'mqtt');

describe.each(shared)('a push of %s', (name) => {
  const send = (texts: readonly string[], query = '') => {
    const [body, options] = bodies[name]!(texts);
    const asked = [options.query?.slice(1), query].filter((part) => part !== undefined && part !== '');
    return pushed(world, body, { ...options, query: asked.length === 0 ? '' : `?${asked.join('&')}` });
  };

  it('with the 1.234 of a Vietnamese spreadsheet beside 999,5 has a thousand and something', async () => {
    const receipt = await send(['1.234', '999,5', '1.234,5']);
    expect(receipt).toMatchObject({ refused: [], numbers: { decimal: 'comma', by: 'seen' } });
    expect(await valuesOf(receipt.batch)).toEqual([1234, 999.5, 1234.5]);
  });

  it('with the 1,234 of an English spreadsheet beside 999.5 has a thousand and something', async () => {
    const receipt = await send(['1,234', '999.5']);
    expect(receipt).toMatchObject({ refused: [], numbers: { decimal: 'dot', by: 'seen' } });
    expect(await valuesOf(receipt.batch)).toEqual([1234, 999.5]);
  });

  it('with numbers of both kinds has the ambiguous one refused', async () => {
    const receipt = await send(['12,5', '12.5', '1.234']);
    expect(receipt).toMatchObject({
      accepted: 2,
      refused: [{ row: 2, code: 'value_ambiguous' }],
      numbers: { decimal: 'mixed', by: 'seen' },
    });
  });

  it('with a lone 1.234 has a decimal, and the receipt says that this was assumed', async () => {
    const receipt = await send(['1.234']);
    expect(receipt.numbers).toEqual({ decimal: 'dot', by: 'assumed' });
    expect(await valuesOf(receipt.batch)).toEqual([1.234]);
  });

  it('is read as it declares, and what does not fit is refused', async () => {
    const receipt = await send(['1.234', '12.5'], 'decimal=comma');
    expect(receipt).toMatchObject({
      refused: [{ row: 1, code: 'malformed' }],
      numbers: { decimal: 'comma', by: 'declared' },
    });
    expect(receipt.refused[0]!.reason).toContain('decimal=comma');
    expect(await valuesOf(receipt.batch)).toEqual([1234]);
  });
});

it('numbers of JSON that came as text are numbers, beside those that are not text', async () => {
  const receipt = await pushed(world, [
    reading({ value: '205.5' }),
    reading({ value: 3, time: minute(1) }),
    reading({ value: ' 7 ', time: minute(2) }),
  ]);
  expect(receipt.refused).toEqual([]);
  expect(await valuesOf(receipt.batch)).toEqual([205.5, 3, 7]);
});

it('a lone 1,234 is refused in CSV and says how to declare it; in a file of a station it is a decimal', async () => {
  const [csv, options] = bodies['csv']!(['1,234']);
  const { refused } = await pushed(world, csv, { ...options, language: 'vi' });
  expect(refused).toMatchObject([{ code: 'value_ambiguous' }]);
  expect(refused[0]!.reason).toContain('?decimal=comma');
  const file = await pushed(world, ...bodies['five-field']!(['1,234']));
  expect(await valuesOf(file.batch)).toEqual([1.234]);
});

it('a row that waits in quarantine is replayed by the decimals of the push that it came in', async () => {
  const body = 'meter;time;value\nkiln-dust;2026-11-23T11:00:00;1.234\nkiln-pm;2026-11-23T11:00:00;0,5\n';
  const { batch } = await pushed(world, body, { type: 'text/csv' });
  const headers = { authorization: `Bearer ${world.tokens.cement}` };
  const items = await quarantinedOf(world, batch);
  const answer = await world.app.inject({
    method: 'POST',
    url: `/v1/quarantine/${items[0]!.id}/replay`,
    headers,
    payload: { raw: 'kiln-pm;2026-11-23T11:01:00;1.234' },
  });
  expect(answer.statusCode).toBe(202);
  expect(await valuesOf(answer.json<{ batch: string }>().batch)).toEqual([1234]);
});

it('the same bytes declared otherwise are another push, not a repeat', async () => {
  const [body, options] = bodies['csv']!(['1,234']);
  await pushed(world, body, { ...options, batch: 'declared' });
  const answer = await push(world, body, { ...options, batch: 'declared', query: '?decimal=comma' });
  expect(answer.json()).toMatchObject({ code: 'batch_reused' });
});

describe('a push of which every row is refused', () => {
  const send = () => push(world, [reading({ meter: 'nowhere' })], { batch: 'nowhere', language: 'vi' });

  it('is answered with 422 and its receipt, and again with the same when it is sent again', async () => {
    const first = await send();
    expect(first.statusCode).toBe(422);
    expect(first.headers['content-type']).toBe('application/problem+json; charset=utf-8');
    expect(first.json()).toMatchObject({
      code: 'rows_all_refused',
      status: 422,
      batch: 'nowhere',
      rows: 1,
      accepted: 0,
      refused: [{ row: 0, code: 'meter_unknown' }],
    });
    const second = await send();
    expect(second.headers['idempotent-replayed']).toBe('true');
    expect({ ...second.json<object>(), requestId: '' }).toEqual({ ...first.json<object>(), requestId: '' });
    expect(second.statusCode).toBe(422);
  });

  it('is not one of which a single row was taken', async () => {
    const answer = await push(world, [reading(), reading({ meter: 'nowhere' })]);
    expect(answer.statusCode).toBe(202);
  });
});
