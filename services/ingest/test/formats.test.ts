import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { ReceiptAnswer } from '../src/receipts.ts';
import { makeDataDir, noon, openDoor, push, pushed, type DoorWorld, type PushOptions } from './door-world.ts';

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

const types = {
  ndjson: { type: 'application/x-ndjson' },
  csv: { type: 'text/csv' },
  fiveField: { type: 'text/plain', query: '?file=TH_BSON_KHILO2__20261123115500.txt' },
} as const satisfies Record<string, PushOptions>;

/** Meters of the kiln by the symbols of its files. */
const symbols = { 'kiln-pm': 'PM', 'kiln-pm25': 'PM2,5', 'kiln-o2': 'O2' } as const;
type KilnMeter = keyof typeof symbols;
const units = { 'kiln-pm': 'mg/Nm3', 'kiln-pm25': 'mg/Nm3', 'kiln-o2': '%' } as const;
const statusNumbers = { measured: '00', calibrating: '01', fault: '02' } as const;

const readings = fc.array(
  fc.record({
    meter: fc.constantFrom(...(Object.keys(symbols) as KilnMeter[])),
    minute: fc.integer({ min: 1, max: 10_000 }),
    value: fc.double({ min: -1e6, max: 1e6, noNaN: true }).map((value) => Number(value.toPrecision(12))),
    status: fc.constantFrom('measured' as const, 'calibrating' as const, 'fault' as const),
  }),
  { minLength: 1, maxLength: 40 },
);

/** What a local clock prints so many minutes before noon, seven hours ahead of UTC. */
function local(minutes: number): string {
  return new Date(noon + 7 * 3_600_000 - minutes * 60_000).toISOString().slice(0, 19);
}

/** What the log has of a push, without what differs from push to push, and its refusals. */
async function traceOf(...[body, options]: [string, PushOptions?]) {
  const { batch, refused } = await pushed(world, body, options);
  const blocks = (await world.blocks()).filter(({ block }) => block.batch === batch);
  return {
    refused,
    readings: blocks.flatMap(({ block }) =>
      Array.from(block.times, (time, i) => [
        block.meters[block.meterIndex[i]!],
        time,
        block.values[i],
        block.flags[i],
        block.rows[i],
      ]),
    ),
  };
}

it('the same readings in every format are the same readings in the log', async () => {
  await fc.assert(
    fc.asyncProperty(
      readings,
      fc.constantFrom('.', ','),
      fc.constantFrom('\n', '\r\n'),
      async (rows, mark, end) => {
        const decimal = (value: number) => String(value).replace('.', mark);
        const json = rows.map(({ meter, minute, value, status }) => ({
          meter,
          time: `${local(minute)}+07:00`,
          value,
          unit: units[meter],
          status,
        }));
        const expected = await traceOf(JSON.stringify({ readings: json }));
        const ndjson = json.map((row) => JSON.stringify(row)).join(end);
        const csv = json.map(
          ({ meter, time, value, unit, status }) => `${status};"${time}";${meter};${decimal(value)};${unit}`,
        );
        const fiveField = rows.map(({ meter, minute, value, status }) =>
          [
            symbols[meter],
            decimal(value),
            units[meter],
            local(minute).replaceAll(/\D/g, ''),
            statusNumbers[status],
          ].join('\t'),
        );
        expect(await traceOf(ndjson, types.ndjson)).toEqual(expected);
        expect(await traceOf(['status;time;meter;value;unit', ...csv].join(end), types.csv)).toEqual(
          expected,
        );
        expect(await traceOf(fiveField.join(end), types.fiveField)).toEqual(expected);
      },
    ),
    { numRuns: 25 },
  );
});

it('whatever is sent, each row is accepted or refused, and nothing is the fault of the door', async () => {
  const line = fc.oneof(
    fc.string({ unit: 'grapheme', maxLength: 60 }),
    fc.json({ maxDepth: 2 }),
    fc.constant('{"meter":"kiln-pm","time":"2026-11-23T11:55:00+07:00","value":1}'),
    fc.constant('PM\t1\tmg/Nm3\t20261123115500\t00'),
    fc.constant('kiln-pm,2026-11-23T11:55:00+07:00,1'),
  );
  const body = fc
    .tuple(
      fc.constantFrom('', 'meter,time,value\n', '{"readings":[', '\uFEFF'),
      fc.array(line, { maxLength: 8 }),
    )
    .map(([head, lines]) => head + lines.join('\n') + (head.startsWith('{') ? ']}' : ''));
  await fc.assert(
    fc.asyncProperty(body, fc.constantFrom(undefined, ...Object.values(types)), async (text, options) => {
      const answer = await push(world, text, options);
      const { rows = 0, accepted = 0, refused = [] } = answer.json<Partial<ReceiptAnswer>>();
      expect([202, 400, 422]).toContain(answer.statusCode);
      expect(accepted + refused.length).toBe(rows);
    }),
    { numRuns: 300 },
  );
});
