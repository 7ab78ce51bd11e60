import fc from 'fast-check';
import { fromRuns } from '@songma/domain';
import { describe, expect, it } from 'vitest';
import { fatesOf } from '../src/fates.ts';

const part = { parts: 2, duplicate: [], superseding: [], refused: [] };

describe('what became of the rows of a push', () => {
  it('is pending where nothing else is reported, until all blocks are', () => {
    const receipt = { rows: 4, refused: [] };
    const first = { ...part, duplicate: [[1, 1]] as [number, number][] };
    expect(fatesOf(receipt, {})).toMatchObject({ pending: [[0, 4]], stored: [] });
    expect(fatesOf(receipt, { 0: first })).toMatchObject({
      pending: [
        [0, 1],
        [2, 2],
      ],
      duplicate: [[1, 1]],
      stored: [],
    });
    expect(fatesOf(receipt, { 0: first, 1: part })).toMatchObject({
      pending: [],
      duplicate: [[1, 1]],
      stored: [
        [0, 1],
        [2, 2],
      ],
    });
  });

  it('is one fate for each row, whatever is reported', () => {
    const row = fc.nat(49);
    const runs = fc.array(fc.tuple(row, fc.integer({ min: 1, max: 5 })), { maxLength: 5 });
    const report = fc.record({
      parts: fc.integer({ min: 1, max: 3 }),
      duplicate: runs,
      superseding: runs,
      refused: fc.array(fc.tuple(row, fc.string()), { maxLength: 3 }),
    });
    fc.assert(
      fc.property(
        fc.dictionary(fc.constantFrom('0', '1', '2'), report),
        fc.uniqueArray(row),
        (parts, refused) => {
          const receipt = {
            rows: 50,
            refused: refused.map((one): [number, string, {}] => [one, 'malformed', {}]),
          };
          const fates = fatesOf(receipt, parts);
          const rows = Object.values(fates).flatMap((found) => [...fromRuns(found)]);
          expect(rows.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 50 }, (_, i) => i));
        },
      ),
    );
  });
});
