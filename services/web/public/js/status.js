import { element, sparkline } from './dom.js';
import { number } from './format.js';
import { text } from './text.js';

const serviceOrder = ['ingest', 'writer', 'worker', 'api', 'web'];

/** Shows what `GET /v1/status` answered. */
export function showStatus(status) {
  const { readings, services, lag, registered } = status;
  const inMinute = readings.recent.reduce((sum, count) => sum + count, 0);
  const down = services.filter(({ ready }) => !ready);
  const ordered = services.toSorted((a, b) => serviceOrder.indexOf(a.name) - serviceOrder.indexOf(b.name));
  document
    .getElementById('status')
    .replaceChildren(
      tile(
        'readings',
        'wide',
        [
          number(readings.perSecond, 3),
          element('small', {}, ` · ${text('lastMinute', { count: number(inMinute, 6) })}`),
        ],
        sparkline(readings.recent, text('readingsSpark'), { filled: true }),
      ),
      tile(
        'services',
        'wide',
        [down.length === 0 ? text('allReady') : text('someDown', { count: down.length })],
        element('ul', { class: 'services' }, ordered.map(service)),
      ),
      tile('waiting', '', [
        lag === null ? text('unknown') : number(lag, 6),
        element('small', {}, ` ${text('pushes')}`),
      ]),
      tile(
        'registered',
        '',
        [number(registered.enterprises, 6), element('small', {}, ` ${text('enterprisesCount')}`)],
        element('span', { class: 'meta' }, text('sitesAndMeters', registered)),
      ),
    );
  const furnishing = Object.values(status.furnishing).join(' · ');
  document.getElementById('build').textContent =
    `Songma ${status.version}${furnishing === '' ? '' : ` · ${furnishing}`}`;
}

function tile(name, more, big, ...rest) {
  return element(
    'div',
    { class: `card tile ${more}` },
    element('h2', {}, text(name)),
    element('div', { class: 'big' }, big),
    rest,
  );
}

function service({ name, ready, problems }) {
  const what = problems.map((problem) => problem.name).join(', ');
  return element(
    'li',
    {
      class: ready ? undefined : 'down',
      title: problems.map((problem) => problem.error).join('; ') || undefined,
    },
    ready ? name : `${name}, ${text('down', { what })}`,
  );
}
