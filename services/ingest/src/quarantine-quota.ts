import type { RefusedRow } from './push-draft.ts';

const dayMs = 86_400_000;
/** What a row takes beside its text and the texts of its reason, in characters. */
const rowOverhead = 64;
/** Keys whose day is remembered; beyond that all are looked up anew. */
const keysMax = 10_000;

/**
 * How much of what is refused is kept, per key and UTC day: what is kept is there for months, and whoever sends rubbish
 * for a day would fill the disk with it. Accepted rows go on, and what is refused is told in the receipt all the same.
 * @param keptSince characters that are kept of a key since a time, as an earlier process counted
 */
export function createQuarantineQuota(
  charactersPerDayMax: number,
  keptSince: (key: string, time: number) => number,
) {
  let day = Number.NaN;
  const used = new Map<string, number>();
  return {
    /** Those of the rows, from the first on, that are kept. @param now epoch milliseconds */
    take(key: string, refused: readonly RefusedRow[], now: number): readonly RefusedRow[] {
      if (refused.length === 0) return refused;
      const today = Math.floor(now / dayMs);
      if (today !== day || used.size >= keysMax) used.clear();
      day = today;
      let sum = used.get(key) ?? keptSince(key, today * dayMs);
      let kept = 0;
      for (const { raw, refusal } of refused) {
        let size = raw.length + rowOverhead;
        for (const value of Object.values(refusal.parameters)) size += String(value).length;
        if (sum + size > charactersPerDayMax) break;
        sum += size;
        kept++;
      }
      used.set(key, sum);
      return kept === refused.length ? refused : refused.slice(0, kept);
    },
  };
}
