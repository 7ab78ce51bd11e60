import { describe, expect, it } from 'vitest';
import { codeOfLimit, limitSchema, parameterCodeOf } from '../src/index.ts';

describe('the code of a parameter', () => {
  it.each([
    ...[
      ['COD', 'cod'],
      ['Nhu cầu oxy hóa học (COD)', 'cod'],
      ['cod 2', 'cod'],
      ['COD_1', 'cod'],
    ],
    ...[
      ['Bụi tổng', 'pm'],
      ['PM', 'pm'],
      ['total dust', 'pm'],
      ['PM10', 'pm10'],
      ['PM2,5', 'pm2-5'],
    ],
    ...[
      ['SO2', 'so2'],
      ['SO₂', 'so2'],
      ['NOx (tính theo NO2)', 'nox'],
      ['NOx as NO2', 'nox'],
      ['NO2', 'no2'],
    ],
    ...[
      ['NH₄⁺', 'nh4'],
      ['Amoni (tính theo N)', 'nh4'],
      ['Tổng Nitơ', 'tn'],
      ['Tổng P', 'tp'],
    ],
    ...[
      ['Cr(VI)', 'cr6'],
      ['Crom (III)', 'cr3'],
      ['Cr⁶⁺', 'cr6'],
      ['Thuỷ ngân', 'hg'],
      ['Thủy ngân', 'hg'],
    ],
    ...[
      ['CO', 'co'],
      ['co', 'co'],
      ['Nhiệt độ', 'temperature'],
      ['Độ màu', 'colour'],
      ['pH', 'ph'],
    ],
    ...[
      ['Dầu mỡ khoáng', 'mineral-oil'],
      ['Clo dư', 'residual-chlorine'],
      ['Lưu lượng', 'flow'],
    ],
  ] as const)('of %s is %s', (parameter, code) => {
    expect(parameterCodeOf(parameter)).toBe(code);
  });

  it('is not guessed where a name means two things or none', () => {
    for (const name of ['P', 'Cl', 'Co', 'phospho', '', '()', '2', 'điểm đo', 'Nhiệt', 'constructor'])
      expect([name, parameterCodeOf(name)]).toEqual([name, undefined]);
  });

  it('is the same when it is asked again, after more names than are kept', () => {
    for (let i = 0; i < 2100; i++) expect(parameterCodeOf(`unknown ${i} x`)).toBeUndefined();
    for (const time of ['first', 'second'])
      expect([time, parameterCodeOf('Độ màu'), parameterCodeOf('Cl')]).toEqual([time, 'colour', undefined]);
  });

  it('is what a limit states, before what its name says', () => {
    expect(codeOfLimit({ parameter: 'P', parameterCode: 'tp' })).toBe('tp');
    expect(codeOfLimit({ parameter: 'COD' })).toBe('cod');
  });

  it('and the unit may be missing of limits in the log', () => {
    const source = { document: 'QCVN 40:2011/BTNMT', verified: false };
    const old = { id: 'l', meter: 'm', parameter: 'COD', averaging: 'P1D', value: 150, source, validFrom: 0 };
    expect(limitSchema.parse(old)).not.toHaveProperty('unit');
    expect(limitSchema.safeParse({ ...old, parameterCode: 'COD' }).success).toBe(false);
    expect(limitSchema.safeParse({ ...old, unit: '' }).success).toBe(false);
  });
});
