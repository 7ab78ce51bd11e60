import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  decodeReadingBlock,
  encodeReadingBlock,
  fromRuns,
  shardOf,
  shards,
  toRuns,
  type ReadingBlock,
} from '../src/index.ts';

const reading = fc.record({
  meter: fc.nat({ max: 3 }),
  time: fc.integer({ min: 0, max: 4_102_444_800_000 }),
  value: fc.oneof(
    fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => (value === 0 ? 0 : value)),
    fc.constant(Number.NaN),
  ),
  flags: fc.constantFrom(0, 0, 0, 1, 2, 4, 7),
  row: fc.nat({ max: 100_000 }),
});

const block: fc.Arbitrary<ReadingBlock> = fc
  .record({
    readings: fc.array(reading, { maxLength: 50 }),
    part: fc.nat({ max: 3 }),
    knownUs: fc.integer({ min: 1, max: 4e15 }),
    batch: fc.string(),
  })
  .map(({ readings, part, knownUs, batch }) => ({
    site: 'bim-son',
    batch,
    apiKey: 'gateway-1',
    knownUs,
    part,
    parts: 4,
    meters: ['a', 'b', 'c', 'd'],
    meterIndex: Uint32Array.from(readings, (r) => r.meter),
    times: Float64Array.from(readings, (r) => r.time),
    values: Float64Array.from(readings, (r) => r.value),
    flags: Uint8Array.from(readings, (r) => r.flags),
    rows: Uint32Array.from(readings, (r) => r.row),
  }));

describe('reading blocks', () => {
  it('are read back as they were written', () => {
    fc.assert(
      fc.property(block, (original) => {
        expect(decodeReadingBlock(encodeReadingBlock(original))).toEqual(original);
      }),
    );
  });

  it.each([
    ['no JSON', '{'],
    ['another version', '{"v":2}'],
    ['nothing', 'null'],
    [
      'columns that differ in length',
      '{"v":1,"site":"s","batch":"b","key":"k","known":1,"part":0,"parts":1,"meters":["m"],"stamps":[0],"m":[0],"t":[],"x":[1],"f":[],"rows":[[0,1]]}',
    ],
    [
      'a meter that is not there',
      '{"v":1,"site":"s","batch":"b","key":"k","known":1,"part":0,"parts":1,"meters":[],"stamps":[0],"m":[0],"t":[0],"x":[1],"f":[],"rows":[[0,1]]}',
    ],
    [
      'a value that is no number',
      '{"v":1,"site":"s","batch":"b","key":"k","known":1,"part":0,"parts":1,"meters":["m"],"stamps":[0],"m":[0],"t":[0],"x":["1"],"f":[],"rows":[[0,1]]}',
    ],
    [
      'flags outside of the block',
      '{"v":1,"site":"s","batch":"b","key":"k","known":1,"part":0,"parts":1,"meters":["m"],"stamps":[0],"m":[0],"t":[0],"x":[1],"f":[[1,2]],"rows":[[0,1]]}',
    ],
  ])('with %s are corrupt', (_, text) => {
    expect(() => decodeReadingBlock(new TextEncoder().encode(text))).toThrow(
      /reading block|Invalid|expected|JSON/,
    );
  });
});

describe('runs of rows', () => {
  it('give their rows back in order', () => {
    fc.assert(
      fc.property(fc.array(fc.nat({ max: 30 })), (rows) => {
        expect([...fromRuns(toRuns(rows))]).toEqual(rows);
      }),
    );
  });

  it('are few where rows follow each other', () => {
    expect(toRuns([0, 1, 2, 7, 8, 3])).toEqual([
      [0, 3],
      [7, 2],
      [3, 1],
    ]);
  });
});

describe('shards', () => {
  it('are sixteen, and every enterprise has one for ever', () => {
    expect(shards).toHaveLength(16);
    // Recorded: a change of the function would strand what is due.
    expect(['be-ha-long', 'xi-mang-bim-son', 'bia-thanh-hoa'].map(shardOf)).toEqual(['S05', 'S12', 'S10']);
    fc.assert(
      fc.property(fc.string(), (id) => {
        expect(shards).toContain(shardOf(id));
      }),
    );
  });

  it('share a thousand enterprises about evenly', () => {
    const counts = new Map<string, number>();
    for (let i = 0; i < 1000; i++)
      counts.set(shardOf(`enterprise-${i}`), (counts.get(shardOf(`enterprise-${i}`)) ?? 0) + 1);
    for (const count of counts.values()) expect(count).toBeGreaterThan(30);
  });
});
