import { expect, it } from 'vitest';
import { language } from '../src/index.ts';

it.each([
  [undefined, 'en'],
  ['', 'en'],
  ['vi', 'vi'],
  ['vi-VN,vi;q=0.9,en;q=0.8', 'vi'],
  ['en;q=0.5, vi;q=0.7', 'vi'],
  ['fr, en;q=0.2', 'en'],
  ['fr', 'en'],
  ['vi;q=0', 'en'],
  ['vi;q=nonsense', 'en'],
  ['*', 'en'],
] as const)('reads Accept-Language %j as %s', (header, expected) => {
  expect(language({ headers: { 'accept-language': header } })).toBe(expected);
});
