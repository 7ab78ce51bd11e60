import { describe, expect, it } from 'vitest';
import { isInSector, sectorClass } from '../src/index.ts';

describe('a VSIC code', () => {
  it.each([
    ['2394', '23', true],
    ['C2394', '2394', true],
    ['2394', 'C23', true],
    ['2394', '24', false],
    ['23', '2394', false],
    ['1239', '23', false],
  ])('%s begins with %s: %s', (sector, code, begins) => {
    expect(isInSector(sector, code)).toBe(begins);
  });

  it.each([
    ['C23941', '2394'],
    ['2394', '2394'],
    ['C239', '239'],
    ['13', '13'],
  ])('%s is of class %s', (sector, of) => {
    expect(sectorClass(sector)).toBe(of);
  });
});
