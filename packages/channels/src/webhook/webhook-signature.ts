import { createHmac } from 'node:crypto';
import { derivedSecret } from '../desk-key.ts';
import type { NoticeAddress } from '../notice.ts';

type WebhookAddress = Extract<NoticeAddress, { kind: 'webhook' }>;

/** How long the secret before the newest one signs beside it, so that a gateway can be changed over. */
export const formerSecretMs = 24 * 3_600_000;

/**
 * The secret of a channel as a gateway is given it: `whsec_` and base64. It follows from the desk's key, so that it is
 * stored nowhere; it is shown to who registers the channel or asks for the next version.
 */
export function webhookSecret(deskKey: Uint8Array, channel: string, version: number): string {
  return `whsec_${Buffer.from(secretOf(deskKey, channel, version)).toString('base64')}`;
}

/** What signs a message: `id.timestamp.body`. @see https://www.standardwebhooks.com (symmetric signatures) */
export interface Signed {
  readonly id: string;
  /** Whole seconds since 1970. */
  readonly timestamp: number;
  readonly body: string;
}

/** The value of `webhook-signature`: one signature for each secret that holds, divided by a space. */
export function webhookSignature(
  deskKey: Uint8Array,
  { channel, secretVersion, secretSince }: WebhookAddress,
  { id, timestamp, body }: Signed,
): string {
  const age = secretSince === undefined ? Infinity : timestamp * 1000 - secretSince;
  const versions =
    secretVersion > 1 && age < formerSecretMs ? [secretVersion, secretVersion - 1] : [secretVersion];
  return versions
    .map((version) => {
      const mac = createHmac('sha256', secretOf(deskKey, channel, version));
      return `v1,${mac.update(`${id}.${timestamp}.${body}`).digest('base64')}`;
    })
    .join(' ');
}

function secretOf(deskKey: Uint8Array, channel: string, version: number): Uint8Array {
  return derivedSecret(deskKey, `webhook/${channel}/${version}`);
}
