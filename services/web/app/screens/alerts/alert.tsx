// Asks: an alert, its history, the series of its meter around it, enterprises, sites, meters.
import { useAsked } from '../../api/asked.ts';
import { get } from '../../api/client.ts';
import type { Alert, AlertWindow } from '../../api/types.ts';
import { Fact } from '../../parts/facts.tsx';
import { dateTime, number, percent, unit } from '../../parts/format.ts';
import { severityText } from '../../parts/severity.ts';
import { Answer } from '../../parts/states.tsx';
import { say } from '../../state/language.ts';
import { enterpriseName, meterName, siteName, useDirectory } from '../../state/names.ts';
import { asOf, hrefOf, place } from '../../state/router.ts';
import { alertWords as words } from '../../words/alerts.ts';
import { common } from '../../words/common.ts';
import { Acknowledge } from './acknowledge.tsx';
import { AlertChart } from './alert-chart.tsx';
import { AlertHistory } from './alert-history.tsx';

/** One alert: what it says and stands on, the readings around it, and every change of it. */
export function AlertScreen() {
  const id = place.value.params['id'] ?? '';
  const moment = asOf.value;
  const asked = useAsked(
    `alert ${id} ${moment ?? ''}`,
    (signal) => get('/v1/alerts/{id}', { asOf: moment }, { params: { id }, signal }),
    { live: ['alert'] },
  );
  return (
    <>
      <p>
        <a href={hrefOf('alerts')}>← {say(words.title)}</a>
      </p>
      <Answer asked={asked}>{(alert) => <AlertPage alert={alert} onChanged={asked.reload} />}</Answer>
    </>
  );
}

function AlertPage({ alert, onChanged }: { readonly alert: Alert; readonly onChanged: () => void }) {
  const directory = useDirectory().data;
  const zone = alert.timeZone;
  return (
    <>
      <div class="screen-head">
        <div>
          <h1>
            {alert.parameter} · {enterpriseName(directory, alert.enterprise)}
          </h1>
          <p class="hint">
            {siteName(directory, alert.site)} · {meterName(directory, alert.meter)}
          </p>
        </div>
        <p class="head badges">
          <span class={alert.state === 'open' ? 'badge' : 'badge mild'}>{say(words[alert.state])}</span>
          {alert.severity !== null && <span class="badge">{severityText(alert.severity)}</span>}
          <span class="badge mild">{say(words[`average${alert.averaging}`])}</span>
          {alert.stale && <span class="badge mild">{say(words.stale)}</span>}
        </p>
      </div>
      <div class="columns">
        <section class="card" aria-labelledby="alert-chart-title">
          <div class="card-head">
            <h2 id="alert-chart-title">{say(words.chartTitle)}</h2>
            <a
              href={hrefOf('explore', {
                meters: alert.meter,
                from: alert.since.slice(0, 10),
                to: dayAfter(alert.knownUntil),
              })}
            >
              {say(words.explore)}
            </a>
          </div>
          <AlertChart alert={alert} />
        </section>
        <section class="card" aria-label={say(common.provenance)}>
          <dl class="facts first">
            <Fact name={say(words.sinceTitle)}>{dateTime(alert.since, zone, { year: true })}</Fact>
            <Fact name={say(words.until)}>
              {alert.until === null
                ? say(words.knownUntil, { time: dateTime(alert.knownUntil, zone, { year: true }) })
                : dateTime(alert.until, zone, { year: true })}
            </Fact>
            <Fact name={say(words.windows)}>{number(alert.windows, 6)}</Fact>
            <Window title={say(words.peakWindow)} window={alert.peak} alert={alert} />
            <Window title={say(words.firstWindow)} window={alert.first} alert={alert} />
            <Window title={say(words.latestWindow)} window={alert.latest} alert={alert} />
            <Fact name={say(common.coverageTitle)}>{percent(alert.coverage)}</Fact>
            <Fact name={say(words.document)}>
              {alert.document} {!alert.verified && <span class="badge mild">{say(words.unverified)}</span>}
              <span class="meta">
                {alert.limit}
                {alert.limitVersion !== null && ` · ${say(common.version, { version: alert.limitVersion })}`}
              </span>
            </Fact>
            {alert.validity !== null && (
              <Fact name={say(words.rule)}>
                {alert.validity.rule === 'share'
                  ? say(words.ruleShare, { share: percent(alert.validity.min) })
                  : say(words.ruleQuadrants)}
              </Fact>
            )}
            {alert.source !== null && <Fact name={say(words.source)}>{alert.source}</Fact>}
            {alert.replacedBy !== null && (
              <Fact name={say(words.replacedBy)}>
                <a href={hrefOf('alert', {}, { id: alert.replacedBy })}>{alert.replacedBy}</a>
              </Fact>
            )}
          </dl>
          <Acknowledge alert={alert} onChanged={onChanged} />
        </section>
      </div>
      <section class="card" aria-labelledby="alert-history-title">
        <h2 id="alert-history-title">{say(words.history)}</h2>
        <AlertHistory id={alert.id} />
      </section>
    </>
  );
}

function Window(props: { readonly title: string; readonly window: AlertWindow; readonly alert: Alert }) {
  const { window, alert } = props;
  return (
    <Fact name={props.title}>
      <b>{number(window.mean)}</b> {unit(alert.unit)} {window.bound === 'min' ? '<' : '>'}{' '}
      {number(window.limitValue)}
      {window.ratio !== null && ` (× ${number(window.ratio, 3)})`}
      <span class="meta">
        {dateTime(window.start, alert.timeZone)} – {dateTime(window.end, alert.timeZone)} ·{' '}
        {say(common.coverage)} {percent(window.coverage)}
      </span>
    </Fact>
  );
}

const dayMs = 86_400_000;

function dayAfter(iso: string): string {
  return new Date(Date.parse(`${iso.slice(0, 10)}T00:00:00Z`) + dayMs).toISOString().slice(0, 10);
}
