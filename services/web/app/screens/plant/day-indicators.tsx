import { useAsked } from '../../api/asked.ts';
import { getAll } from '../../api/client.ts';
import type { Indicator } from '../../api/types.ts';
import { Figure } from '../../parts/figure.tsx';
import { percent } from '../../parts/format.ts';
import { Sparkline } from '../../parts/sparkline.tsx';
import { Answer } from '../../parts/states.tsx';
import { say } from '../../state/language.ts';
import { hrefOf } from '../../state/router.ts';
import { indicatorWords } from '../../words/indicators.ts';
import { plantWords as words } from '../../words/plant.ts';

const dayMs = 86_400_000;
const daysBefore = 30;

/** The indicators of the latest whole day, each against the thirty days before. */
export function DayIndicators({ enterprise }: { readonly enterprise: string }) {
  const from = new Date(Math.floor(Date.now() / dayMs) * dayMs - (daysBefore + 2) * dayMs).toISOString();
  const asked = useAsked(
    `days of ${enterprise} ${from}`,
    (signal) => getAll('/v1/indicators', { enterprise, window: 'P1D', from }, { signal }),
    { live: ['indicator'] },
  );
  return (
    <section class="card" id="yesterday" aria-labelledby="yesterday-title">
      <div class="card-head">
        <h2 id="yesterday-title">{say(words.yesterday)}</h2>
        <p class="hint">{say(words.yesterdayHint)}</p>
      </div>
      <Answer
        asked={asked}
        isEmpty={(items) => latestDays(items).length === 0}
        empty={say(words.noIndicators)}
      >
        {(items) => (
          <ul class="rows">
            {latestDays(items).map(({ latest, before }) => (
              <li key={latest.name} class="day-indicator">
                <a class="name" href={hrefOf('explore', { indicators: `${enterprise}~${latest.name}` })}>
                  {indicatorWords(latest.name)}
                </a>
                <Figure indicator={latest} />
                <Change value={latest.value} before={before} />
                <Sparkline values={[...before, latest.value]} label={say(words.yesterdayHint)} />
              </li>
            ))}
          </ul>
        )}
      </Answer>
    </section>
  );
}

interface LatestDay {
  readonly latest: Indicator;
  readonly before: readonly (number | null)[];
}

/** By name the latest day that is over, and the values of the days before. */
export function latestDays(items: readonly Indicator[], nowMs = Date.now()): readonly LatestDay[] {
  const whole = items.filter(
    ({ end, site, product }) => Date.parse(end) <= nowMs && site === undefined && product === undefined,
  );
  return [...Map.groupBy(whole, ({ name }) => name).values()].map((days) => ({
    latest: days.at(-1)!,
    before: days.slice(-daysBefore - 1, -1).map(({ value }) => value),
  }));
}

function Change({
  value,
  before,
}: {
  readonly value: number | null;
  readonly before: readonly (number | null)[];
}) {
  const known = before.filter((day) => day !== null);
  const mean = known.reduce((sum, day) => sum + day, 0) / known.length;
  if (value === null || known.length === 0 || mean === 0) return <span class="meta">–</span>;
  const change = value / mean - 1;
  const sign = change >= 0 ? '+' : '−';
  return (
    <span
      class={Math.abs(change) > 0.1 ? 'change large' : 'change'}
    >{`${sign}${percent(Math.abs(change))}`}</span>
  );
}
