import { describe, expect, it } from 'vitest';
import {
  partLine,
  readHead,
  readValue,
  stampMs,
  stampOf,
  unescaped,
} from '../src/formats/line-protocol-syntax.ts';
import { linePortions } from '../src/formats/line-portions.ts';

describe('a line of line protocol', () => {
  it('is parted into head, fields and stamp', () => {
    expect(partLine('m,a=1,b=2 x=1.5,y=2i 1732363500000000000')).toEqual({
      head: 'm,a=1,b=2',
      fields: [
        ['x', '1.5'],
        ['y', '2i'],
      ],
      stamp: '1732363500000000000',
    });
  });

  it('keeps what is escaped or quoted together', () => {
    expect(partLine('my\\ m,a\\,b=c\\=d f\\ 1="x, y=\\"z\\" w",g=t -5')).toEqual({
      head: 'my\\ m,a\\,b=c\\=d',
      fields: [
        ['f\\ 1', '"x, y=\\"z\\" w"'],
        ['g', 't'],
      ],
      stamp: '-5',
    });
    expect(readHead('my\\ m,a\\,b=c\\=d,đ=Lò\\ 1')).toEqual(
      new Map([
        ['measurement', 'my m'],
        ['tag.a,b', 'c=d'],
        ['tag.đ', 'Lò 1'],
      ]),
    );
    expect(unescaped('a\\ b\\x')).toBe('a b\\x');
  });

  it('needs no stamp, and may have several spaces', () => {
    expect(partLine('m  x=1')).toMatchObject({ fields: [['x', '1']], stamp: '' });
    expect(partLine('m x=1   17')).toMatchObject({ stamp: '17' });
  });

  it.each([
    ['m', 'line_head'],
    ['', 'line_head'],
    [' x=1', 'line_head'],
    ['m x', 'line_fields'],
    ['m x=', 'line_fields'],
    ['m =1', 'line_fields'],
    ['m x=1,', 'line_fields'],
    ['m x=1,,y=2', 'line_fields'],
    ['m x=1,y', 'line_fields'],
    ['m x="a b', 'line_fields'],
    ['m x=1 17.5', 'line_stamp'],
    ['m x=1 17 18', 'line_stamp'],
    ['m x=1 now', 'line_stamp'],
    ['m x=1 12345678901234567890', 'line_stamp'],
  ])('that is none is told apart: %s', (line, problem) => {
    const parts = partLine(line);
    // An open quote makes the rest of the line one value, which is none.
    const told =
      typeof parts === 'string' ? parts : readValue(parts.fields[0]![1]) === undefined && 'line_fields';
    expect(told).toBe(problem);
  });

  it.each(['m,', 'm,a', 'm,a=', 'm,=b', ',a=b'])('has no head such as %s', (head) => {
    expect(readHead(head)).toBe('line_head');
  });

  it.each([
    ['1', 1],
    ['-1.5e3', -1500],
    ['.5', 0.5],
    ['5.', 5],
    ['+2', 2],
    ['12i', 12],
    ['-12i', -12],
    ['12u', 12],
    ['t', 1],
    ['True', 1],
    ['FALSE', 0],
    ['f', 0],
    ['"a\\"b\\\\"', 'a"b\\'],
    ['""', ''],
  ])('has values such as %s', (text, value) => {
    expect(readValue(text)).toBe(value);
  });

  it.each([
    'NaN',
    'Inf',
    '0x10',
    '1,5',
    '1.5i',
    '-1u',
    '"',
    'tRUE',
    '1e',
    '--1',
    ' 1',
    '1_000',
    'i',
    'u',
    '',
  ])('has no value such as %s', (text) => {
    expect(readValue(text)).toBeUndefined();
  });

  it('has stamps in several precisions, the finer ones cut to the millisecond', () => {
    expect(stampMs('1732363500123456789', 'ns')).toBe(1_732_363_500_123);
    expect(stampMs('1732363500123999999', 'ns')).toBe(1_732_363_500_123);
    expect(stampMs('1732363500123456', 'us')).toBe(1_732_363_500_123);
    expect(stampMs('1732363500123', 'ms')).toBe(1_732_363_500_123);
    expect(stampMs('1732363500', 's')).toBe(1_732_363_500_000);
    expect(stampMs('28872725', 'm')).toBe(1_732_363_500_000);
    expect(stampMs('999999', 'ns')).toBe(0);
    for (const precision of ['ns', 'us', 'ms', 's', 'm'] as const) {
      expect(stampMs(stampOf(1_732_363_500_000, precision), precision)).toBe(1_732_363_500_000);
    }
  });
});

describe('portions of lines', () => {
  const portions = (text: string, max: number) =>
    [...linePortions(Buffer.from(text), max)].map(({ body, isStamped }) => [body.toString(), isStamped]);

  it('end with lines and have no more values than they may', () => {
    expect(portions('m a=1,b=2 1\nm a=1 2\nm a=1 3\n', 3)).toEqual([
      ['m a=1,b=2 1\nm a=1 2\n', true],
      ['m a=1 3\n', true],
    ]);
    expect(portions('m a=1,b=2,c=3,d=4 1\nm a=1 2', 2)).toEqual([
      ['m a=1,b=2,c=3,d=4 1\n', true],
      ['m a=1 2', true],
    ]);
  });

  it('tell whether each line says its time', () => {
    expect(portions('m a=1\nm a=2 2', 1)).toEqual([
      ['m a=1\n', false],
      ['m a=2 2', true],
    ]);
    expect(portions('# none\n\r\nm a="b 12" 5\r\nm 1=2 -3', 10)[0]![1]).toBe(true);
    expect(portions('m a="b 12"', 10)[0]![1]).toBe(false);
  });

  it('are none of a body without lines', () => {
    expect(portions('', 10)).toEqual([]);
    expect(portions('# a comment\n \n', 10)).toEqual([]);
  });

  it('of a large body without values are cut at once', () => {
    const body = Buffer.from('x\n'.repeat(1_000_000));
    expect([...linePortions(body, 5_000)]).toHaveLength(200);
  });
});
