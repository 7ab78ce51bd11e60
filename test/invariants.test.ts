import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const root = join(import.meta.dirname, '..');
const architecture = await readFile(join(root, 'ARCHITECTURE.md'), 'utf8');

/** `- **I1** sentence ([title](path))`: an invariant, the test that holds it and the file it is in. */
const invariants = [...architecture.matchAll(/^- \*\*(I\d+)\*\* (.+?) \(\[(.+?)\]\((.+?)\)\)$/gm)].map(
  ([, number, sentence, title, path]) => ({
    number: number!,
    sentence: sentence!,
    title: title!,
    path: path!,
  }),
);

describe('The invariants of ARCHITECTURE.md', () => {
  it('are numbered without gaps, each with a test', () => {
    expect(invariants.length).toBeGreaterThanOrEqual(8);
    expect(invariants.map(({ number }) => number)).toEqual(invariants.map((_, index) => `I${index + 1}`));
    const mentioned = new Set(architecture.match(/\*\*I\d+\*\*/g));
    expect(mentioned.size, 'a line that looks like an invariant and names no test').toBe(invariants.length);
  });

  it.each(invariants)('$number is held by a test of that title', async ({ title, path }) => {
    const source = await readFile(join(root, path), 'utf8');
    expect(source).toContain(title);
  });
});
