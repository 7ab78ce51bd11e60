import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bringVerapdf, hasVerapdf, verapdfFindings } from '../../../infra/verapdf/verapdf.ts';
import { openSealer, PdfMaker, type SealedEvidence } from '../src/index.ts';
import { sample } from './sample.ts';

const isRequired = (process.env.REQUIRE_ADAPTERS ?? '').split(',').includes('verapdf');
if (isRequired) await bringVerapdf();

const maker = new PdfMaker();
let sealed: SealedEvidence;
let directory: string;
beforeAll(async () => {
  sealed = await (await openSealer(Buffer.alloc(32, 3))).seal(sample);
  directory = await mkdtemp(join(tmpdir(), 'songma-pdf-'));
});
afterAll(async () => {
  await maker.close();
  await rm(directory, { recursive: true });
});

describe('The PDF of evidence', () => {
  it('has the same bytes each time', async () => {
    const [first, second] = await Promise.all([maker.make(sealed, 'vi'), maker.make(sealed, 'vi')]);
    expect(first!.length).toBeGreaterThan(10_000);
    expect(Buffer.compare(first!, second!)).toBe(0);
  });

  it('is refused when too many are asked for at once', async () => {
    const busy = new PdfMaker();
    const asked = Array.from({ length: 12 }, async () => busy.make(sealed, 'vi').catch(() => null));
    expect(await asked.at(-1)).toBeUndefined();
    await busy.close();
    await Promise.all(asked);
  });

  it('is PDF/A-3a', { timeout: 120_000 }, async ({ skip }) => {
    skip(!hasVerapdf(), 'veraPDF is not there, and REQUIRE_ADAPTERS does not ask for verapdf');
    const files = { 'vi.pdf': await maker.make(sealed, 'vi'), 'en.pdf': await maker.make(sealed, 'en') };
    for (const [name, bytes] of Object.entries(files)) await writeFile(join(directory, name), bytes!);
    // One that says it is of another part, so that a checker that finds nothing is noticed.
    const other = Buffer.from(files['vi.pdf']!)
      .toString('latin1')
      .replace('<pdfaid:part>3<', '<pdfaid:part>2<');
    await writeFile(join(directory, 'other.pdf'), Buffer.from(other, 'latin1'));
    const found = await verapdfFindings('3a', ['vi.pdf', 'en.pdf', 'other.pdf'], directory);
    expect(found.split('\n').filter((line) => !line.startsWith('other.pdf'))).toEqual(['']);
    expect(found).toContain('other.pdf: not compliant');
  });
});
