import { unitConversion, type Factor, type FactorKind } from '@songma/domain';
import type { Problem } from './registry.ts';

type Subject = 'carrier' | 'gas' | 'gwpSet';

interface KindRules {
  /** What a factor of the kind is about: these fields it has, and no other of them. */
  readonly about: readonly Subject[];
  /** Of these it has exactly one. */
  readonly aboutOneOf?: readonly Subject[];
  /** What its unit converts to; a text that is no unit of UCUM is meant literally. */
  readonly unit: readonly string[];
  /** What the unit that it is for converts to; absent: to itself, any amount will do. */
  readonly per?: string;
}

const rules: Readonly<Record<FactorKind, KindRules>> = {
  toe: { about: ['carrier'], unit: ['TOE'] },
  ncv: { about: ['carrier'], unit: ['MJ'] },
  gcv: { about: ['carrier'], unit: ['MJ'] },
  'net-of-gross': { about: ['carrier'], unit: ['MJ'], per: 'MJ' },
  density: { about: ['carrier'], unit: ['kg'] },
  emission: { about: ['carrier', 'gas'], unit: ['kg'], per: 'TJ' },
  gwp: { about: ['gwpSet'], aboutOneOf: ['gas', 'carrier'], unit: ['kgCO2e'], per: 'kg' },
  grid: { about: [], unit: ['kgCO2', 'kgCO2e'], per: 'kWh' },
  supply: { about: ['carrier'], unit: ['kgCO2', 'kgCO2e'] },
};
const subjects = ['carrier', 'gas', 'gwpSet'] as const satisfies readonly Subject[];

/** Why a factor cannot be taken, as far as that follows from itself; empty when it can. */
export function factorProblems(factor: Factor): Problem[] {
  const { kind, validFrom, validTo } = factor;
  const { about, aboutOneOf = [] } = rules[kind];
  const given = aboutOneOf.filter((field) => factor[field] !== undefined);
  const problems: Problem[] = subjects.flatMap((field) => {
    const isGiven = factor[field] !== undefined;
    if (isGiven === about.includes(field) || (isGiven && aboutOneOf.includes(field))) return [];
    const problem = isGiven
      ? `a factor of kind "${kind}" is not about one: leave it out`
      : `a factor of kind "${kind}" must name it`;
    return [{ path: field, problem }];
  });
  if (aboutOneOf.length > 0 && given.length !== 1) {
    const problem = `a factor of kind "${kind}" must name one of ${aboutOneOf.join(' and ')}`;
    problems.push({ path: aboutOneOf[0]!, problem });
  }
  if (factor.biogenic === true && factor.gas !== 'CO2') {
    problems.push({ path: 'biogenic', problem: 'only an emission of CO2 is told apart: leave it out' });
  }
  if (kind === 'net-of-gross' && factor.value > 1) {
    problems.push({ path: 'value', problem: 'net energy is a part of the gross one: at most 1' });
  }
  if (kind === 'grid' && (validFrom === undefined || validTo === undefined)) {
    problems.push({ path: 'validFrom', problem: 'a grid factor must name its year: validFrom and validTo' });
  }
  if (validFrom !== undefined && validTo !== undefined && validTo <= validFrom) {
    problems.push({
      path: 'validTo',
      problem: 'lies not after validFrom: the factor would never be in force',
    });
  }
  return problems;
}

/** Which of a factor's units cannot be used, by this machine's table of units. */
export function factorUnitProblems({ kind, unit, per }: Factor): Problem[] {
  const wanted = rules[kind];
  const problems: Problem[] = [];
  if (!wanted.unit.some((target) => unit === target || converts(unit, target))) {
    const examples = wanted.unit.join(' or ');
    problems.push({
      path: 'unit',
      problem: `"${unit}" is no unit of a ${kind} factor: use one like ${examples}`,
    });
  }
  if (!converts(per, wanted.per ?? per)) {
    const example = wanted.per ?? 't, m3 or kWh';
    problems.push({
      path: 'per',
      problem: `"${per}" is not what a ${kind} factor is for: use one like ${example}`,
    });
  }
  return problems;
}

function converts(from: string, to: string): boolean {
  return !('problem' in unitConversion(from, to));
}
