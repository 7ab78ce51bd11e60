import type { Assessment, Participation, Resource } from '@songma/domain';
import type { Problem } from './registry.ts';
import type { RegisteredFacts } from './registry-view.ts';

/** Why the participation contradicts itself, beside what it refers to not being there. */
export function participationProblems(
  { id, training, baselines }: Participation,
  registered: RegisteredFacts,
): Problem[] {
  const problems: Problem[] = [];
  if (training !== undefined && training.trained > training.of) {
    const problem = `more than the ${training.of} who are in charge: count those again`;
    problems.push({ path: 'training.trained', problem });
  }
  const told = new Map<Resource, string>();
  for (const [i, name] of baselines.entries()) {
    const baseline = registered.get('baseline', name)?.body;
    if (baseline === undefined) continue;
    const path = `baselines.${i}`;
    if (baseline.enterprise !== id) {
      problems.push({ path, problem: `baseline "${name}" is of enterprise "${baseline.enterprise}"` });
    }
    const other = told.get(baseline.resource);
    if (other !== undefined) {
      problems.push({ path, problem: `"${other}" is about ${baseline.resource} too: name one of them` });
    }
    told.set(baseline.resource, name);
  }
  return problems;
}

/** Why the assessment contradicts itself. */
export function assessmentProblems({ tasks }: Assessment): Problem[] {
  return tasks.flatMap(({ task }, i) =>
    tasks.findIndex((other) => other.task === task) < i
      ? [{ path: `tasks.${i}.task`, problem: `repeats task ${task}` }]
      : [],
  );
}
