import { describe, expect, it } from 'vitest';
import { isUnit, unitConversion } from '../src/index.ts';

describe('units', () => {
  it.each([
    // Exact by definition: SI Brochure, 9th edition, tables 7 and 8 (hour, tonne, litre, degree Celsius).
    ['kWh', 'MJ', 3.6, 0],
    ['kWh', 'J', 3_600_000, 0],
    ['MWh', 'kW.h', 1000, 0],
    ['t', 'kg', 1000, 0],
    ['tấn', 'kg', 1000, 0],
    ['hl', 'm³', 0.1, 0],
    ['m3/h', 'L/s', 0.277777777777778, 0],
    ['℃', 'K', 1, 273.15],
    ['[degF]', 'Cel', 0.5555555555556, -17.77777777778],
    ['bar', 'kPa', 100, 0],
    ['%', '1', 0.01, 0],
    ['mg/l', 'kg/m3', 0.001, 0],
    ['µg/Nm3', 'mg/Nm³', 0.001, 0],
    ['kgCO2e', 'tCO2e', 0.001, 0],
    ['kWh/t', 'MJ/t', 3.6, 0],
    ['pH', 'pH', 1, 0],
    ['MPN/100ml', 'MPN/100mL', 1, 0],
  ])('%s becomes %s by %d and %d', (from, to, factor, offset) => {
    const conversion = unitConversion(from, to);
    expect(conversion).toHaveProperty('factor', expect.closeTo(factor, 10));
    expect(conversion).toHaveProperty('offset', expect.closeTo(offset, 10));
  });

  it.each([
    ['kg', 'kWh'],
    ['m3', 'Nm3'],
    ['mg/m3', 'mg/Nm3'],
    ['kg', 'kgCO2e'],
    ['kvarh', 'kWh'],
    ['mol', 'g'],
    ['pH', '1'],
    ['ppm', 'mg/m3'],
    ['ppm', '1'],
  ])('%s never becomes %s', (from, to) => {
    expect(unitConversion(from, to)).toEqual({ problem: 'unit_incompatible' });
  });

  it.each(['', 'foo', 'KG', '__proto__', 'constructor', 'kg kg', '((', 'x'.repeat(40), '/', 'm3/'])(
    '"%s" is no unit',
    (unit) => {
      expect(unitConversion(unit, 'kg')).toEqual({ problem: 'unit_unknown' });
      expect(unitConversion('kg', unit)).toEqual({ problem: 'unit_unknown' });
      expect(isUnit(unit)).toBe(false);
    },
  );

  it('every unit of the five-field files is known', () => {
    for (const unit of [
      'mg/Nm3',
      '%',
      'm3/h',
      'Nm3/h',
      '°C',
      'kPa',
      'mg/L',
      'Pa',
      'pH',
      '-',
      'mg/l',
      'ug/Nm3',
    ]) {
      expect({ unit, known: isUnit(unit) }).toEqual({ unit, known: true });
    }
  });
});

it('Pt/Co, the scale of colour, is a unit of its own', () => {
  expect(isUnit('Pt/Co')).toBe(true);
  expect(unitConversion('Pt/Co', 'Pt-Co')).toEqual({ factor: 1, offset: 0 });
  expect(unitConversion('Pt/Co', '1')).toEqual({ problem: 'unit_incompatible' });
});
