import { CompensatedSum, roundTo15Digits } from '@songma/domain';
import type { SavingPeriod } from './savings.ts';
import { judgeSec, type SecJudgement, type SecNorm } from './sec-norms.ts';

/** A calendar year's specific energy consumption against a norm. */
export interface SecYear {
  readonly year: string;
  readonly energy: number;
  readonly production: number;
  /** How much of the year the periods make up that count: below 1 it is no year's consumption yet. */
  readonly share: number;
  /** Null when nothing was made. */
  readonly judgement: SecJudgement | null;
}

/**
 * The years that the periods lie in, each judged by what was in force at its end. `unit` is that of energy per
 * production; `yearOf` tells the year of an instant at the site. Periods of which production is not known do not count.
 */
export function judgeYears(
  norm: SecNorm,
  periods: readonly SavingPeriod[],
  unit: string,
  yearOf: (time: number) => string,
): SecYear[] {
  const years = Map.groupBy(
    periods.filter(({ leftOut, production }) => leftOut === null && production !== null),
    ({ start }) => yearOf(start),
  );
  return [...years].map(([year, counted]) => {
    const [energySum, productionSum] = [new CompensatedSum(), new CompensatedSum()];
    let countedMs = 0;
    for (const { start, end, actual, production, matchedShare = 1 } of counted) {
      energySum.add(actual!);
      productionSum.add(production!);
      countedMs += (end - start) * matchedShare;
    }
    const [energy, production] = [energySum.total(), productionSum.total()];
    const yearMs = Date.UTC(Number(year) + 1, 0, 1) - Date.UTC(Number(year), 0, 1);
    const judgement =
      production > 0 ? judgeSec(norm, roundTo15Digits(energy / production), unit, `${year}-12-31`) : null;
    return { year, energy, production, share: Math.min(1, countedMs / yearMs), judgement };
  });
}
