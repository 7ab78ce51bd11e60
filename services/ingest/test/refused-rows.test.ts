import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeDataDir, openDoor, pushed, reading, type DoorWorld } from './door-world.ts';

let world: DoorWorld;
let dir: Awaited<ReturnType<typeof makeDataDir>>;
beforeAll(async () => {
  dir = await makeDataDir();
  world = await openDoor({ dataDir: dir.path, env: { INGEST_LINE_BYTES_MAX: '400' } });
});
afterAll(async () => {
  await world.close();
  await dir.remove();
});

const good = reading();
const file = { type: 'text/plain', query: '?file=TH_BSON_KHILO2__20261123115500.txt' };

/** The codes of the refused rows, by row number; a good row stands before and after each bad one. */
async function codesOf(...push: Parameters<typeof pushed> extends [unknown, ...infer Rest] ? Rest : never) {
  const receipt = await pushed(world, ...push);
  expect(receipt.accepted).toBe(receipt.rows - receipt.refused.length);
  return receipt.refused.map(({ row, code }) => [row, code]);
}

describe('a row of JSON is refused, and those beside it are not,', () => {
  it.each<[title: string, row: unknown, code: string]>([
    ['when it is null', null, 'malformed'],
    ['when it is a list', [1], 'malformed'],
    ['when it is a text', 'kiln-pm', 'malformed'],
    ['with a field that is not known', reading({ statuss: 'fault' }), 'malformed'],
    ['without a meter', reading({ meter: undefined }), 'malformed'],
    ['with a meter that is a number', reading({ meter: 7 }), 'malformed'],
    ['without a time', reading({ time: undefined }), 'malformed'],
    ['with a time that is a number', reading({ time: 1_795_409_700 }), 'malformed'],
    ['with a unit that is a number', reading({ unit: 1 }), 'malformed'],
    ['with a status that is a number', reading({ status: 0 }), 'malformed'],
    ['of a meter that nobody registered', reading({ meter: 'kiln-dust' }), 'meter_unknown'],
    ['of a meter named like a field of every object', reading({ meter: 'constructor' }), 'meter_unknown'],
    ['of a meter of another enterprise', reading({ meter: 'sugar-power' }), 'meter_unknown'],
    ['with a value that is a word', reading({ value: '38.2 mg' }), 'value_not_finite'],
    ['with a number in text that can be read in two ways', reading({ value: '1,234' }), 'value_ambiguous'],
    ['with a value that is a list', reading({ value: [38.2] }), 'value_not_finite'],
    ['without a value', reading({ value: undefined }), 'value_missing'],
    ['with a value of null', reading({ value: null }), 'value_missing'],
    ['without a value though measured', reading({ value: null, status: 'measured' }), 'value_missing'],
    ['with a word in its place though measured', reading({ value: '---' }), 'value_not_finite'],
    [
      'at fault with a value that is no number',
      reading({ value: '1..2', status: 'fault' }),
      'value_not_finite',
    ],
    ['at fault with a list', reading({ value: [1], status: 'fault' }), 'value_not_finite'],
    ['below a limit of nothing', reading({ value: '<0' }), 'detection_limit_not_positive'],
    ['below an ambiguous limit', reading({ value: '<1,234' }), 'value_ambiguous'],
    ['with a unit that is none', reading({ unit: 'mg/Nm3/banana' }), 'unit_unknown'],
    ['with a unit of another quantity', reading({ unit: 'kWh' }), 'unit_incompatible'],
    ['with a status that is not known', reading({ status: 'broken' }), 'status_unknown'],
    ['with a time that cannot be read', reading({ time: '23/11/2026 11:55' }), 'time_unreadable'],
    ['with a day that does not exist', reading({ time: '2026-11-31T11:55:00+07:00' }), 'time_unreadable'],
    ['from the future', reading({ time: '2026-11-23T12:10:01+07:00' }), 'time_in_future'],
    ['from before the earliest time', reading({ time: '1999-12-31T23:59:59Z' }), 'time_too_old'],
  ])('%s', async (_title, row, code) => {
    expect(await codesOf([good, row, good])).toEqual([[1, code]]);
  });

  it('when it has an own __proto__', async () => {
    const body = `{"readings":[${JSON.stringify(good)},{"__proto__":{"status":"fault"},"meter":"kiln-pm","time":"2026-11-23T11:55:00+07:00"}]}`;
    expect(await codesOf(body)).toEqual([[1, 'malformed']]);
  });

  it('when its number is too large for one', async () => {
    const body = `{"readings":[{"meter":"kiln-pm","time":"2026-11-23T11:55:00+07:00","value":1e999}]}`;
    expect(await codesOf(body)).toEqual([[0, 'value_not_finite']]);
  });

  it('when the push uses more units than are looked up', async () => {
    const rows = Array.from({ length: 66 }, (_, i) => reading({ unit: `unit${i}` }));
    const codes = await codesOf(rows);
    expect(codes.slice(0, 64).every(([, code]) => code === 'unit_unknown')).toBe(true);
    expect(codes.slice(64).map(([, code]) => code)).toEqual(['malformed', 'malformed']);
  });
});

describe('a row at the very bound is taken', () => {
  it.each([
    ['of the future', reading({ time: '2026-11-23T12:10:00+07:00' })],
    ['of the past', reading({ time: '2000-01-01T00:00:00Z' })],
    ['with a fault instead of a value', reading({ value: undefined, status: 'fault' })],
  ])('%s', async (_title, row) => {
    expect(await codesOf([row])).toEqual([]);
  });
});

describe('a line of NDJSON', () => {
  const ndjson = { type: 'application/x-ndjson' };
  const line = JSON.stringify(good);

  it.each([
    ['is refused when it is no JSON', '{"meter":', 'malformed'],
    ['is refused when it holds two objects', `${line},${line}`, 'malformed'],
    ['is refused when it closes a list that it did not open', `${line}],[${line}`, 'malformed'],
    ['is refused when it is no object', '42', 'malformed'],
    ['is refused with an own __proto__', '{"__proto__":{}}', 'malformed'],
    ['is refused one past the longest', `${line}${' '.repeat(401 - line.length)}`, 'malformed'],
  ])('%s, and those beside it are not', async (_title, bad, code) => {
    expect(await codesOf(`${line}\n${bad}\r\n${line}\n`, ndjson)).toEqual([[1, code]]);
  });

  it('may be as long as the longest', async () => {
    expect(await codesOf(`${line}${' '.repeat(400 - line.length)}`, ndjson)).toEqual([]);
  });

  it('is counted without blank lines, after a byte order mark', async () => {
    const receipt = await pushed(world, `\uFEFF${line}\n\n  \r\n{}\n`, ndjson);
    expect(receipt.rows).toBe(2);
    expect(receipt.refused).toMatchObject([{ row: 1, code: 'malformed' }]);
  });
});

describe('a line of CSV', () => {
  const csv = { type: 'text/csv; charset=utf-8' };
  const header = 'meter,time,value,unit,status';
  const line = 'kiln-pm,2026-11-23T11:55:00+07:00,38.2,mg/Nm3,measured';

  it.each([
    ['with a cell too few', 'kiln-pm,2026-11-23T11:55:00+07:00,38.2', 'malformed'],
    ['with a cell too many', `${line},x`, 'malformed'],
    ['with a stray quote', 'kiln-pm,"2026-11-23T11:55:00+07:00,38.2,,', 'malformed'],
    ['without a meter', ',2026-11-23T11:55:00+07:00,38.2,,', 'malformed'],
    ['without a time', 'kiln-pm,,38.2,,', 'malformed'],
    ['with a value that is no number', 'kiln-pm,2026-11-23T11:55:00+07:00,n/a,,', 'value_not_finite'],
    ['with spaces between thousands', 'kiln-pm,2026-11-23T11:55:00+07:00,1 038.2,,', 'value_not_finite'],
    ['with a hexadecimal value', 'kiln-pm,2026-11-23T11:55:00+07:00,0x10,,', 'value_not_finite'],
    ['without a value', 'kiln-pm,2026-11-23T11:55:00+07:00,,,', 'value_missing'],
    ['with a status that is not known', 'kiln-pm,2026-11-23T11:55:00+07:00,1,,02', 'status_unknown'],
  ])('is refused %s, and those beside it are not', async (_title, bad, code) => {
    expect(await codesOf(`${header}\n${line}\n${bad}\n${line}\n`, csv)).toEqual([[1, code]]);
  });

  it('may be quoted, divided by semicolons, with decimal commas and columns in another order', async () => {
    const body = [
      '\uFEFFTime;Value;Meter',
      '2026-11-23T11:55:00+07:00;38,25;kiln-pm',
      '"2026-11-23T11:50:00+07:00";"39,5";"kiln-pm"',
    ].join('\r\n');
    const { batch } = await pushed(world, body, csv);
    const [found] = (await world.blocks()).filter(({ block }) => block.batch === batch);
    expect([...found!.block.values]).toEqual([38.25, 39.5]);
  });
});

describe('a line of a five-field file', () => {
  const line = 'PM\t38.2100\tmg/Nm3\t20261123115500\t00';

  it.each([
    ['with four fields', 'PM\t38.21\tmg/Nm3\t20261123115500', 'malformed'],
    ['with six fields', `${line}\tx`, 'malformed'],
    ['of a symbol that the station does not have', 'SO2\t1\tmg/Nm3\t20261123115500\t00', 'symbol_unknown'],
    ['without a value though measuring', 'PM\t\tmg/Nm3\t20261123115500\t00', 'value_missing'],
    ['with a value that is no number', 'PM\t---\tmg/Nm3\t20261123115500\t00', 'value_not_finite'],
    ['with a status that is not known', 'PM\t1\tmg/Nm3\t20261123115500\t03', 'status_unknown'],
    ['without a status', 'PM\t1\tmg/Nm3\t20261123115500\t', 'status_unknown'],
    ['with a time that does not exist', 'PM\t1\tmg/Nm3\t20261323115500\t00', 'time_unreadable'],
    ['that repeats a symbol with another value', 'PM\t40\tmg/Nm3\t20261123115500\t00', 'repeated_in_push'],
  ])('is refused %s, and those beside it are not', async (_title, bad, code) => {
    expect(await codesOf(`${line}\n${bad}\nO2\t8,5\t%\t20261123115500\t00\n`, file)).toEqual([[1, code]]);
  });

  it('is taken with mark, CRLF, decimal comma, a comma in the symbol, an empty value of a fault, a trailing TAB', async () => {
    const body =
      '\uFEFFPM\t38,2100\tmg/Nm3\t20261123115500\t00\r\n' +
      'PM2,5\t12.5\tmg/Nm3\t20261123115500\t01\t\r\n' +
      'O2\t\t%\t20261123115500\t02\r\n' +
      'PM\t38.21\tmg/Nm3\t20261123115500\t00\r\n';
    const { batch, refused } = await pushed(world, body, file);
    expect(refused).toEqual([]);
    const [found] = (await world.blocks()).filter(({ block }) => block.batch === batch);
    const { block } = found!;
    expect(Array.from(block.meterIndex, (index) => block.meters[index])).toEqual([
      'kiln-pm',
      'kiln-pm25',
      'kiln-o2',
      'kiln-pm',
    ]);
    expect([...block.values]).toEqual([38.21, 12.5, Number.NaN, 38.21]);
    expect([...block.flags]).toEqual([0, 1, 2, 0]);
    expect(block.times[0]).toBe(Date.parse('2026-11-23T11:55:00+07:00'));
  });

  it.each([
    'TH_BSON_KHILO2__20261123115500.txt',
    'TH_BSON_KHILO2_20261123115500.txt',
    'TH_BSON_KHILO220261123115500.TXT',
    'C:\\outbox\\TH_BSON_KHILO2__20261123115500.txt',
    '/var/outbox/TH_BSON_KHILO2-20261123115500.txt',
    'TH_BSON_KHILO2.txt',
  ])('is of the station in the file name %s', async (name) => {
    expect(await codesOf(line, { ...file, query: `?file=${encodeURIComponent(name)}` })).toEqual([]);
  });

  it.each([
    'attachment; filename="TH_BSON_KHILO2__20261123115500.txt"',
    'attachment; filename=TH_BSON_KHILO2__20261123115500.txt',
    "attachment; filename*=UTF-8''TH_BSON_KHILO2__20261123115500.txt",
  ])('may be named by Content-Disposition: %s', async (disposition) => {
    const options = { type: 'text/vnd.songma.five-field', headers: { 'content-disposition': disposition } };
    expect(await codesOf(line, options)).toEqual([]);
  });

  it('is refused, not dropped, when nobody registered the station', async () => {
    const receipt = await pushed(world, line, { ...file, query: '?file=TH_BSON_KHILO9__20261123115500.txt' });
    expect(receipt.refused).toMatchObject([{ row: 0, code: 'station_unknown' }]);
    expect(receipt.refused[0]?.reason).toContain('TH_BSON_KHILO9');
  });

  it('of another enterprise or site is as unknown as one of nobody, and no meter of it is named', async () => {
    const nobodys = { ...file, query: '?file=TH_BSON_KHILO9__20261123115500.txt' };
    for (const key of ['sugar', 'mill'] as const) {
      for (const row of [line, line.replace('PM', 'SO2'), line.replace(/\t[^\t]+/, '\t1,234.5,6')]) {
        const foreign = await pushed(world, row, { ...file, key });
        const unknown = await pushed(world, row, { ...nobodys, key });
        expect(foreign.refused).toMatchObject([{ row: 0, code: 'station_unknown' }]);
        expect(JSON.stringify(foreign.refused).replaceAll('KHILO2', 'KHILO9')).toBe(
          JSON.stringify(unknown.refused),
        );
      }
    }
  });
});

describe('authorisation goes line by line', () => {
  const rows = [
    reading(),
    { meter: 'mill-register', time: '2026-11-23T11:45:00', value: 5 },
    { meter: 'sugar-power', time: '2026-11-23T11:45:00', value: 5 },
  ];

  it.each([
    ['cement', [2]],
    ['mill', [0, 2]],
    ['sugar', [0, 1]],
    ['admin', []],
  ] as const)('with the key %s', async (key, forbidden) => {
    const receipt = await pushed(world, rows, { key });
    expect(receipt.refused.map(({ row, code }) => [row, code])).toEqual(
      forbidden.map((row) => [row, 'meter_unknown']),
    );
  });

  it('and what a key may not see is refused in the words of what nobody registered', async () => {
    for (const value of [5, '1,234', '<0', null]) {
      const codeOf = async (meter: string) => {
        const { refused } = await pushed(world, [{ meter, time: 'x', value }], { key: 'mill' });
        return JSON.stringify(refused).replaceAll(meter, '…');
      };
      const unknown = await codeOf('nowhere');
      for (const meter of ['sugar-power', 'kiln-pm']) expect(await codeOf(meter)).toBe(unknown);
    }
  });

  it('by what is registered now', async () => {
    const row = { meter: 'new-meter', time: '2026-11-23T11:45:00', value: 5 };
    expect(await codesOf([row])).toEqual([[0, 'meter_unknown']]);
    const { 'mill-register': registered } = Object.fromEntries(
      world.registry.metersOfSite('mill-site').map((meter) => [meter.id, meter]),
    );
    await world.register('meter', 'new-meter', { ...registered, id: 'new-meter' });
    expect(await codesOf([row])).toEqual([]);
  });

  it('of a meter that is computed from others', async () => {
    const body = {
      ...{ site: 'mill-site', name: 'x', quantity: 'other', kind: 'level', unit: 'kW', intervalMs: 900_000 },
      ...{ formula: 'r', inputs: { r: 'mill-register' } },
    };
    await world.register('meter', 'mill-load', { ...body, id: 'mill-load' });
    const row = { meter: 'mill-load', time: '2026-11-23T11:45:00', value: 5 };
    expect(await codesOf([row])).toEqual([[0, 'meter_derived']]);
  });
});
