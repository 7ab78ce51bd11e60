import { createHash, createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import canonicalize from 'canonicalize';
import type { JWK } from 'jose';
import type { EvidenceDocument } from './document.ts';

/** What shows that a document was not changed, and who made it. */
export interface Seal {
  /** Of the canonical bytes, hexadecimal. */
  readonly sha256: string;
  /** Detached JWS of them: header, nothing, signature. @see RFC 7797 */
  readonly jws: string;
  /** Id of the key among those of `/.well-known/jwks.json`. */
  readonly kid: string;
}

/** A document with its seal: the JSON file. */
export interface SealedEvidence {
  readonly document: EvidenceDocument;
  readonly integrity: Seal;
}

/** Seals documents with one Ed25519 key. */
export interface Sealer {
  seal(document: EvidenceDocument): Promise<SealedEvidence>;
  /** What is published of the key. */
  readonly publicKey: JWK;
}

/** The ASN.1 that a private Ed25519 key begins with. @see RFC 8410, section 7 */
const pkcs8Prefix = Buffer.from('302e020100300506032b657004220420', 'hex');
const alg = 'Ed25519';

/** A sealer whose key follows from 32 secret bytes: the same bytes give the same seals. */
export async function openSealer(secret: Uint8Array): Promise<Sealer> {
  const { calculateJwkThumbprint, exportJWK, FlattenedSign } = await import('jose');
  const privateKey: KeyObject = createPrivateKey({
    key: Buffer.concat([pkcs8Prefix, secret]),
    format: 'der',
    type: 'pkcs8',
  });
  const exported = await exportJWK(createPublicKey(privateKey));
  const kid = await calculateJwkThumbprint(exported);
  return {
    publicKey: { ...exported, kid, alg, use: 'sig' },
    async seal(document) {
      const bytes = canonicalBytes(document);
      const { protected: header = '', signature } = await new FlattenedSign(bytes)
        .setProtectedHeader({ alg, b64: false, crit: ['b64'], kid })
        .sign(privateKey);
      return { document, integrity: { sha256: sha256Of(bytes), jws: `${header}..${signature}`, kid } };
    },
  };
}

/** The one way in which a value is written: RFC 8785, in UTF-8. */
export function canonicalBytes(value: unknown): Uint8Array {
  return new TextEncoder().encode(canonicalize(value) ?? '');
}

export type Verified =
  { readonly ok: true } | { readonly ok: false; readonly reason: 'changed' | 'signature' | 'key-unknown' };

/** Whether the document is what one of these keys has sealed. */
export async function verifyEvidence(
  { document, integrity: { sha256, jws, kid } }: SealedEvidence,
  keys: readonly JWK[],
): Promise<Verified> {
  const bytes = canonicalBytes(document);
  if (sha256Of(bytes) !== sha256) return { ok: false, reason: 'changed' };
  const key = keys.find((one) => one.kid === kid);
  if (key === undefined) return { ok: false, reason: 'key-unknown' };
  const { flattenedVerify, importJWK } = await import('jose');
  const [header = '', , signature = ''] = jws.split('.');
  const answer = await flattenedVerify(
    { protected: header, payload: bytes, signature },
    await importJWK(key, alg),
    { algorithms: [alg], crit: { b64: true } },
  ).catch(() => undefined);
  return answer === undefined ? { ok: false, reason: 'signature' } : { ok: true };
}

function sha256Of(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
