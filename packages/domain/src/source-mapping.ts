import { z } from 'zod';
import { idSchema, nameSchema } from './fields.ts';
import { parsePattern, parseTemplate } from './name-patterns.ts';

/**
 * Where a value came in:
 *
 * - `line-protocol`: InfluxDB's write interface;
 * - `mqtt`: a message, or a Sparkplug B metric;
 * - `table`: a column of a wide table (`time, m1, m2, …`).
 */
export const mappingDoorSchema = z.enum(['line-protocol', 'mqtt', 'table']);
export type MappingDoor = z.infer<typeof mappingDoorSchema>;

/** What a value is told apart by, beside `tag.…` of line protocol. */
const originNames: Readonly<Record<MappingDoor, readonly string[]>> = {
  'line-protocol': ['measurement', 'field'],
  mqtt: ['topic', 'field', 'group', 'node', 'device', 'metric'],
  table: ['column'],
};
const tagPrefix = 'tag.';

const patternTextMax = 256;
const namesMax = 1_000;
const matchMax = 20;

/**
 * Which values that come in under names of their own are which meter. The first that matches tells: of the greatest
 * precedence, then by id.
 */
export const sourceMappingSchema = z.object({
  id: idSchema,
  /** Whose values it is about: only pushes of this enterprise are read by it. */
  enterprise: idSchema,
  /** Its meters are of this site only. */
  site: idSchema.optional(),
  name: nameSchema.optional(),
  door: mappingDoorSchema,
  /**
   * What a value must be called: patterns by what they are of (`measurement`, `tag.host`, `topic`, `column`). All have to
   * match; none at all matches everything.
   * @see parsePattern
   */
  match: z
    .record(z.string().min(1).max(200), z.string().min(1).max(patternTextMax))
    .refine((match) => Object.keys(match).length <= matchMax, `at most ${matchMax} patterns`)
    .default({}),
  /** Id of the meter: text with places, such as `{tag.host}-{field}`, written as ids are. */
  meter: z.string().min(1).max(patternTextMax).optional(),
  /** Ids of meters by what `meter` gives, where it gives something else than an id. */
  names: z
    .record(z.string().min(1).max(patternTextMax), idSchema)
    .refine((names) => Object.keys(names).length <= namesMax, `at most ${namesMax} names`)
    .optional(),
  /** UCUM unit of the values, a place in it too; that of the meter when absent or empty. */
  unit: z.string().min(1).max(64).optional(),
  /** `measured` (when absent or empty), `calibrating` or `fault`: a place, as a rule. */
  status: z.string().min(1).max(64).optional(),
  /** Values that match are known not to be of interest: they are not taken, and not refused. */
  ignore: z.literal(true).optional(),
  precedence: z.int().min(-1_000).max(1_000).default(0),
});
export type SourceMapping = z.infer<typeof sourceMappingSchema>;

/** Whether values of the door have something of this name. */
export function isOriginName(door: MappingDoor, name: string): boolean {
  if (door === 'line-protocol' && name.startsWith(tagPrefix)) return name.length > tagPrefix.length;
  return originNames[door].includes(name);
}

/** Why the mapping says nothing that can be followed; empty when it does. */
export function sourceMappingProblems(mapping: SourceMapping): { path: string; problem: string }[] {
  const problems: { path: string; problem: string }[] = [];
  const places = new Set<string>();
  for (const [name, text] of Object.entries(mapping.match)) {
    const path = `match.${name}`;
    if (!isOriginName(mapping.door, name)) {
      problems.push({
        path,
        problem: `is nothing that values of ${mapping.door} have: ${namesOf(mapping.door)}`,
      });
    }
    const pattern = parsePattern(text);
    if ('problem' in pattern) {
      problems.push({ path, problem: pattern.problem });
      continue;
    }
    for (const place of pattern.places) {
      if (isOriginName(mapping.door, place) || places.has(place)) {
        problems.push({
          path,
          problem: `calls a place {${place}}, which is another thing already: rename it`,
        });
      }
      places.add(place);
    }
  }
  if ((mapping.meter === undefined) === (mapping.ignore === undefined)) {
    problems.push({ path: 'meter', problem: 'tell which meter it is, or "ignore": true, and not both' });
  }
  for (const path of ['meter', 'unit', 'status'] as const) {
    const template = parseTemplate(mapping[path] ?? '');
    if ('problem' in template) problems.push({ path, problem: template.problem });
    else {
      for (const place of template.places) {
        if (isOriginName(mapping.door, place) || places.has(place)) continue;
        const problem = `{${place}} is neither a place in "match" nor one of ${namesOf(mapping.door)}`;
        problems.push({ path, problem });
      }
    }
  }
  return problems;
}

function namesOf(door: MappingDoor): string {
  return [...originNames[door], ...(door === 'line-protocol' ? ['tag.NAME'] : [])].join(', ');
}
