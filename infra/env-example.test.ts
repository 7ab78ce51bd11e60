import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { envExample } from './env-example.ts';

it('.env.example says what the settings declare: run `pnpm env:example` after changing one', async () => {
  expect(await readFile(join(import.meta.dirname, '..', '.env.example'), 'utf8')).toBe(envExample());
});
