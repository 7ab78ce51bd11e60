import { showAlerts } from './alerts.js';
import { follow, get, getAll, key, KeyNeeded, Refused } from './api.js';
import { draw, isEmpty, showChart } from './chart.js';
import { element } from './dom.js';
import { indicatorName, showEnterprises } from './enterprises.js';
import { showStatus } from './status.js';
import { chooseLanguage, currentLanguage, fillWords, text } from './text.js';

const statusEveryMs = 2_000;
/** Registry and figures are read anew now and then; alerts and indicators also when the live stream says so. */
const figuresEveryMs = 60_000;
const settleMs = 1_500;
const chartEveryMs = 15_000;
const indicatorsMax = 5_000;

const byId = (id) => document.getElementById(id);
const state = {
  status: undefined,
  enterprises: [],
  sites: [],
  meters: [],
  limits: [],
  indicators: [],
  alerts: { items: [], next: null },
  chosen: { enterprise: undefined, meter: undefined, days: 7 },
};

const names = {
  enterprise(id) {
    const found = state.enterprises.find((enterprise) => enterprise.id === id);
    return (currentLanguage() === 'en' ? found?.nameEn : undefined) ?? found?.name ?? id;
  },
  meter: (id) => state.meters.find((meter) => meter.id === id)?.name ?? id,
  siteOf: (enterprise) => state.sites.find((site) => site.enterprise === enterprise),
};

async function loadFigures() {
  const day = 86_400_000;
  const from = new Date(Date.now() - 32 * day).toISOString();
  const [enterprises, sites, meters, limits, indicators, alerts] = await Promise.all([
    getAll('/v1/enterprises'),
    getAll('/v1/sites'),
    getAll('/v1/meters'),
    getAll('/v1/limits'),
    getAll(`/v1/indicators?name=${indicatorName}&window=P1D&from=${from}`, indicatorsMax),
    get('/v1/alerts?state=open,acknowledged&limit=50'),
  ]);
  Object.assign(state, { enterprises, sites, meters, limits, indicators, alerts });
  state.chosen.enterprise ??= enterprises[0]?.id;
  showFigures();
}

function showFigures() {
  const { enterprises, indicators, alerts, chosen } = state;
  showEnterprises({ enterprises, indicators, names, chosen: chosen.enterprise, onChoose: chooseEnterprise });
  showAlerts(alerts, names);
  fillChoices();
}

function metersOfChosen() {
  const sites = new Set(
    state.sites.filter(({ enterprise }) => enterprise === state.chosen.enterprise).map(({ id }) => id),
  );
  return state.meters.filter(({ site }) => sites.has(site));
}

function fillChoices() {
  const { chosen } = state;
  const meters = metersOfChosen();
  if (!meters.some(({ id }) => id === chosen.meter)) {
    chosen.meter = (meters.find(({ quantity }) => quantity === 'electricity') ?? meters[0])?.id;
  }
  fill(
    byId('chart-enterprise'),
    state.enterprises.map(({ id }) => [id, names.enterprise(id)]),
    chosen.enterprise,
  );
  fill(
    byId('chart-meter'),
    meters.map(({ id, name }) => [id, name]),
    chosen.meter,
  );
  byId('chart-spans').replaceChildren(
    ...[1, 7, 30].map((days) =>
      element(
        'button',
        { type: 'button', 'aria-pressed': String(days === chosen.days), onclick: () => chooseSpan(days) },
        text(`span.${days}`),
      ),
    ),
  );
}

/** Fills a list of choices, and leaves it alone when nothing changed: it may be open. */
function fill(select, options, value) {
  const now = JSON.stringify([options, value]);
  if (select.dataset.filled === now) return;
  select.dataset.filled = now;
  select.replaceChildren(
    ...options.map(([id, name]) => element('option', { value: id, selected: id === value }, name)),
  );
}

let chartLoadedAt = 0;

async function loadChart() {
  chartLoadedAt = Date.now();
  const meter = state.meters.find(({ id }) => id === state.chosen.meter);
  if (meter === undefined) return;
  const now = Date.now();
  const limit = state.limits.find(
    ({ meter: of, validFrom, validTo }) =>
      of === meter.id && Date.parse(validFrom) <= now && (validTo === undefined || now < Date.parse(validTo)),
  );
  const factors = Object.values(limit?.factors ?? {}).reduce((product, factor) => product * factor, 1);
  const held = limit === undefined ? undefined : { ...limit, inForce: limit.value * factors };
  await attempt(() => showChart(meter, state.chosen.days, held));
}

function chooseEnterprise(id) {
  state.chosen.enterprise = id;
  state.chosen.meter = undefined;
  showFigures();
  void loadChart();
}

function chooseSpan(days) {
  state.chosen.days = days;
  fillChoices();
  void loadChart();
}

/** Does it, and tells the reader when it cannot be done. Gives whether it was done. */
async function attempt(action) {
  try {
    await action();
    notice('');
    return true;
  } catch (error) {
    if (error instanceof KeyNeeded) askForKey();
    else if (error instanceof Refused) notice(text('failed', { reason: error.message }));
    else if (error instanceof TypeError && /fetch|network|load failed/i.test(error.message))
      notice(text('disconnected'));
    else throw error;
    return false;
  }
}

function notice(words) {
  byId('notice').hidden = words === '';
  if (byId('notice').textContent !== words) byId('notice').textContent = words;
}

let stream;

function askForKey() {
  stream?.abort();
  stream = undefined;
  byId('content').hidden = true;
  byId('sign-in').hidden = false;
  if (key.get() !== null) notice(text('keyRefused'));
  key.forget();
  byId('sign-out').hidden = true;
}

async function begin() {
  byId('sign-in').hidden = true;
  byId('content').hidden = false;
  byId('sign-out').hidden = key.get() === null;
  if (!(await attempt(loadStatus)) && !byId('sign-in').hidden) return;
  if (await attempt(loadFigures)) await loadChart();
  if (!byId('sign-in').hidden) return;
  stream?.abort();
  stream = new AbortController();
  void follow((type) => onLiveEvent(type), stream.signal);
}

async function loadStatus() {
  state.status = await get('/v1/status');
  showStatus(state.status);
}

/** A burst of events is answered by reading once. */
let settling;
function onLiveEvent(type) {
  // `ready` too: something may have happened between the first reading and the opening of the stream.
  if (type === 'heartbeat' || settling !== undefined) return;
  settling = setTimeout(() => {
    settling = undefined;
    void refresh();
  }, settleMs);
}

/** Figures at once; the chart when it is empty or old enough not to change under the reader's eyes. */
async function refresh() {
  if (!(await attempt(loadFigures))) return;
  if (isEmpty() || Date.now() - chartLoadedAt >= chartEveryMs) await loadChart();
}

function every(ms, action) {
  setInterval(() => {
    if (!document.hidden && !byId('content').hidden) void attempt(action);
  }, ms);
}

function listen() {
  for (const button of document.querySelectorAll('[data-language]')) {
    button.addEventListener('click', () => {
      chooseLanguage(button.dataset.language);
      fillWords();
      if (state.status !== undefined) showStatus(state.status);
      showFigures();
      draw();
    });
  }
  byId('chart-enterprise').addEventListener('change', (event) => chooseEnterprise(event.target.value));
  byId('chart-meter').addEventListener('change', (event) => {
    state.chosen.meter = event.target.value;
    void loadChart();
  });
  byId('sign-in').addEventListener('submit', (event) => {
    event.preventDefault();
    key.set(new FormData(event.target).get('key').trim());
    event.target.reset();
    notice('');
    void begin();
  });
  byId('sign-out').addEventListener('click', () => {
    key.forget();
    location.reload();
  });
}

fillWords();
listen();
every(statusEveryMs, loadStatus);
every(figuresEveryMs, async () => {
  await loadFigures();
  await loadChart();
});
void begin();
