import { windowFor, windowMs } from '../../parts/series.ts';

/** What the reader looks at: everything of it is in the address. */
export interface Selection {
  readonly meters: readonly string[];
  /** Indicators as `enterprise~name`. */
  readonly indicators: readonly string[];
  /** Dates; `to` is not included. */
  readonly from: string;
  readonly to: string;
  readonly window: string;
  readonly isWindowChosen: boolean;
  readonly view: View;
  readonly isIndexed: boolean;
}

export const views = ['lines', 'bars', 'heat', 'scatter', 'table'] as const;
export type View = (typeof views)[number];
export const windows = ['PT15M', 'PT1H', 'P1D', 'P1M', 'P1Y'] as const;
export const seriesMax = 12;
const dayMs = 86_400_000;
const defaultDays = 14;
/** A year of quarter hours is shown; what has more windows is shown in longer ones. */
const windowsMax = 36_000;
const datePattern = /^\d{4}-\d{2}-\d{2}$/;

/** Reads the address; what is not understood is as if it were not there. */
export function selectionOf(query: URLSearchParams, nowMs: number): Selection {
  const list = (name: string) => (query.get(name) ?? '').split(',').filter((item) => item !== '');
  const tomorrow = isoDate(nowMs + dayMs);
  const to = dateOf(query.get('to')) ?? tomorrow;
  const earliest = isoDate(Date.parse(to) - defaultDays * dayMs);
  const asked = dateOf(query.get('from')) ?? earliest;
  const from = asked < to ? asked : earliest;
  const spanMs = Date.parse(to) - Date.parse(from);
  const chosen = windows.find(
    (window) => window === query.get('window') && spanMs / windowMs[window]! <= windowsMax,
  );
  const view = views.find((name) => name === query.get('view')) ?? 'lines';
  const meters = list('meters').slice(0, seriesMax);
  const indicators = list('indicators').slice(0, seriesMax - meters.length);
  const window = chosen ?? windowFor(spanMs);
  return {
    meters,
    indicators,
    from,
    to,
    window: view === 'heat' ? 'PT1H' : indicators.length > 0 ? indicatorWindow(window) : window,
    isWindowChosen: chosen !== undefined,
    view,
    isIndexed: query.get('index') === '1',
  };
}

/** Indicators are published of days and longer. */
export function indicatorWindow(window: string): 'P1D' | 'P1M' | 'P1Y' {
  return window === 'P1M' || window === 'P1Y' ? window : 'P1D';
}

export function isoDate(timeMs: number): string {
  return new Date(timeMs).toISOString().slice(0, 10);
}

function dateOf(text: string | null): string | undefined {
  return text !== null && datePattern.test(text) && Number.isFinite(Date.parse(text)) ? text : undefined;
}
