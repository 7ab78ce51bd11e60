import { element } from './dom.js';
import { dateTime, number, percent, unit } from './format.js';
import { text } from './text.js';

const shownMax = 8;

/** Shows open alerts, the newest first. `names` gives the names of enterprises and meters in the reader's language. */
export function showAlerts(page, names) {
  const { items } = page;
  const count = document.getElementById('alert-count');
  count.textContent = page.next === null ? String(items.length) : `${items.length}+`;
  count.classList.toggle('some', items.length > 0);
  const list = document.getElementById('alerts');
  if (items.length === 0) {
    list.replaceChildren(element('p', { class: 'empty' }, text('noAlerts')));
    return;
  }
  list.replaceChildren(
    element(
      'ul',
      { class: 'rows' },
      items.slice(0, shownMax).map((alert) => element('li', {}, card(alert, names))),
    ),
    items.length > shownMax || page.next !== null ? element('p', { class: 'hint' }, text('moreAlerts')) : '',
  );
}

function card(alert, names) {
  const shownUnit = unit(alert.unit);
  const { peak } = alert;
  return element(
    'div',
    { class: `alert ${alert.state}` },
    element(
      'div',
      { class: 'head' },
      element('b', {}, `${alert.parameter} · ${names.enterprise(alert.enterprise)}`),
      alert.ratio === null ? undefined : element('span', { class: 'badge' }, `× ${number(alert.ratio, 3)}`),
      element('span', { class: 'badge mild' }, text(`average${alert.averaging}`)),
      alert.state === 'acknowledged'
        ? element('span', { class: 'badge mild' }, text('acknowledged'))
        : undefined,
      alert.stale ? element('span', { class: 'badge mild' }, text('stale')) : undefined,
    ),
    element(
      'div',
      {},
      element('b', {}, number(peak.mean)),
      element('span', { class: 'unit' }, ` ${shownUnit}, ${text('coverage')} ${percent(peak.coverage)}; `),
      `${text(peak.bound === 'min' ? 'againstMin' : 'against')} ${number(peak.limitValue)}`,
      element('span', { class: 'unit' }, ` ${shownUnit}`),
    ),
    element(
      'span',
      { class: 'meta' },
      `${text('peakOf', { count: number(alert.windows), time: dateTime(peak.start, alert.timeZone) })} · `,
      text('knownUntil', { time: dateTime(alert.knownUntil, alert.timeZone) }),
    ),
    element(
      'span',
      { class: 'meta' },
      `${names.meter(alert.meter)} · ${text('since', { time: dateTime(alert.since, alert.timeZone) })}`,
    ),
    element(
      'span',
      { class: 'meta' },
      `${alert.document} `,
      alert.verified ? undefined : element('span', { class: 'badge mild' }, text('unverified')),
    ),
  );
}
