import type { Series } from '../api/types.ts';
import { say } from '../state/language.ts';
import { common } from '../words/common.ts';
import type { ChartBand } from './time-chart.tsx';
import { percent } from './format.ts';

/** A window of a meter as it is drawn. */
export interface SeriesPoint {
  /** Seconds since 1970. */
  readonly start: number;
  readonly end: number;
  readonly value: number | null;
  readonly coverage: number;
  readonly outOfRange: number;
  readonly belowDetection: number;
}

export const windowMs: Readonly<Record<string, number>> = {
  PT15M: 900_000,
  PT1H: 3_600_000,
  P1D: 86_400_000,
  P1M: 30 * 86_400_000,
  P1Y: 365 * 86_400_000,
};

/** Enough for a wide screen: more windows than that are cut longer. */
const pointsMax = 1_500;

/** The shortest window that a span is shown in without more points than a screen has. */
export function windowFor(spanMs: number): 'PT15M' | 'PT1H' | 'P1D' | 'P1M' {
  const windows = ['PT15M', 'PT1H', 'P1D'] as const;
  return windows.find((window) => spanMs / windowMs[window]! <= pointsMax) ?? 'P1M';
}

/** The windows of one meter: the mean of a state, the sum of an amount. Raw readings are none. */
export function pointsOf(series: Series, meter: string, kind: string): readonly SeriesPoint[] {
  return series.items.flatMap((item) => {
    if (item.meter !== meter || !('start' in item)) return [];
    return [
      {
        start: Date.parse(item.start) / 1000,
        end: Date.parse(item.end) / 1000,
        value: kind === 'level' ? item.mean : item.sum,
        coverage: item.coverage,
        outOfRange: item.outOfRange,
        belowDetection: item.belowDetection,
      },
    ];
  });
}

/** The windows that are not fully covered, darker the more is missing; the one under way cannot be whole yet. */
export function missingBands(points: readonly SeriesPoint[], nowS = Date.now() / 1000): readonly ChartBand[] {
  return points
    .filter(({ coverage, end }) => coverage <= 0.999 && end <= nowS)
    .map(({ start, end, coverage }) => ({
      from: start,
      to: end,
      kind: 'missing',
      strength: 0.35 + 0.65 * (1 - coverage),
    }));
}

const outOfRange = { vi: '{count} số đọc ngoài khoảng đo', en: '{count} readings out of range' };
const belowDetection = { vi: '{count} số đọc dưới ngưỡng phát hiện', en: '{count} readings below detection' };

/** How much of a window is known, and how many of its readings are no plain measurements. */
export function noteOn(point: SeriesPoint | undefined): string {
  if (point === undefined) return '';
  const notes = [
    `${say(common.coverage)} ${percent(point.coverage)}`,
    ...(point.outOfRange > 0 ? [say(outOfRange, { count: point.outOfRange })] : []),
    ...(point.belowDetection > 0 ? [say(belowDetection, { count: point.belowDetection })] : []),
  ];
  return ` (${notes.join(', ')})`;
}
