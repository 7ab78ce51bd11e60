import { createHmac, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';
import { derivedSecret } from './desk-key.ts';

/** How long the link of a notice acknowledges. */
export const acknowledgeTokenMs = 72 * 3_600_000;
const tokenLengthMax = 2000;

/** What a token says: this person may acknowledge this case, because this notice was sent to them. */
const grantSchema = z.object({
  notice: z.string().min(1),
  case: z.string().min(1),
  person: z.string().min(1),
  /** Epoch milliseconds, exclusive. */
  expiresAt: z.int(),
});
export type AcknowledgeGrant = z.infer<typeof grantSchema>;

/**
 * The token in a notice's link. It is put behind a `#`, which is not sent with a GET: only the page's button gives it
 * back, by POST. It may do nothing but acknowledge.
 */
export function acknowledgeToken(key: Uint8Array, grant: AcknowledgeGrant): string {
  const { notice, person, expiresAt } = grant;
  const payload = Buffer.from(JSON.stringify([1, notice, grant.case, person, expiresAt])).toString(
    'base64url',
  );
  return `${payload}.${signatureOf(key, payload).toString('base64url')}`;
}

export type ReadToken =
  | { readonly ok: true; readonly grant: AcknowledgeGrant }
  | { readonly ok: false; readonly reason: 'invalid' | 'expired' };

/** What a token grants at that time, if this key has made it. */
export function readAcknowledgeToken(key: Uint8Array, token: string, now: number): ReadToken {
  const [payload = '', signature = '', ...more] = token.length > tokenLengthMax ? [] : token.split('.');
  // As texts: the last character of base64 has bits that say nothing, and only one way to write it is ours.
  const given = Buffer.from(signature);
  const expected = Buffer.from(signatureOf(key, payload).toString('base64url'));
  if (more.length > 0 || given.length !== expected.length || !timingSafeEqual(given, expected)) {
    return { ok: false, reason: 'invalid' };
  }
  // Signed by us, so that it is what we wrote: of this version or of an older build's.
  const [version, notice, caseId, person, expiresAt] = JSON.parse(
    Buffer.from(payload, 'base64url').toString('utf8'),
  ) as unknown[];
  const read = grantSchema.safeParse({ notice, case: caseId, person, expiresAt });
  if (version !== 1 || !read.success) return { ok: false, reason: 'invalid' };
  return now < read.data.expiresAt ? { ok: true, grant: read.data } : { ok: false, reason: 'expired' };
}

function signatureOf(key: Uint8Array, payload: string): Buffer {
  return createHmac('sha256', derivedSecret(key, 'acknowledge')).update(payload).digest();
}
