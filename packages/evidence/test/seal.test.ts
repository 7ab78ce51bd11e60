import { createPublicKey, verify } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { canonicalBytes, openSealer, verifyEvidence } from '../src/index.ts';
import { sample } from './sample.ts';

const secret = Buffer.alloc(32, 3);

describe('The canonical bytes of a value', () => {
  it('are those of RFC 8785', () => {
    // RFC 8785, section 3.2.2 (its example, without the string of control characters).
    const value = {
      numbers: [333333333.3333333, 1e30, 4.5, 2e-3, 0.000000000000000000000000001],
      literals: [null, true, false],
    };
    const text = '{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27]}';
    expect(new TextDecoder().decode(canonicalBytes(value))).toBe(text);
  });
});

describe('A seal', () => {
  it('is the same for the same document and key, and verifies', async () => {
    const [first, second] = [await openSealer(secret), await openSealer(secret)];
    const sealed = await first.seal(sample);
    expect(await second.seal(structuredClone(sample))).toEqual(sealed);
    expect(await verifyEvidence(sealed, [first.publicKey])).toEqual({ ok: true });
  });

  it('is a detached JWS that other software verifies: Ed25519 over header, point, canonical bytes', async () => {
    const sealer = await openSealer(secret);
    const { document, integrity } = await sealer.seal(sample);
    const [header = '', middle, signature = ''] = integrity.jws.split('.');
    expect(middle).toBe('');
    const signed = Buffer.concat([Buffer.from(`${header}.`), canonicalBytes(document)]);
    const key = createPublicKey({ key: sealer.publicKey, format: 'jwk' });
    expect(verify(null, signed, key, Buffer.from(signature, 'base64url'))).toBe(true);
    expect(JSON.parse(Buffer.from(header, 'base64url').toString())).toEqual({
      alg: 'Ed25519',
      b64: false,
      crit: ['b64'],
      kid: sealer.publicKey.kid,
    });
  });

  it('refuses what was changed, what another key has signed, and keys that it does not know', async () => {
    const [own, foreign] = [await openSealer(secret), await openSealer(Buffer.alloc(32, 4))];
    const sealed = await own.seal(sample);
    const changed = { ...sealed, document: { ...sample, unit: 'g/Nm3' } };
    expect(await verifyEvidence(changed, [own.publicKey])).toEqual({ ok: false, reason: 'changed' });
    expect(await verifyEvidence(sealed, [foreign.publicKey])).toEqual({ ok: false, reason: 'key-unknown' });
    const { integrity } = await own.seal(changed.document);
    const grafted = { document: sample, integrity: { ...integrity, sha256: sealed.integrity.sha256 } };
    expect(await verifyEvidence(grafted, [own.publicKey])).toEqual({ ok: false, reason: 'signature' });
    const impostor = { ...foreign.publicKey, kid: own.publicKey.kid! };
    expect(await verifyEvidence(sealed, [impostor])).toEqual({ ok: false, reason: 'signature' });
  });
});
