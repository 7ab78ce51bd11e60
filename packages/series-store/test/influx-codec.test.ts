import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  confirmationsText,
  parseConfirmations,
  parseVersions,
  versionsText,
} from '../src/influx/history-text.ts';
import { edge, select } from '../src/influx/influxql.ts';
import { historyIn, newLine, setHistory, setWritten } from '../src/influx/line.ts';
import { MeterKeys, readingsLine, historyLine } from '../src/influx/line-text.ts';
import { lineRows, readingAt } from '../src/influx/line-rows.ts';
import { fieldOf, readField, type FieldPart } from '../src/influx/names.ts';
import { parseRollup, rollupText } from '../src/influx/rollup-text.ts';
import type { History, Version } from '../src/judge.ts';
import { rollupOf } from './results.ts';

const ids = fc.stringMatching(/^[a-z0-9][a-z0-9_-]{0,12}$/);
const knownUs = fc.integer({ min: 1, max: 2 ** 53 - 1 });
/** Without -0, which is stored as 0. */
const values = fc
  .oneof(fc.double({ noDefaultInfinity: true }), fc.integer(), fc.constant(NaN))
  .map((value) => (value === 0 ? 0 : value));
const version: fc.Arbitrary<Version> = fc.record({
  knownUs,
  value: values,
  flags: fc.integer({ min: 0, max: 255 }),
  revision: fc.integer({ min: 0, max: 65_535 }),
});
const single = (fields: Partial<Version> = {}): History => ({
  versions: [{ knownUs: 1000, value: 1.5, flags: 0, revision: 0, ...fields }],
  confirmedUs: [],
});

const byMeter = (a: readonly [string, unknown], b: readonly [string, unknown]) => (a[0] < b[0] ? -1 : 1);

/** The table that InfluxDB would give for a line of line protocol. */
function tableOf(text: string) {
  const [, fields = '', time = ''] = text.split(' ');
  const pairs = fields.split(',').map((field) => field.split('=') as [string, string]);
  return {
    statement: 0,
    tags: {},
    columns: ['time', ...pairs.map(([key]) => key)],
    rows: [[Number(time), ...pairs.map(([, value]) => Number(value.replace(/i$/, '')))]],
  };
}

describe('names', () => {
  test('every part of every meter has a field of its own, and none is called time', () => {
    const parts: FieldPart[] = ['value', 'flags', 'known', 'revision'];
    fc.assert(
      fc.property(fc.oneof(ids, fc.constant('time')), (id) => {
        const fields = parts.map((part) => fieldOf(id, part));
        expect(new Set(fields).size).toBe(4);
        expect(fields).not.toContain('time');
        expect(fields.map(readField)).toEqual(parts.map((part) => ({ id, part })));
      }),
    );
    expect(['time', '~k', '~c', 'a~x'].map(readField)).toEqual([undefined, undefined, undefined, undefined]);
  });
});

describe('lines', () => {
  test('a new line names its known time once, and only what is not the default of each reading', () => {
    const meters = new MeterKeys();
    const line = newLine(60_000, 1000, 4);
    for (const [id, history] of [
      ['plain', single()],
      ['flagged', single({ flags: 4 })],
      ['later', single({ knownUs: 2000 })],
      ['silent', single({ value: NaN, flags: 2 })],
    ] as const) {
      setHistory(line, meters.indexOf(id), history, 4);
    }
    expect(readingsLine('readings/s', line, meters)).toBe(
      'readings/s ~k=1000i,plain=1.5,later=1.5,later~k=2000i,flagged=1.5,flagged~f=4i,silent~f=258i 60000',
    );
    expect(historyLine('history/s', line, meters)).toBeUndefined();
  });

  test('a reading that is the only one of its time is held as two numbers, whenever it came and went', () => {
    const line = newLine(0, 1000, 1);
    setHistory(line, 0, single({ knownUs: 2000 }), 1);
    setHistory(line, 3, single({ knownUs: 3000 }), 4);
    setHistory(line, 1, single(), 4);
    expect(line.others).toBeUndefined();
    const known = (meter: number) => historyIn(line, meter)?.versions.map((only) => only.knownUs);
    expect([0, 1, 2, 3].map(known)).toEqual([[2000], [1000], undefined, [3000]]);
    setHistory(line, 0, single({ flags: 4 }), 4);
    setHistory(line, 0, single({ knownUs: 4000 }), 4);
    expect(known(0)).toEqual([4000]);
    expect(line.others?.size).toBe(0);
  });

  test('a version that superseded another says everything, so that nothing of the other is left', () => {
    const meters = new MeterKeys();
    const line = newLine(0, 1000, 1);
    const meter = meters.indexOf('m');
    setWritten(line);
    const first = single({ value: 9, flags: 2 }).versions[0]!;
    const second = { knownUs: 1000.5, value: 3, flags: 0, revision: 1 };
    setHistory(line, meter, { versions: [first, second], confirmedUs: [7, 8] }, 1);
    expect(readingsLine('r', line, meters)).toBeUndefined();
    line.unwritten.readings.add(meter);
    line.unwritten.versions.add(meter);
    line.unwritten.confirmations = true;
    expect(readingsLine('r', line, meters)).toBe('r m=3,m~f=0i,m~k=1000.5i,m~r=1i 0');
    expect(historyLine('h', line, meters)).toBe('h m="1000:9:2:0;1000.5:3:0:1",~c="7:m;8:=" 0');
  });

  test('what is written of a reading is read back to the last bit', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(ids, { minLength: 1, maxLength: 6 }),
        fc.array(version),
        (names, versions) => {
          const meters = new MeterKeys();
          const line = newLine(900_000, versions[0]?.knownUs ?? 1, names.length);
          const written = names.flatMap((id, index) => {
            const stands = versions[index];
            if (stands === undefined) return [];
            const one = { ...stands, revision: 0 };
            setHistory(line, meters.indexOf(id), { versions: [one], confirmedUs: [] }, names.length);
            return [[id, one] as const];
          });
          const lines = lineRows(tableOf(readingsLine('r', line, meters)!));
          const read = lines.columns.map(
            (columns) => [columns.meter, readingAt(lines, columns, lines.rows[0]!)] as const,
          );
          expect(read).toEqual(written.toSorted(byMeter));
        },
      ),
    );
  });

  test('held readings come back as they were set, whatever form they are held in', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(5), version)), (sets) => {
        const line = newLine(0, sets[0]?.[1].knownUs ?? 1, 2);
        const expected = new Map<number, History>();
        for (const [meter, stands] of sets) {
          const history = { versions: [stands], confirmedUs: [] };
          setHistory(line, meter, history, 6);
          expected.set(meter, history);
        }
        for (let meter = 0; meter < 6; meter++) expect(historyIn(line, meter)).toEqual(expected.get(meter));
      }),
    );
  });
});

describe('texts', () => {
  test('versions are read back as they were', () => {
    fc.assert(
      fc.property(fc.array(version, { minLength: 1 }), (versions) => {
        expect(parseVersions(versionsText(versions))).toEqual(versions);
      }),
    );
  });

  test('confirmations are read back as they were, and repeat no list of meters', () => {
    const confirmed = fc
      .uniqueArray(knownUs, { minLength: 1, maxLength: 5 })
      .map((all) => all.toSorted((a, b) => a - b));
    fc.assert(
      fc.property(fc.dictionary(ids, confirmed, { minKeys: 1 }), (meters) => {
        const histories = Object.entries(meters).map(
          ([meter, confirmedUs]) => [meter, { ...single(), confirmedUs }] as const,
        );
        expect(parseConfirmations(confirmationsText(histories))).toEqual(new Map(Object.entries(meters)));
      }),
    );
    const all = ['a', 'b'].map((meter) => [meter, { ...single(), confirmedUs: [1, 2, 3] }] as const);
    expect(confirmationsText(all)).toBe('1:a,b;2:=;3:=');
  });

  test('rollups are read back as they were', () => {
    const rollup = rollupOf('s', 'm', 0, {
      sum: 0.1 + 0.2,
      mean: null,
      min: -1e-7,
      max: 1e21,
      coverage: 1 / 3,
      quarters: null,
      faultMs: 600_000,
    });
    expect(parseRollup({ site: 's', meter: 'm', window: 'PT1H', start: 0 }, rollupText(rollup))).toEqual(
      rollup,
    );
  });

  test('reads what earlier builds wrote, with 0 for what they did not tell', () => {
    const key = { site: 's', meter: 'm', window: 'PT1H', start: 0 } as const;
    const first = '3600000,4,4,3600000,1,10,2.5,1,4,0,0,0,0,0,3';
    const told = { ...key, end: 3_600_000, count: 4, sum: 10, min: 1, max: 4, revision: 3 };
    const later = { outOfRangeMs: 0, belowDetection: 0, validMs: 0, rules: 0 };
    expect(parseRollup(key, first)).toMatchObject({ ...told, quarters: 0, faultMs: 0, ...later });
    // Since quarters are told, and the time of each status.
    const second = `${first},15,2700000,600000,1`;
    expect(parseRollup(key, second)).toMatchObject({ ...told, quarters: 15, faultMs: 1, ...later });
  });

  test('refuses what a later build wrote, and what is cut off', () => {
    const key = { site: 's', meter: 'm', window: 'PT1H', start: 0 } as const;
    for (const parts of [14, 40]) {
      expect(() => parseRollup(key, Array.from({ length: parts }, () => 1).join())).toThrow(
        `"m" of site "s" at 1970-01-01T00:00:00.000Z has ${parts} parts`,
      );
    }
  });
});

describe('InfluxQL', () => {
  test('names and texts cannot leave their quotes', () => {
    expect(select({ fields: ['a"; DROP', 'b\\'], from: 'x"y' })).toBe(
      String.raw`SELECT "a\"; DROP","b\\" FROM "x\"y"`,
    );
  });

  test('times are whole milliseconds within what InfluxDB can hold', () => {
    expect(edge('LAST', '~k', { from: 'm', since: -Infinity, until: 8.64e15 })).toBe(
      'SELECT LAST("~k") FROM "m" WHERE time >= -9223372036000ms AND time < 9223372036000ms',
    );
    expect(select({ fields: 'all', from: 'm', latestFirst: true, limit: 2, where: ['"w" = 1'] })).toBe(
      'SELECT * FROM "m" WHERE "w" = 1 ORDER BY time DESC LIMIT 2',
    );
  });
});
