// By the address under which the server gives it out: it lies in a package of its own.
// oxlint-disable-next-line import/no-absolute-path
import uPlot from '/vendor/uplot/uPlot.esm.js';
import { download, get } from './api.js';
import { element } from './dom.js';
import { dateTime, number, percent, unit } from './format.js';
import { locale, text } from './text.js';

const hourMs = 3_600_000;
const heightPx = 300;
const canvas = document.getElementById('chart-canvas');
const caption = document.getElementById('chart-caption');
const table = document.getElementById('chart-table');

/** What is drawn now, so that it can be drawn again in another width, language or colour. */
let drawn;
let plot;
let turns = 0;

/** Fetches and draws the hours of a meter over the last `days` days. `limit` is the limit that it is held to. */
export async function showChart(meter, days, limit) {
  const to = new Date(Math.ceil(Date.now() / hourMs) * hourMs);
  const from = new Date(to.getTime() - days * 24 * hourMs);
  const query = `meter=${encodeURIComponent(meter.id)}&window=PT1H&gaps=show&from=${from.toISOString()}&to=${to.toISOString()}`;
  const turn = ++turns;
  const series = await get(`/v1/series?${query}`);
  // Another meter was chosen meanwhile.
  if (turn !== turns) return;
  drawn = { meter, limit, query, series };
  draw();
}

/** Whether there is nothing to see yet. */
export function isEmpty() {
  return plot === undefined;
}

/** Draws again what is shown. */
export function draw() {
  plot?.destroy();
  plot = undefined;
  if (drawn === undefined) return;
  const { meter, limit, series } = drawn;
  const zone = series.meters[0].timeZone;
  const isLevel = meter.kind === 'level';
  const hours = series.items.map((item) => ({
    start: Date.parse(item.start) / 1000,
    value: isLevel ? item.mean : item.sum,
    coverage: item.coverage,
    item,
  }));
  if (!hours.some(({ value }) => value !== null)) {
    canvas.replaceChildren(element('p', { class: 'empty' }, text('noSeries')));
    caption.textContent = '';
    table.replaceChildren();
    return;
  }
  canvas.replaceChildren();
  plot = new uPlot(optionsFor(hours, { meter, limit, zone, isLevel }), columnsOf(hours, limit), canvas);
  showCaption(meter, limit, zone, isLevel);
  showTable(hours, meter, zone, isLevel);
}

function columnsOf(hours, limit) {
  const columns = [hours.map(({ start }) => start), hours.map(({ value }) => value)];
  if (limit !== undefined) columns.push(hours.map(() => limit.inForce));
  return columns;
}

function optionsFor(hours, { meter, limit, zone, isLevel }) {
  const style = getComputedStyle(document.documentElement);
  const colour = (name) => style.getPropertyValue(name).trim();
  const shownUnit = unit(meter.unit);
  const isNarrow = canvas.clientWidth / hours.length < 4;
  const axis = {
    stroke: colour('--soft'),
    grid: { stroke: colour('--line'), width: 1 },
    ticks: { stroke: colour('--line'), width: 1 },
    font: '12px system-ui, sans-serif',
  };
  const format = (value, index) =>
    value === null || value === undefined
      ? '–'
      : `${number(value)} ${shownUnit}${index === null ? '' : ` (${notesOn(hours[index])})`}`;
  return {
    width: canvas.clientWidth,
    height: heightPx,
    tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1000), zone),
    padding: [14, 8, 0, 0],
    cursor: { y: false },
    scales: {
      y: {
        range: (_plot, min, max) => [Math.min(0, min), (Math.max(max, limit?.inForce ?? max) || 1) * 1.08],
      },
    },
    axes: [
      {
        ...axis,
        values: (_plot, splits, _axis, _space, increment) =>
          splits.map((seconds) => tick(seconds, zone, increment >= 86_400)),
        space: 64,
      },
      { ...axis, size: 62, values: (_plot, splits) => splits.map((value) => number(value, 3)) },
    ],
    series: [
      {
        label: text('time'),
        value: (_plot, seconds) => (seconds === null ? '–' : dateTime(seconds * 1000, zone)),
      },
      {
        label: isLevel ? text('mean') : text('sum'),
        stroke: colour('--river'),
        // Narrow bars would be all outline: they are filled instead.
        fill: isLevel ? undefined : colour(isNarrow ? '--river' : '--river-soft'),
        width: isLevel ? 2 : isNarrow ? 0 : 1,
        paths: isLevel ? undefined : uPlot.paths.bars({ size: [0.9, 60], align: 1 }),
        points: { show: false },
        value: (_plot, value, _series, index) => format(value, index),
      },
      ...(limit === undefined
        ? []
        : [
            {
              label: text('limit'),
              stroke: colour('--bad'),
              width: 1.5,
              dash: [7, 4],
              points: { show: false },
              value: () => `${number(limit.inForce)} ${shownUnit}`,
            },
          ]),
    ],
    hooks: { drawClear: [(self) => shadeGaps(self, hours, colour('--sand-soft'))] },
  };
}

/** How much of an hour is known, and how many of its readings are no plain measurements. */
function notesOn({ coverage, item }) {
  return [
    `${text('coverage')} ${percent(coverage)}`,
    ...(item.outOfRange > 0 ? [text('outOfRange', { count: number(item.outOfRange) })] : []),
    ...(item.belowDetection > 0 ? [text('belowDetection', { count: number(item.belowDetection) })] : []),
  ].join(', ');
}

/** Hours that are not fully covered get a ground of their own, darker the more is missing. */
function shadeGaps(self, hours, colour) {
  const { ctx, bbox } = self;
  const now = Date.now() / 1000;
  ctx.save();
  ctx.beginPath();
  ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
  ctx.clip();
  ctx.fillStyle = colour;
  for (const { start, coverage } of hours) {
    // The hour under way cannot be whole yet.
    if (coverage > 0.999 || start + 3600 > now) continue;
    const left = self.valToPos(start, 'x', true);
    const right = self.valToPos(start + 3600, 'x', true);
    ctx.globalAlpha = 0.35 + 0.65 * (1 - coverage);
    ctx.fillRect(left, bbox.top, right - left, bbox.height);
  }
  ctx.restore();
}

function tick(seconds, zone, daily) {
  const options = daily ? { day: 'numeric', month: 'numeric' } : { hour: '2-digit', minute: '2-digit' };
  const midnight =
    new Intl.DateTimeFormat('en-GB', { timeZone: zone, hour: '2-digit' }).format(seconds * 1000) === '00';
  const shown = midnight ? { day: 'numeric', month: 'numeric' } : options;
  return new Intl.DateTimeFormat(locale(), { timeZone: zone, ...shown }).format(seconds * 1000);
}

function showCaption(meter, limit, zone, isLevel) {
  const shownUnit = unit(meter.unit);
  const words = [text(isLevel ? 'captionLevel' : 'captionAmount', { unit: shownUnit, zone })];
  if (limit !== undefined) {
    words.push(
      text('captionLimit', {
        value: number(limit.inForce),
        unit: shownUnit,
        document: limit.source.document,
        mark: limit.source.verified ? '' : text('captionUnverified'),
      }),
    );
  }
  const { query } = drawn;
  caption.replaceChildren(
    `${words.join('')} `,
    element(
      'a',
      {
        href: `/v1/series?${query}&format=csv`,
        onclick: (event) => {
          // By script, so that the key goes with it.
          event.preventDefault();
          void download(`/v1/series?${query}`, `${meter.id}.csv`);
        },
      },
      text('csv'),
    ),
  );
}

function showTable(hours, meter, zone, isLevel) {
  const heads = [text('time'), `${text(isLevel ? 'mean' : 'sum')} (${unit(meter.unit)})`, text('coverage')];
  table.replaceChildren(
    element(
      'table',
      {},
      element(
        'thead',
        {},
        element(
          'tr',
          {},
          heads.map((head) => element('th', { scope: 'col' }, head)),
        ),
      ),
      element(
        'tbody',
        {},
        hours
          .toReversed()
          .map(({ start, value, coverage }) =>
            element(
              'tr',
              {},
              element('td', {}, dateTime(start * 1000, zone)),
              element('td', {}, value === null ? '–' : number(value, 6)),
              element('td', {}, percent(coverage)),
            ),
          ),
      ),
    ),
  );
}

new ResizeObserver(() => {
  if (plot !== undefined && canvas.clientWidth > 0 && canvas.clientWidth !== plot.width) {
    plot.setSize({ width: canvas.clientWidth, height: heightPx });
  }
}).observe(canvas);

matchMedia('(prefers-color-scheme: dark)').addEventListener('change', draw);
