import { describe, expect, it } from 'vitest';
import { comparedTexts, numberText, parameterText, shareText, unitText } from '../../src/words/figures.ts';
import { lengthText, spanText } from '../../src/words/times.ts';

const hour = 3_600_000;
const zone = 'Asia/Ho_Chi_Minh';
const ten = Date.UTC(2026, 0, 1, 3);

describe('Figures', () => {
  it('have a decimal comma in Vietnamese and a point in English', () => {
    expect([numberText(1234.56, 'vi', 6), numberText(1234.56, 'en', 6)]).toEqual(['1.234,56', '1,234.56']);
  });

  it('have as many digits as tell a value from its limit', () => {
    expect(comparedTexts(200.0001, 200, 'en')).toEqual({ value: '200.0001', limit: '200' });
    expect(comparedTexts(200, 200, 'en')).toEqual({ value: '200', limit: '200' });
    expect(comparedTexts(231.4567, 200, 'vi')).toEqual({ value: '231,5', limit: '200' });
  });

  it('are rounded down where they are shares: what is not whole is not 100 %', () => {
    expect([shareText(0.99999, 'vi'), shareText(1, 'vi'), shareText(0.7, 'en')]).toEqual([
      '99,9 %',
      '100 %',
      '70 %',
    ]);
  });

  it('name parameters and units as people write them', () => {
    expect(['SO2', 'NOx', 'PM2.5', 'PM10', 'BOD5', 'H2S', 'pH'].map(parameterText)).toEqual([
      'SO₂',
      'NOx',
      'PM2.5',
      'PM10',
      'BOD₅',
      'H₂S',
      'pH',
    ]);
    expect(['mg/m3', 'Cel', '[pH]', 'kW.h', 'm3/h', '%'].map(unitText)).toEqual([
      'mg/m³',
      '°C',
      '',
      'kW·h',
      'm³/h',
      '%',
    ]);
  });
});

describe('Times', () => {
  it('name the day once where they are of one, and days without hours', () => {
    expect(spanText(ten, ten + hour, zone)).toBe('10:00–11:00 01/01/2026');
    expect(spanText(ten, ten + 24 * hour, zone)).toBe('10:00 01/01/2026 – 10:00 02/01/2026');
    const midnight = ten - 10 * hour;
    expect(spanText(midnight, midnight + 24 * hour, zone)).toBe('01/01/2026');
    expect(spanText(midnight, midnight + 72 * hour, zone)).toBe('01/01/2026–03/01/2026');
  });

  it('tell lengths in their two largest parts', () => {
    expect(lengthText(50 * hour + 60_000, 'en')).toBe('2 days 2 hours');
    expect(lengthText(hour + 5 * 60_000, 'vi')).toBe('1 giờ 5 phút');
    expect(lengthText(5000, 'en')).toBe('less than a minute');
  });
});
