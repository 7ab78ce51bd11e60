import type { Baseline, Enterprise, EntityKind, EntityOf } from '@songma/domain';
import {
  chooseBaseline,
  isInSector,
  judgeDeclared,
  judgeSaving,
  savingNotAsked,
  type CountedTarget,
  type EnterpriseFacts,
  type ProgrammeJudgement,
  type SavingFact,
  type SavingTarget,
  type TargetSet,
} from '@songma/indicators';
import type { Registry } from '@songma/registry';
import type { SeriesStore } from '@songma/series-store';
import type { Moment } from './moment.ts';
import { savingFacts } from './saving-facts.ts';

/** Everything of a kind as it stood at the moment's `asOf`, or stands. */
export function registered<K extends EntityKind>(
  registry: Registry,
  kind: K,
  { asOf }: Moment,
): readonly EntityOf<K>[] {
  const all = asOf === undefined ? registry.list(kind) : registry.listAsOf(kind, asOf.ms);
  return all.map(({ body }) => body);
}

/** Whether a sector is one of those that are asked for; all are unless one is told. */
export function isOfSector(sector: string, asked: string | undefined): boolean {
  return asked === undefined || isInSector(sector, asked);
}

type Target = CountedTarget | SavingTarget;

/** How each of the enterprises stands to each of the targets: by target, in the order of the enterprises. */
export async function judgeEnterprises(
  deps: { readonly registry: Registry; readonly seriesStore: SeriesStore },
  set: TargetSet,
  targets: readonly Target[],
  enterprises: readonly Enterprise[],
  moment: Moment,
): Promise<(readonly ProgrammeJudgement[])[]> {
  const participations = new Map(
    registered(deps.registry, 'participation', moment).map((one) => [one.id, one]),
  );
  const baselinesOf = Map.groupBy(registered(deps.registry, 'baseline', moment), (one) => one.enterprise);
  const all = enterprises.map((enterprise) => {
    const participation = participations.get(enterprise.id);
    const facts: EnterpriseFacts = { enterprise, participation };
    const baselines = baselinesOf.get(enterprise.id) ?? [];
    return {
      facts,
      notAsked: savingNotAsked(set, facts, moment.date),
      baselineOf: ({ resource }: SavingTarget) =>
        chooseBaseline(resource, baselines, participation?.baselines ?? []),
    };
  });
  const chosen = new Map<string, Baseline>();
  for (const target of targets) {
    if (target.counts !== 'saving') continue;
    for (const { notAsked, baselineOf } of all) {
      const choice = baselineOf(target);
      if (notAsked === null && 'baseline' in choice) chosen.set(choice.baseline.id, choice.baseline);
    }
  }
  const told = await savingFacts(deps, [...chosen.values()], moment);
  return targets.map((target) =>
    all.map(({ facts, notAsked, baselineOf }): ProgrammeJudgement => {
      if (target.counts !== 'saving') return judgeDeclared(target, facts, moment.date);
      if (notAsked !== null) return { state: 'not-asked', reason: notAsked };
      const choice = baselineOf(target);
      const fact: SavingFact = 'missing' in choice ? choice : told.get(choice.baseline.id)!;
      return judgeSaving(target, fact);
    }),
  );
}
