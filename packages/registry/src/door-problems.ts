import {
  type Baseline,
  entitySchemas,
  type EntityKind,
  isTimeZone,
  isUnit,
  type Meter,
  unitConversion,
} from '@songma/domain';
import { baselineUnit, secNorm, secNorms } from '@songma/indicators';
import { formulaProblems, successionProblems } from './derived-rules.ts';
import type { Entity } from './entity-rules.ts';
import { factorUnitProblems } from './factor-rules.ts';
import { mappingUnitProblems } from './mapping-rules.ts';
import { gasProblems, limitDoorProblems } from './limit-door-rules.ts';
import type { Problem } from './registry.ts';
import type { RegistryView } from './registry-view.ts';
import { deskDoorProblems } from './desk-door-rules.ts';
import { schemaProblems } from './problems.ts';

/**
 * What only the door refuses, because it does not follow from the log: fields that the schema does not know, zones,
 * units, formulas over units and norms that this machine's tables do not know. A command that is in the log stands
 * without them.
 */
export function doorProblems(
  kind: EntityKind,
  body: unknown,
  registered: Pick<RegistryView, 'get' | 'limitsOfMeter' | 'list' | 'metersOfSite'>,
): Problem[] {
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
      return [
        ...zoneProblems('time.zone', entity.body.time.zone),
        ...unitProblems('unit', entity.body.unit),
        ...holdProblems(entity.body),
        ...formulaProblems(entity.body, registered),
        ...successionProblems(entity.body, registered),
        ...gasProblems(entity.body, registered),
      ];
    case 'baseline':
      return baselineDoorProblems(entity.body);
    case 'factor':
      return factorUnitProblems(entity.body);
    case 'limit':
      return limitDoorProblems(entity.body, registered);
    case 'mapping':
      return mappingUnitProblems(entity.body);
    case 'enterprise':
    case 'source':
    case 'officer':
    case 'void':
    case 'participation':
    case 'assessment':
      return [];
    case 'person':
    case 'roster':
    case 'policy':
    case 'channel':
    case 'outage':
    case 'duty':
    case 'key':
      return deskDoorProblems(entity, registered);
  }
}

function baselineDoorProblems(baseline: Baseline): Problem[] {
  const unit = baselineUnit(baseline);
  const problems = [
    ...unitProblems('unit', unit),
    ...unitProblems('productionUnit', baseline.productionUnit),
  ];
  for (const [i, adjustment] of baseline.adjustments.entries()) {
    const path = `adjustments.${i}.unit`;
    const conversion = unitConversion(adjustment.unit, unit);
    if (!('problem' in conversion) && conversion.offset === 0) continue;
    problems.push({ path, problem: `"${adjustment.unit}" cannot be told in the baseline's ${unit}` });
  }
  if (baseline.norm !== undefined && secNorm(baseline.norm) === undefined) {
    const known = secNorms.map(({ id }) => id).join(', ');
    problems.push({ path: 'norm', problem: `no norm "${baseline.norm}" is known: name one of ${known}` });
  }
  return problems;
}

/** Intervals over which a reading may hold: so many readings an hour stands on. */
const HOLD_INTERVALS_MAX = 10_000;

function holdProblems({ holdMaxMs, intervalMs }: Meter): Problem[] {
  if (holdMaxMs === undefined || holdMaxMs <= HOLD_INTERVALS_MAX * intervalMs) return [];
  const problem = `is more than ${HOLD_INTERVALS_MAX} intervals of ${intervalMs} ms: each hour would stand on as many readings`;
  return [{ path: 'holdMaxMs', problem }];
}

function unitProblems(path: string, unit: string): Problem[] {
  if (isUnit(unit)) return [];
  return [{ path, problem: `"${unit}" is not a UCUM unit: use one such as kWh, m3, mg/m3, t or Cel` }];
}

export function zoneProblems(path: string, zone: string): Problem[] {
  if (isTimeZone(zone)) return [];
  return [{ path, problem: `no time zone is called "${zone}": use one such as Asia/Ho_Chi_Minh or +07:00` }];
}
