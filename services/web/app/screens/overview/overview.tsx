// Asks: status, enterprises, sites, meters, indicators of days, open alerts, series of hours, limits.
import { useAsked } from '../../api/asked.ts';
import { get, getAll } from '../../api/client.ts';
import { AlertCard } from '../../parts/alert-card.tsx';
import { Choice, Segments } from '../../parts/segments.tsx';
import { Answer, Loading } from '../../parts/states.tsx';
import { say } from '../../state/language.ts';
import { useMe } from '../../state/me.ts';
import { metersOf, nameOf, useDirectory } from '../../state/names.ts';
import { asOf, choose, hrefOf, place } from '../../state/router.ts';
import { common } from '../../words/common.ts';
import { overviewWords as words } from '../../words/overview.ts';
import { EnterpriseList } from './enterprise-list.tsx';
import { MeterChart } from './meter-chart.tsx';
import { StatusTiles } from './status-tiles.tsx';

const dayMs = 86_400_000;
const statusEveryMs = 2_000;
const figuresEveryMs = 60_000;
/** Electricity is what every enterprise has. */
const indicatorName = 'electricity-intensity';
const shownAlertsMax = 8;
const spans = [1, 7, 30] as const;

/** The first screen: what runs, how each enterprise does, what is beyond its limit, and one meter by the hour. */
export function Overview() {
  const moment = asOf.value;
  const status = useAsked('status', (signal) => get('/v1/status', {}, { signal }), {
    everyMs: statusEveryMs,
  });
  const directory = useDirectory();
  const end = moment === undefined ? Date.now() : Date.parse(moment);
  const from = new Date(Math.floor(end / dayMs) * dayMs - 32 * dayMs).toISOString();
  const live = { live: ['alert', 'indicator'], everyMs: figuresEveryMs } as const;
  const indicators = useAsked(
    `days ${from} ${moment ?? ''}`,
    (signal) =>
      getAll('/v1/indicators', { name: indicatorName, window: 'P1D', from, asOf: moment }, { signal }),
    live,
  );
  const alerts = useAsked(
    `open alerts ${moment ?? ''}`,
    (signal) => get('/v1/alerts', { state: 'open,acknowledged', limit: 50, asOf: moment }, { signal }),
    live,
  );
  const { query } = place.value;
  const enterprise = query.get('enterprise') ?? directory.data?.enterprises[0]?.id;
  const shown = alerts.data?.items ?? [];
  return (
    <>
      <h1 class="unseen">{say(words.title)}</h1>
      <StepIn />
      <Answer asked={status}>{(data) => <StatusTiles status={data} />}</Answer>
      <div class="columns">
        <section class="card" aria-labelledby="enterprises-title">
          <div class="card-head">
            <h2 id="enterprises-title">{say(words.enterprises)}</h2>
            <p class="hint">{say(words.enterprisesHint)}</p>
          </div>
          <div id="enterprises">
            <Answer
              asked={directory}
              isEmpty={({ enterprises }) => enterprises.length === 0}
              empty={say(words.noEnterprises)}
            >
              {(data) => (
                <EnterpriseList directory={data} indicators={indicators.data ?? []} chosen={enterprise} />
              )}
            </Answer>
          </div>
        </section>
        <section class="card" aria-labelledby="alerts-title">
          <div class="card-head">
            <h2 id="alerts-title">
              <span>{say(words.openAlerts)}</span>{' '}
              <span class={shown.length > 0 ? 'count some' : 'count'} id="alert-count">
                {alerts.data?.next === null || alerts.data === undefined ? shown.length : `${shown.length}+`}
              </span>
            </h2>
            <p class="hint">{say(words.alertsHint)}</p>
          </div>
          <div id="alerts">
            <Answer asked={alerts} isEmpty={({ items }) => items.length === 0} empty={say(words.noAlerts)}>
              {({ items }) => (
                <ul class="rows">
                  {items.slice(0, shownAlertsMax).map((alert) => (
                    <li key={alert.id}>
                      <AlertCard alert={alert} directory={directory.data} />
                    </li>
                  ))}
                </ul>
              )}
            </Answer>
            <p class="hint">
              <a href={hrefOf('alerts')}>{say(words.allAlerts)}</a>
            </p>
          </div>
        </section>
      </div>
      <ChartCard enterprise={enterprise} />
    </>
  );
}

/** Whoever looks without having said who they are learns that there is more to do as somebody. */
function StepIn() {
  const me = useMe().data;
  if (me === undefined || me.key !== null) return null;
  return (
    <p class="step-in">
      {say(words.stepIn)} <a href={hrefOf('account')}>{say(common.signInLink)}</a>
    </p>
  );
}

function ChartCard({ enterprise }: { readonly enterprise: string | undefined }) {
  const directory = useDirectory().data;
  const { query } = place.value;
  const meters = metersOf(directory, enterprise);
  const meter =
    meters.find(({ id }) => id === query.get('meter')) ??
    meters.find(({ quantity }) => quantity === 'electricity') ??
    meters[0];
  const days = spans.find((span) => String(span) === query.get('days')) ?? 7;
  return (
    <section class="card" aria-labelledby="chart-title">
      <div class="card-head">
        <h2 id="chart-title">{say(words.chart)}</h2>
        <div class="controls">
          <Choice
            id="chart-enterprise"
            label={say(common.enterprise)}
            isLabelHidden
            value={enterprise ?? ''}
            options={(directory?.enterprises ?? []).map((item) => [item.id, nameOf(item)])}
            onChoose={(id) => choose({ enterprise: id, meter: undefined }, { replace: true })}
          />
          <Choice
            id="chart-meter"
            label={say(common.meter)}
            isLabelHidden
            value={meter?.id ?? ''}
            options={meters.map(({ id, name }) => [id, name])}
            onChoose={(id) => choose({ enterprise, meter: id }, { replace: true })}
          />
          <Segments
            id="chart-spans"
            label={say(words.span)}
            value={days}
            options={spans.map((span) => [span, say(words[`span.${span}`])])}
            onChoose={(span) => choose({ days: span }, { replace: true })}
          />
        </div>
      </div>
      {meter !== undefined ? (
        <MeterChart meter={meter} days={days} />
      ) : directory === undefined ? (
        <Loading />
      ) : (
        <p class="empty">{say(common.noSeries)}</p>
      )}
    </section>
  );
}
