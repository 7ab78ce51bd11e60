import type { Alert } from '../api/types.ts';
import { say } from '../state/language.ts';
import { enterpriseName, meterName, type Directory } from '../state/names.ts';
import { hrefOf } from '../state/router.ts';
import { alertWords as words } from '../words/alerts.ts';
import { common } from '../words/common.ts';
import { dateTime, number, percent, unit } from './format.ts';

/** An alert in a few lines, and the way to its page. */
export function AlertCard({
  alert,
  directory,
}: {
  readonly alert: Alert;
  readonly directory: Directory | undefined;
}) {
  const { peak, timeZone } = alert;
  const shownUnit = unit(alert.unit);
  return (
    <a class={`alert ${alert.state}`} href={hrefOf('alert', {}, { id: alert.id })}>
      <span class="head">
        <b>{`${alert.parameter} · ${enterpriseName(directory, alert.enterprise)}`}</b>
        {alert.ratio !== null && <span class="badge">× {number(alert.ratio, 3)}</span>}
        <span class="badge mild">{say(words[`average${alert.averaging}`])}</span>
        {alert.state === 'acknowledged' && <span class="badge mild">{say(words.acknowledged)}</span>}
        {alert.stale && <span class="badge mild">{say(words.stale)}</span>}
      </span>
      <span>
        <b>{number(peak.mean)}</b>
        <span class="unit">
          {' '}
          {shownUnit}, {say(common.coverage)} {percent(peak.coverage)};{' '}
        </span>
        {say(peak.bound === 'min' ? words.againstMin : words.against)} {number(peak.limitValue)}
        <span class="unit"> {shownUnit}</span>
      </span>
      <span class="meta">
        {say(words.peakOf, { count: number(alert.windows), time: dateTime(peak.start, timeZone) })} ·{' '}
        {say(words.knownUntil, { time: dateTime(alert.knownUntil, timeZone) })}
      </span>
      <span class="meta">
        {meterName(directory, alert.meter)} · {say(words.since, { time: dateTime(alert.since, timeZone) })}
      </span>
      <span class="meta">
        {alert.document} {!alert.verified && <span class="badge mild">{say(words.unverified)}</span>}
      </span>
    </a>
  );
}
