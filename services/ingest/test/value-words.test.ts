import { flag } from '@songma/domain';
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

const statusCodes = { measured: '00', calibrating: '01', fault: '02' } as const;
type Sent = readonly [value: string, status?: keyof typeof statusCodes];

/** Values of the kiln's dust with their status, one a minute, in each format. */
const bodies: Record<string, (sent: readonly Sent[]) => [body: string | Buffer, options: PushOptions]> = {
  json: (sent) => [JSON.stringify({ readings: sent.map(objectOf) }), {}],
  ndjson: (sent) => [
    sent.map((one, i) => JSON.stringify(objectOf(one, i))).join('\n'),
    { type: 'application/x-ndjson' },
  ],
  csv: (sent) => [
    [
      'meter;time;value;status',
      ...sent.map(([value, status = ''], i) => `kiln-pm;${minute(i)};${value};${status}`),
    ].join('\n'),
    { type: 'text/csv' },
  ],
  xlsx: (sent) => [
    packed(
      workbookParts([
        ['meter', 'time', 'value', 'status'],
        ...sent.map(([value, status = null], i) => ['kiln-pm', minute(i), value, status]),
      ]),
    ),
    { type: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet' },
  ],
  'line-protocol': (sent) => [
    sent
      .map(
        ([value, status], i) =>
          `kiln,meter=kiln-pm${status === undefined ? '' : `,status=${status}`} value="${value}" ${stamp(i)}`,
      )
      .join('\n'),
    { type: 'text/vnd.influxdata.line-protocol', query: '?precision=s' },
  ],
  'five-field': (sent) => [
    sent
      .map(([value, status = 'measured'], i) =>
        ['PM', value, 'mg/Nm3', minute(i).replaceAll(/\D/g, ''), statusCodes[status]].join('\t'),
      )
      .join('\n'),
    { type: 'text/plain', query: '?file=TH_BSON_KHILO2.txt' },
  ],
};
const minute = (i: number) => `2026-11-23T10:${String(i).padStart(2, '0')}:00`;
const stamp = (i: number) => Date.parse(`${minute(i)}+07:00`) / 1000;
const objectOf = ([value, status]: Sent, i: number) => reading({ time: minute(i), value, status });

async function readingsOf(batch: string): Promise<[value: number, flags: number][]> {
  const found = (await world.blocks()).filter(({ block }) => block.batch === batch);
  return found.flatMap(({ block }) =>
    Array.from(block.values, (value, i): [number, number] => [value, block.flags[i]!]),
  );
}

const below = flag.belowDetection;

// An MQTT message stands by itself; it has tests of its own.
const shared = formats.map(({ name }) => name).filter((name) => name !== 'mqtt');

describe.each(shared)('a push of %s', (name) => {
  const send = (sent: readonly Sent[]) => pushed(world, ...bodies[name]!(sent));

  // `<0.5`, `ND` and `KPH` were refused as no numbers, so that clean air had no readings.
  it('takes what is below detection, with its limit where one is told', async () => {
    const limits = ['<0.5', '< 0,5', '≤0.25', 'KPH (LOD=0,5)', 'ND<0.5'].map((value): Sent => [value]);
    const words = ['ND', 'KPH', 'KPHĐ', 'không phát hiện', '<LOD', 'BDL'].map((value): Sent => [value]);
    const sent: Sent[] = [...limits, ['<0.5', 'fault'], ...words];
    const { batch, refused } = await send(sent);
    expect(refused).toEqual([]);
    const none = [Number.NaN, below];
    expect(await readingsOf(batch)).toEqual([
      ...[
        [0.5, below],
        [0.5, below],
        [0.25, below],
        [0.5, below],
        [0.5, below],
        [0.5, below | flag.fault],
      ],
      ...[none, none, none, none, none, none],
    ]);
  });

  it('reads the limit by the convention of the numbers beside it', async () => {
    const { batch } = await send([['<1.234'], ['999,5']]);
    expect(await readingsOf(batch)).toEqual([
      [1234, below],
      [999.5, 0],
    ]);
    const shown = await send([['1.234'], ['<0,5']]);
    expect(await readingsOf(shown.batch)).toEqual([
      [1234, 0],
      [0.5, below],
    ]);
  });

  it('takes what is calibrating or at fault for that, whatever stands in place of a value', async () => {
    const words = ['---', 'NaN', '', '#N/A', 'ERR'];
    const { batch, refused } = await send([
      ...words.map((word): Sent => [word, 'fault']),
      ...words.map((word): Sent => [word, 'calibrating']),
    ]);
    expect(refused).toEqual([]);
    expect(await readingsOf(batch)).toEqual([
      ...words.map(() => [Number.NaN, flag.fault]),
      ...words.map(() => [Number.NaN, flag.calibrating]),
    ]);
  });

  it('refuses what is measured and has no value', async () => {
    const answer = await push(world, ...bodies[name]!([['---'], ['NaN', 'measured'], ['1']]));
    expect(answer.json<{ refused: { code: string }[] }>().refused.map(({ code }) => code)).toEqual([
      'value_not_finite',
      'value_not_finite',
    ]);
  });
});

it('a limit is converted to the unit of the meter', async () => {
  const { batch } = await pushed(world, [reading({ value: '<500', unit: 'ug/Nm3' })]);
  expect(await readingsOf(batch)).toEqual([[0.5, below]]);
});

it('a register is never below detection', async () => {
  const rows = [{ meter: 'mill-register', time: minute(0), value: '<5' }];
  const { refused } = (await push(world, rows)).json<{ refused: { code: string; reason: string }[] }>();
  expect(refused).toMatchObject([{ code: 'detection_of_counter' }]);
  expect(refused[0]!.reason).toContain('"<5"');
});

it('a value of null is the status that comes with it', async () => {
  const rows = [
    reading({ value: null, status: 'calibrating' }),
    reading({ time: minute(9), value: undefined, status: 'calibrating' }),
  ];
  const { batch } = await pushed(world, rows);
  expect(await readingsOf(batch)).toEqual([
    [Number.NaN, flag.calibrating],
    [Number.NaN, flag.calibrating],
  ]);
});

it('a row that is replayed from quarantine is read in the same words', async () => {
  const { batch } = await pushed(world, [
    { meter: 'new-pm', time: minute(0), value: '<0.5' },
    { meter: 'kiln-pm', time: minute(50), value: 1 },
  ]);
  const [entry] = await quarantinedOf(world, batch);
  expect(entry).toMatchObject({ code: 'meter_unknown' });
  const mended = { reading: { meter: 'kiln-pm', time: minute(51), value: 'KPH (LOD=0,5)' } };
  const answer = await world.app.inject({
    method: 'POST',
    url: `/v1/quarantine/${entry!.id}/replay`,
    headers: { authorization: `Bearer ${world.tokens.cement}` },
    payload: mended,
  });
  expect(answer.statusCode).toBe(202);
  expect(await readingsOf(answer.json<{ batch: string }>().batch)).toEqual([[0.5, below]]);
});
