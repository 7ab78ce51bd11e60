import { describe, expect, it } from 'vitest';
import { belowDetectionIn, isNoValue } from '../src/index.ts';

describe('a text below detection', () => {
  // What laboratories and their systems print, in English and in Vietnamese.
  it.each([
    ['<0.5', '0.5'],
    ['< 0,5', '0,5'],
    ['<=0.5', '0.5'],
    ['≤0.5', '0.5'],
    ['<.5', '.5'],
    ['<1.234,5', '1.234,5'],
    ['<5e-3', '5E-3'],
    ['ND', ''],
    ['n.d.', ''],
    ['N/D', ''],
    ['nd<0.5', '0.5'],
    ['ND (0.5)', '0.5'],
    ['not detected', ''],
    ['BDL', ''],
    ['<LOD', ''],
    ['< LOQ', ''],
    ['<MDL', ''],
    ['<LOD=0.02', '0.02'],
    ['KPH', ''],
    ['kph', ''],
    ['KPHĐ', ''],
    ['Không phát hiện', ''],
    ['Không phát hiện'.normalize('NFD'), ''],
    ['KPH (LOD=0,5)', '0,5'],
    ['KPH (MDL = 0,5)', '0,5'],
    ['KPH (<0,5)', '0,5'],
    ['KPHĐ, LOD: 3', '3'],
    ['<GHPH', ''],
  ])('%s has the limit "%s"', (text, limit) => {
    expect(belowDetectionIn(text)).toBe(limit);
  });

  it.each([
    '',
    '0.5',
    '-0.5',
    '<',
    '<-0.5',
    '< x',
    '>0.5',
    'NDX',
    'N',
    'LOD',
    '(0.5)',
    '---',
    'NaN',
    'KPH x',
    '<0.5 mg',
  ])('"%s" is none', (text) => {
    expect(belowDetectionIn(text)).toBeUndefined();
  });
});

it.each([
  ['', true],
  ['---', true],
  ['NaN', true],
  ['#N/A', true],
  ['ERR', true],
  ['12..5', false],
])('"%s" tells no value: %s', (text, none) => {
  expect(isNoValue(text)).toBe(none);
});
