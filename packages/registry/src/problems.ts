import type { z } from 'zod';
import type { Problem } from './registry.ts';

/** What a schema found, with paths such as `validRange.min`; unknown fields one by one. */
export function schemaProblems(error: Pick<z.ZodError, 'issues'>, fields: readonly string[]): Problem[] {
  return error.issues.flatMap((issue) => {
    const path = issue.path.join('.');
    if (issue.code !== 'unrecognized_keys') return [{ path, problem: issue.message }];
    return issue.keys.map((key) => ({
      path: path === '' ? key : `${path}.${key}`,
      problem: `is not a field here: leave it out, or mend its name (${fields.join(', ')})`,
    }));
  });
}
