import type { Assurance, Severity } from '@songma/domain';

/**
 * Bands of the ratio of a mean to its limit, ascending, each from its ratio on.
 * `verified` is false until somebody has compared them with the decree's text.
 */
export const severityBands = {
  document: 'Nghị định 45/2022/NĐ-CP, điều 18–22',
  assurance: 'memory',
  verified: false,
  bands: [
    { severity: 'warning', from: 1 },
    { severity: 'from-1.1', from: 1.1 },
    { severity: 'from-1.5', from: 1.5 },
    { severity: 'from-3', from: 3 },
    { severity: 'from-5', from: 5 },
    { severity: 'from-10', from: 10 },
  ],
} as const satisfies {
  readonly document: string;
  readonly assurance: Assurance;
  readonly verified: boolean;
  readonly bands: readonly { readonly severity: Severity; readonly from: number }[];
};

/** The band that a ratio of at least 1 lies in. */
export function severityOf(ratio: number): Severity {
  return severityBands.bands.findLast(({ from }) => ratio >= from)?.severity ?? 'warning';
}
