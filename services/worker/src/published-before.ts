import type { Indicator, IndicatorWindow } from '@songma/domain';
import type { TouchedScope } from './indicator-scopes.ts';
import type { ScopeWindow } from './indicator-windows.ts';
import type { PieceStore } from './piece-store.ts';
import { joinedSpans } from './rollup-computation.ts';

/** A scope with its windows to compute. */
export interface ScopeWindows {
  readonly scope: TouchedScope;
  readonly windows: readonly ScopeWindow[];
}

/** Whose indicators of a window are published together. */
export function windowKey({
  enterprise,
  site = '',
  window,
  start,
}: Pick<Indicator, 'enterprise' | 'site' | 'window' | 'start'>): string {
  return `${enterprise}/${site}/${window}/${start}`;
}

/**
 * By {@link windowKey}. Scopes whose windows lie far apart are asked for apart: what lies between is not theirs to
 * read.
 */
export async function publishedBefore(
  store: PieceStore,
  scopes: readonly ScopeWindows[],
): Promise<Map<string, Indicator[]>> {
  interface Asked {
    readonly products: 'all';
    readonly window: IndicatorWindow;
    readonly enterprises: string[];
    readonly sites?: string[];
    readonly from: number;
    readonly to: number;
  }
  const asked = new Map<string, Asked>();
  for (const { scope, windows } of scopes) {
    for (const [window, of] of Map.groupBy(windows, ({ window: kind }) => kind)) {
      for (const { from, to } of spansOfStarts(window, of)) {
        const key = `${window} ${scope.site === undefined} ${from} ${to}`;
        let one = asked.get(key);
        if (one === undefined) {
          const sites = scope.site === undefined ? {} : { sites: [] };
          asked.set(key, (one = { products: 'all', window, enterprises: [], ...sites, from, to }));
        }
        one.enterprises.push(scope.enterprise.id);
        if (scope.site !== undefined) one.sites?.push(scope.site);
      }
    }
  }
  const answers = await Promise.all([...asked.values()].map((one) => store.indicators(one)));
  return Map.groupBy(answers.flat(), windowKey);
}

/** Spans in which the windows start. Days may lie far apart; of longer windows there are few in between. */
function spansOfStarts(
  window: IndicatorWindow,
  windows: readonly ScopeWindow[],
): { readonly from: number; readonly to: number }[] {
  if (window === 'P1D') return joinedSpans(new Map(windows.map(({ start, end }) => [start, end])));
  const starts = windows.map(({ start }) => start);
  return [{ from: Math.min(...starts), to: Math.max(...starts) + 1 }];
}
