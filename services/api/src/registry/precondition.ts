import type { IncomingHttpHeaders } from 'node:http';
import { z } from 'zod';
import { problem } from '../problems.ts';

/** Documentation of the preconditions; they are read, and refused in words of their own, by {@link expectedVersion}. */
export const preconditionHeaders = z.looseObject({
  'if-match': z
    .string()
    .optional()
    .meta({ description: 'ETag of the version that is changed.', examples: ['"3"'] }),
  'if-none-match': z
    .string()
    .optional()
    .meta({ description: '`*` to create.', examples: ['*'] }),
});

/** The ETag of a version. */
export function etagOf(version: number): string {
  return `"${version}"`;
}

/**
 * The version that a write was made against: 0 for `If-None-Match: *` (create), else the one that `If-Match` names.
 * `If-Match: *` is not taken: it would overwrite what nobody looked at.
 * @throws HttpProblem `precondition_required` without either, `precondition_invalid` when it cannot be read
 */
export function expectedVersion(headers: IncomingHttpHeaders): number {
  const ifMatch = headers['if-match'];
  const ifNoneMatch = headers['if-none-match'];
  if (ifMatch !== undefined) {
    const [, digits] = /^"?(\d{1,15})"?$/.exec(ifMatch.trim()) ?? [];
    if (digits === undefined || ifNoneMatch !== undefined) {
      throw problem('precondition_invalid', {
        header: 'If-Match',
        expected: 'one ETag as it was answered, such as "3", and stand alone',
      });
    }
    return Number(digits);
  }
  if (ifNoneMatch === undefined) throw problem('precondition_required');
  if (ifNoneMatch.trim() !== '*') {
    throw problem('precondition_invalid', { header: 'If-None-Match', expected: '*' });
  }
  return 0;
}

/** Whether `If-None-Match` of a GET names this version already, so that 304 will do. */
export function isNotModified(headers: IncomingHttpHeaders, version: number): boolean {
  const given = headers['if-none-match'];
  if (given === undefined) return false;
  return given.split(',').some((tag) => tag.trim().replace(/^W\//, '') === etagOf(version));
}
