import { afterEach, beforeEach, describe, test } from 'vitest';
import { alertCases } from './conformance-alerts.ts';
import { dueCases } from './conformance-due.ts';
import { markCases } from './conformance-marks.ts';
import { publicationCases } from './conformance-publications.ts';
import { readCases } from './conformance-read.ts';
import { writeCases } from './conformance-write.ts';
import type { Case, Subject } from './subject.ts';

/** Every promise of `src/port.ts` with the case that holds it. A case rejects when the promise is broken. */
export const seriesStoreCases: Readonly<Record<string, Case>> = {
  ...writeCases,
  ...readCases,
  ...dueCases,
  ...markCases,
  ...publicationCases,
  ...alertCases,
};

/** Runs every case on an empty store each. */
export function describeSeriesStore(
  title: string,
  start: () => Promise<Subject>,
  options: { readonly skip?: boolean } = {},
): void {
  // oxlint-disable-next-line vitest/valid-title
  describe.skipIf(options.skip === true)(title, () => {
    let subject: Subject | undefined;
    beforeEach(async () => {
      subject = await start();
    });
    afterEach(async () => {
      await subject?.end();
      subject = undefined;
    });
    // Titles and assertions are in the cases.
    // oxlint-disable vitest/valid-title, vitest/expect-expect
    for (const [promise, holds] of Object.entries(seriesStoreCases)) {
      test(promise, () => holds(subject!), 60_000);
    }
  });
}
