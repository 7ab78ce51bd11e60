import { createHash } from 'node:crypto';

const alphabet = 'abcdefghijklmnopqrstuvwxyz234567';
/** 130 bits: no two notices share one, and a Message-ID stays on one line. */
const characters = 26;

/**
 * The id of a notice as others see it, the first 26 characters of base32 of its hash: it tells nothing of the case or the person, and has no
 * character that a header, a file name or a signature takes for its own.
 * @see RFC 4648, section 6 (its alphabet, lower-case, without padding)
 */
export function publicNoticeId(id: string): string {
  let text = '';
  let [held, bits] = [0, 0];
  for (const byte of createHash('sha256').update(id).digest()) {
    held = (held << 8) | byte;
    bits += 8;
    for (; bits >= 5; bits -= 5) text += alphabet[(held >> (bits - 5)) & 31];
    held &= (1 << bits) - 1;
  }
  return text.slice(0, characters);
}

/** The Message-ID of a notice, in angle brackets; `domain` is that of the sender's address. */
export function messageIdOf(id: string, domain: string): string {
  return `<${publicNoticeId(id)}@${domain}>`;
}
