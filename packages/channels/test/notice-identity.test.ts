import { describe, expect, it } from 'vitest';
import { messageIdOf, publicNoticeId } from '../src/index.ts';

describe('The public id of a notice', () => {
  it('is the beginning of base32 of the SHA-256 of its id', () => {
    // Made by: printf '' | sha256sum | xxd -r -p | base32 | tr A-Z a-z | cut -c 1-26
    expect(publicNoticeId('')).toBe('4oymiquy7qobjgx36tejs35zeq');
  });

  it('is the left of the Message-ID', () => {
    expect(messageIdOf('a', 'example.vn')).toBe(`<${publicNoticeId('a')}@example.vn>`);
  });

  it('has no character with a meaning in headers, signatures or file names', () => {
    expect(publicNoticeId('so2/1.2/an@example.vn\r\n')).toMatch(/^[a-z2-7]{26}$/);
  });
});
