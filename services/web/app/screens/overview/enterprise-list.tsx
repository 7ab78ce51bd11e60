import type { Indicator } from '../../api/types.ts';
import { Figure } from '../../parts/figure.tsx';
import { Sparkline } from '../../parts/sparkline.tsx';
import { say } from '../../state/language.ts';
import { nameOf, type Directory } from '../../state/names.ts';
import { choose } from '../../state/router.ts';
import { overviewWords as words } from '../../words/overview.ts';

const trendDays = 30;

/** The enterprises with the latest indicator of a whole day and its trend; one of them is chosen for the chart. */
export function EnterpriseList({
  directory,
  indicators,
  chosen,
}: {
  readonly directory: Directory;
  readonly indicators: readonly Indicator[];
  readonly chosen: string | undefined;
}) {
  const byEnterprise = Map.groupBy(indicators, ({ enterprise }) => enterprise);
  const now = Date.now();
  return (
    <ul class="rows">
      {directory.enterprises.map((enterprise) => {
        const published = byEnterprise.get(enterprise.id) ?? [];
        const whole = published.filter(({ end }) => Date.parse(end) <= now);
        const latest = whole.at(-1) ?? published.at(-1);
        const site = directory.sites.find((candidate) => candidate.enterprise === enterprise.id);
        return (
          <li key={enterprise.id} class={enterprise.id === chosen ? 'enterprise chosen' : 'enterprise'}>
            <button
              type="button"
              class="who"
              aria-pressed={enterprise.id === chosen}
              onClick={() => choose({ enterprise: enterprise.id, meter: undefined }, { replace: true })}
            >
              <span class="name">{nameOf(enterprise)}</span>
              <span class="meta">
                {[`VSIC ${enterprise.sector}`, site?.ward].filter(Boolean).join(' · ')}
              </span>
            </button>
            {latest === undefined ? (
              <span class="meta">{say(words.noIndicator)}</span>
            ) : (
              <Figure indicator={latest} />
            )}
            <Sparkline values={whole.slice(-trendDays).map(({ value }) => value)} label={say(words.trend)} />
          </li>
        );
      })}
    </ul>
  );
}
