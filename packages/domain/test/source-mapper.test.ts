import { describe, expect, it } from 'vitest';
import {
  sourceMapper,
  sourceMappingProblems,
  sourceMappingSchema,
  suggestedMapping,
  type MappingDoor,
} from '@songma/domain';

const mapping = (body: Record<string, unknown>) =>
  sourceMappingSchema.parse({ id: 'm', enterprise: 'e', door: 'line-protocol', ...body });

function mapped(
  bodies: readonly Record<string, unknown>[],
  origin: Record<string, string>,
  door: MappingDoor = 'line-protocol',
) {
  const found = sourceMapper(bodies.map(mapping))(door, new Map(Object.entries(origin)));
  return (
    found && {
      ...(found.mapping === undefined ? {} : { by: found.mapping.id }),
      ...(found.meter === undefined ? {} : { meter: found.meter }),
      ...(found.unit === undefined ? {} : { unit: found.unit }),
    }
  );
}

const modbus = { measurement: 'modbus', 'tag.host': 'plc-2', field: 'power_kwh' };

describe('a source mapping', () => {
  it('makes the id of a meter of what a value is called', () => {
    const body = { match: { measurement: 'modbus', 'tag.host': 'plc-{line}' }, meter: 'kiln-{line}-{field}' };
    expect(mapped([body], modbus)).toEqual({ by: 'm', meter: 'kiln-2-power_kwh' });
  });

  it('writes names as ids are written', () => {
    const body = { meter: '{tag.room} {field}' };
    expect(mapped([body], { field: 'Điện', 'tag.room': 'Lò nung  1' })).toEqual({
      by: 'm',
      meter: 'lo-nung-1-dien',
    });
  });

  it('translates names that are no ids', () => {
    const body = { meter: '{field}', names: { '0x1F': 'mill-power' } };
    expect(mapped([body], { field: '0x1F' })).toEqual({ by: 'm', meter: 'mill-power' });
    expect(mapped([body], { field: 'Other' })).toEqual({ by: 'm', meter: 'other' });
  });

  it('takes its unit from a place too, and none where that is missing', () => {
    const body = { meter: '{field}', unit: '{tag.unit}' };
    expect(mapped([body], { field: 'p', 'tag.unit': 'MWh' })).toEqual({ by: 'm', meter: 'p', unit: 'MWh' });
    expect(mapped([body], { field: 'p' })).toEqual({ by: 'm', meter: 'p' });
  });

  it('does not match where a pattern or a place of its meter finds nothing', () => {
    expect(mapped([{ match: { 'tag.site': '*' }, meter: 'x' }], modbus)).toBeUndefined();
    expect(mapped([{ meter: '{tag.site}' }], modbus)).toBeUndefined();
    expect(mapped([{ match: { measurement: 'mod' }, meter: 'x' }], modbus)).toBeUndefined();
    expect(mapped([{ match: { measurement: 'Modbus' }, meter: 'x' }], modbus)).toBeUndefined();
    expect(mapped([{ meter: '---' }], modbus)).toBeUndefined();
  });

  it('of the greatest precedence tells, and of equals the first by id', () => {
    const bodies = [
      { id: 'b', meter: 'b' },
      { id: 'a', meter: 'a' },
      { id: 'c', meter: 'c', precedence: 1, match: { field: 'power*' } },
    ];
    expect(mapped(bodies, modbus)).toEqual({ by: 'c', meter: 'c' });
    expect(mapped(bodies, { ...modbus, field: 'x' })).toEqual({ by: 'a', meter: 'a' });
  });

  it('can say that values are of no interest', () => {
    expect(mapped([{ ignore: true, match: { field: '*_kwh' } }], modbus)).toEqual({ by: 'm' });
  });

  it('is of one door only', () => {
    expect(mapped([{ meter: 'x' }], { topic: 'a/b' }, 'mqtt')).toBeUndefined();
  });
});

describe('without a mapping', () => {
  it('values that name their meter are of that meter', () => {
    expect(mapped([], { measurement: 'any', 'tag.meter': 'mill-power', field: 'value' })).toEqual({
      meter: 'mill-power',
    });
    expect(mapped([], { topic: 'songma/lam-son/mill-power' }, 'mqtt')).toEqual({ meter: 'mill-power' });
    expect(mapped([], { column: 'Mill-Power' }, 'table')).toEqual({ meter: 'mill-power' });
    expect(mapped([], modbus)).toBeUndefined();
  });
});

describe('a pattern', () => {
  const meterOf = (pattern: string, topic: string) =>
    mapped([{ door: 'mqtt', match: { topic: pattern }, meter: 'id' }], { topic }, 'mqtt')?.meter;

  it.each([
    ['a/b', 'a/b'],
    ['a/*', 'a/'],
    ['a/*', 'a/bcd'],
    ['a/x*y*z', 'a/x1y2yz'],
    ['a/**', 'a/b/c'],
    ['a/**', 'a'],
    ['**', 'a/b/c'],
    ['{x}/b', 'a/b'],
    ['\\*/b\\{', '*/b{'],
    ['a*b*c', 'abbc'],
    ['{p}-{q}', 'a-b-c'],
  ])('%s takes %s', (pattern, topic) => {
    expect(meterOf(pattern, topic)).toBe('id');
  });

  it.each([
    ['a/b', 'a/b/c'],
    ['a/*', 'a/b/c'],
    ['a/*', 'b/b'],
    ['a/**', 'b'],
    ['{x}/b', '/b'],
    ['a*a', 'a'],
    ['{p}-{q}', '-b'],
    ['{p}-{q}', 'a-'],
    ['\\*', 'a'],
  ])('%s does not take %s', (pattern, topic) => {
    expect(meterOf(pattern, topic)).toBeUndefined();
  });

  it('of many wildcards against a long name ends at once', () => {
    expect(meterOf('*a*a*a*a*a*a*a*a*a*a*a*a*b', 'a'.repeat(100_000))).toBeUndefined();
  });

  it.each([
    [{ match: { field: '**x' }, meter: 'a' }, 'match.field'],
    [{ match: { field: '{x}{y}' }, meter: 'a' }, 'match.field'],
    [{ match: { field: '{' }, meter: 'a' }, 'match.field'],
    [{ match: { field: 'a}' }, meter: 'a' }, 'match.field'],
    [{ match: { field: 'a\\' }, meter: 'a' }, 'match.field'],
    [{ match: { field: '{measurement}' }, meter: 'a' }, 'match.field'],
    [{ match: { field: '{x}', measurement: '{x}' }, meter: 'a' }, 'match.measurement'],
    [{ match: { column: 'x' }, meter: 'a' }, 'match.column'],
    [{ match: { 'tag.': 'x' }, meter: 'a' }, 'match.tag.'],
    [{ meter: '{x}' }, 'meter'],
    [{ meter: 'a{' }, 'meter'],
    [{ meter: 'a', unit: '{x}' }, 'unit'],
    [{}, 'meter'],
    [{ meter: 'a', ignore: true }, 'meter'],
  ])('or template that cannot be followed is told: %o', (body, path) => {
    expect(sourceMappingProblems(mapping(body)).map((problem) => problem.path)).toEqual([path]);
  });
});

describe('the suggested mapping', () => {
  it('matches what it was made of and nothing like it', () => {
    const origin = { measurement: 'a*{b}', 'tag.host': 'x\\y', field: 'f' };
    const suggested = suggestedMapping('line-protocol', new Map(Object.entries(origin)));
    const body = { ...suggested, meter: 'found' };
    expect(mapped([body], origin)).toEqual({ by: 'm', meter: 'found' });
    expect(mapped([body], { ...origin, measurement: 'aZ{b}' })).toBeUndefined();
  });
});
