import { entitySchemas, type EntityKind, isTimeZone, isUnit } from '@songma/domain';
import type { Entity } from './entity-rules.ts';
import { factorUnitProblems } from './factor-rules.ts';
import type { Problem } from './registry.ts';
import { schemaProblems } from './problems.ts';

/**
 * What only the door refuses, because it does not follow from the log: fields that the schema does not know, zones
 * and units that this machine's tables do not know. A command that is in the log stands without them.
 */
export function doorProblems(kind: EntityKind, body: unknown): Problem[] {
  if (body === null) return [];
  const schema = entitySchemas[kind];
  const parsed = schema.strict().safeParse(body);
  if (!parsed.success) {
    return schemaProblems(
      { issues: parsed.error.issues.filter(({ code }) => code === 'unrecognized_keys') },
      Object.keys(schema.shape),
    );
  }
  const entity = { kind, body: parsed.data } as Entity;
  switch (entity.kind) {
    case 'site':
      return zoneProblems('timeZone', entity.body.timeZone);
    case 'meter':
      return [...zoneProblems('time.zone', entity.body.time.zone), ...unitProblems(entity.body.unit)];
    case 'factor':
      return factorUnitProblems(entity.body);
    case 'enterprise':
    case 'source':
    case 'limit':
    case 'officer':
    case 'key':
      return [];
  }
}

function unitProblems(unit: string): Problem[] {
  if (isUnit(unit)) return [];
  return [
    { path: 'unit', problem: `"${unit}" is not a UCUM unit: use one such as kWh, m3, mg/m3, t or Cel` },
  ];
}

function zoneProblems(path: string, zone: string): Problem[] {
  if (isTimeZone(zone)) return [];
  return [{ path, problem: `no time zone is called "${zone}": use one such as Asia/Ho_Chi_Minh or +07:00` }];
}
