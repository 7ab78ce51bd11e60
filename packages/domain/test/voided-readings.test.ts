import { describe, expect, it } from 'vitest';
import { flag, markVoided, voidsToLookBehind, type KnownVoid } from '../src/index.ts';

/** Known at 2 ms; what became known in its millisecond was known. */
const declared: KnownVoid = { body: { from: 20, to: 40 }, at: 2 };

/** Readings as `[time, value, knownUs, flags?]`. */
function readings(...rows: readonly (readonly [number, number, number, number?])[]) {
  return {
    times: Float64Array.from(rows, ([time]) => time),
    values: Float64Array.from(rows, ([, value]) => value),
    knownUs: Float64Array.from(rows, ([, , knownUs]) => knownUs),
    flags: Uint8Array.from(rows, ([, , , flags = 0]) => flags),
  };
}

const nobodyLooked = () => undefined;

describe('readings that are declared void', () => {
  it('are those of the range, its end exclusive, that were known when it was registered', () => {
    const known = readings([19, 1, 5], [20, 1, 5], [39, 1, 2_999], [40, 1, 5]);
    expect([...markVoided(known, [declared], nobodyLooked).flags]).toEqual([0, flag.voided, flag.voided, 0]);
    expect(voidsToLookBehind(known, [declared])).toEqual([]);
  });

  it('are those known later that say what stood then, and no others', () => {
    const now = readings([20, 1, 3_000], [25, 2, 3_000], [30, 1, 3_000], [35, NaN, 3_000, 2], [38, 1, 9_000]);
    const then = readings([20, 1, 5], [25, 1, 5], [30, 1, 5, flag.fault], [35, NaN, 5, 2]);
    expect(voidsToLookBehind(now, [declared])).toEqual([declared]);
    expect([...markVoided(now, [declared], () => then).flags]).toEqual([
      flag.voided,
      0, // corrected
      0, // its status is corrected
      flag.fault | flag.voided,
      0, // came later
    ]);
  });

  it('are left as they are where no range covers them', () => {
    const others = readings([10, 1, 5], [50, 1, 9_000]);
    expect(markVoided(others, [{ ...declared, body: { from: 60, to: 70 } }], nobodyLooked)).toBe(others);
    expect([...markVoided(others, [declared], nobodyLooked).flags]).toEqual([0, 0]);
    expect(voidsToLookBehind(others, [declared])).toEqual([]);
  });

  it('are void by whichever of several ranges says so', () => {
    const later: KnownVoid = { body: { from: 30, to: 50 }, at: 8 };
    const now = readings([25, 1, 5_000], [35, 1, 5_000], [45, 1, 5_000]);
    expect([...markVoided(now, [declared, later], nobodyLooked).flags]).toEqual([
      0,
      flag.voided,
      flag.voided,
    ]);
  });
});
