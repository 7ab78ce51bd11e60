import { idSchema } from './fields.ts';
import {
  fillTemplate,
  idTextOf,
  matchPattern,
  parsePattern,
  parseTemplate,
  type NamePattern,
  type NameTemplate,
} from './name-patterns.ts';
import { sourceMappingProblems, type MappingDoor, type SourceMapping } from './source-mapping.ts';

/** What a value is called where it comes from: `measurement`, `tag.host`, `field`; `topic`; `column`. */
export type SourceOrigin = ReadonlyMap<string, string>;

/** What the mappings say of a value. */
export interface MappedSource {
  /** The mapping that matched; undefined for a rule that is always there. */
  readonly mapping: SourceMapping | undefined;
  /** Id of the meter; undefined when the value is to be ignored. */
  readonly meter: string | undefined;
  /** Unit of the value; undefined: that of the meter. */
  readonly unit: string | undefined;
  /** Its status; undefined: measured. */
  readonly status: string | undefined;
}

/** @returns undefined when nothing says which meter a value of this origin is */
export type SourceMapper = (door: MappingDoor, origin: SourceOrigin) => MappedSource | undefined;

type Rule = Pick<SourceMapping, 'door' | 'match' | 'meter' | 'names' | 'unit' | 'status'>;

/** What holds where no mapping matches: values that name their meter. */
export const standardRules: readonly Rule[] = [
  {
    door: 'line-protocol',
    match: { field: 'value' },
    meter: '{tag.meter}',
    unit: '{tag.unit}',
    status: '{tag.status}',
  },
  { door: 'mqtt', match: { topic: 'songma/{owner}/{id}' }, meter: '{id}' },
  { door: 'table', match: {}, meter: '{column}' },
];

interface CompiledRule {
  readonly mapping: SourceMapping | undefined;
  readonly patterns: readonly (readonly [name: string, NamePattern])[];
  readonly meter: NameTemplate | undefined;
  readonly unit: NameTemplate | undefined;
  readonly status: NameTemplate | undefined;
  readonly names: Readonly<Record<string, string>>;
}

/**
 * Compiles mappings into a look-up: the greatest precedence first, then by id, then {@link standardRules}. Mappings
 * that say nothing that can be followed are passed over.
 */
export function sourceMapper(mappings: Iterable<SourceMapping>): SourceMapper {
  const ordered = [...mappings]
    .filter((mapping) => sourceMappingProblems(mapping).length === 0)
    .toSorted((a, b) => b.precedence - a.precedence || (a.id < b.id ? -1 : 1));
  const rules = Map.groupBy(
    [
      ...ordered.map((mapping) => ({ door: mapping.door, rule: compile(mapping, mapping) })),
      ...standardRules.map((rule) => ({ door: rule.door, rule: compile(rule, undefined) })),
    ],
    ({ door }) => door,
  );
  return (door, origin) => {
    for (const { rule } of rules.get(door) ?? []) {
      const mapped = apply(rule, origin);
      if (mapped !== undefined) return mapped;
    }
    return undefined;
  };
}

function compile(rule: Rule, mapping: SourceMapping | undefined): CompiledRule {
  return {
    mapping,
    patterns: Object.entries(rule.match).map(([name, text]) => [name, known(parsePattern(text))]),
    meter: rule.meter === undefined ? undefined : known(parseTemplate(rule.meter)),
    unit: rule.unit === undefined ? undefined : known(parseTemplate(rule.unit)),
    status: rule.status === undefined ? undefined : known(parseTemplate(rule.status)),
    names: rule.names ?? {},
  };
}

function known<T extends object>(parsed: T | { readonly problem: string }): T {
  if ('problem' in parsed) throw new Error(`a rule that was checked does not parse: ${parsed.problem}`);
  return parsed;
}

function apply(rule: CompiledRule, origin: SourceOrigin): MappedSource | undefined {
  const { mapping, patterns, names } = rule;
  const places = new Map<string, string>();
  for (const [name, pattern] of patterns) {
    const text = origin.get(name);
    const found = text === undefined ? undefined : matchPattern(pattern, text);
    if (found === undefined) return undefined;
    for (const [place, value] of found) places.set(place, value);
  }
  if (rule.meter === undefined) return { mapping, meter: undefined, unit: undefined, status: undefined };
  const place = (name: string) => places.get(name) ?? origin.get(name);
  const name = fillTemplate(rule.meter, place);
  if (name === undefined) return undefined;
  const meter = Object.hasOwn(names, name) ? names[name]! : idTextOf(name);
  // What gives no id is as if it had not matched: another rule may know.
  if (!idSchema.safeParse(meter).success) return undefined;
  const filled = (template: NameTemplate | undefined) =>
    (template === undefined ? undefined : fillTemplate(template, place)) || undefined;
  return { mapping, meter, unit: filled(rule.unit), status: filled(rule.status) };
}

/** The mapping that would say which meter a value of this origin is, but for the id of that meter. */
export function suggestedMapping(door: MappingDoor, origin: SourceOrigin): Record<string, unknown> {
  const literal = (text: string) => text.replace(/[\\*{}]/g, '\\$&');
  return {
    door,
    match: Object.fromEntries([...origin].map(([name, text]) => [name, literal(text)])),
    meter: 'ID-OF-THE-METER',
  };
}
