import { issueWords } from '@songma/runtime';
import type { z } from 'zod';
import type { Problem } from './registry.ts';

/** What a schema found, with paths such as `validRange.min`; unknown fields one by one. */
export function schemaProblems(error: Pick<z.ZodError, 'issues'>, fields: readonly string[]): Problem[] {
  return error.issues.flatMap((issue) => {
    const path = issue.path.join('.');
    if (issue.code !== 'unrecognized_keys') {
      return [{ path, problem: issue.message, vi: issueWords(issue, 'vi') }];
    }
    const known = path === '' ? ` (${fields.join(', ')})` : '';
    return issue.keys.map((key) => ({
      path: path === '' ? key : `${path}.${key}`,
      problem: `is not a field here: leave it out, or mend its name${known}`,
      vi: `không phải là trường ở đây: hãy bỏ đi hoặc sửa tên${known}`,
    }));
  });
}
