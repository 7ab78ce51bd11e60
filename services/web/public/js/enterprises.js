import { element, sparkline } from './dom.js';
import { date, number, percent, unit } from './format.js';
import { text } from './text.js';

/** What the page shows of an enterprise: electricity is what each of them has. */
export const indicatorName = 'electricity-intensity';

/** Shows the enterprises with the latest indicator of a whole day. `onChoose(id)` is told which one is wanted. */
export function showEnterprises({ enterprises, indicators, names, chosen, onChoose }) {
  const list = document.getElementById('enterprises');
  if (enterprises.length === 0) {
    list.replaceChildren(element('p', { class: 'empty' }, text('noEnterprises')));
    return;
  }
  const focused = document.activeElement?.dataset?.enterprise;
  const byEnterprise = Map.groupBy(indicators, ({ enterprise }) => enterprise);
  list.replaceChildren(
    element(
      'ul',
      { class: 'rows' },
      enterprises.map((enterprise) =>
        element(
          'li',
          {},
          row(enterprise, byEnterprise.get(enterprise.id) ?? [], { names, chosen, onChoose }),
        ),
      ),
    ),
  );
  // What had the focus keeps it, although everything was drawn anew.
  if (focused !== undefined) list.querySelector(`[data-enterprise="${CSS.escape(focused)}"]`)?.focus();
}

function row(enterprise, published, { names, chosen, onChoose }) {
  const now = Date.now();
  const whole = published.filter(({ end }) => Date.parse(end) <= now);
  const latest = whole.at(-1) ?? published.at(-1);
  const site = names.siteOf(enterprise.id);
  return element(
    'button',
    {
      type: 'button',
      class: 'enterprise',
      'data-enterprise': enterprise.id,
      'aria-pressed': String(enterprise.id === chosen),
      onclick: () => onChoose(enterprise.id),
    },
    element(
      'span',
      { class: 'who' },
      element('span', { class: 'name' }, names.enterprise(enterprise.id)),
      element(
        'span',
        { class: 'meta' },
        [`VSIC ${enterprise.sector}`, site?.ward].filter(Boolean).join(' · '),
      ),
    ),
    latest === undefined ? element('span', { class: 'meta' }, text('noIndicator')) : figure(latest),
    sparkline(
      whole.slice(-30).map(({ value }) => value),
      text('trend'),
    ),
  );
}

function figure(indicator) {
  const { value, withheld, coverage, start } = indicator;
  return element(
    'span',
    {},
    value === null
      ? element('span', { class: 'withheld' }, `${text('withheld')}: ${text(`withheld.${withheld}`)}`)
      : element(
          'span',
          {},
          element('span', { class: 'value' }, number(value)),
          element('span', { class: 'unit' }, ` ${unit(indicator.unit)}`),
        ),
    element('span', { class: 'meta' }, date(start), ' ', coverageBar(coverage)),
  );
}

/** How much of what was expected is there, as a small bar and in words. */
function coverageBar(coverage) {
  return element(
    'span',
    { class: coverage < 0.9 ? 'coverage low' : 'coverage', title: text('coverage') },
    element('progress', { max: 1, value: coverage, 'aria-label': text('coverage') }),
    percent(coverage),
  );
}
