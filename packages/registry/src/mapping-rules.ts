import { isUnit, sourceMappingProblems, type SourceMapping } from '@songma/domain';
import type { Problem } from './registry.ts';
import type { RegisteredFacts } from './registry-view.ts';

/** Why the mapping contradicts itself or its site, beside what it refers to not being there. */
export function mappingProblems(mapping: SourceMapping, registered: RegisteredFacts): Problem[] {
  const { site: id, enterprise } = mapping;
  const problems = sourceMappingProblems(mapping);
  const site = id === undefined ? undefined : registered.get('site', id)?.body;
  if (site !== undefined && site.enterprise !== enterprise) {
    const problem = `site "${site.id}" belongs to enterprise "${site.enterprise}": name a site of the mapping's own`;
    problems.push({ path: 'site', problem });
  }
  return problems;
}

/** What only the door refuses: a unit that this machine's tables do not know. */
export function mappingUnitProblems({ unit }: SourceMapping): Problem[] {
  // With a place in it, it is known only when a value comes.
  if (unit === undefined || unit.includes('{') || isUnit(unit)) return [];
  return [
    { path: 'unit', problem: `"${unit}" is not a UCUM unit: use one such as kWh, m3, mg/m3, t or Cel` },
  ];
}
