import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { locale } from '../state/language.ts';
import { dateTime, number } from './format.ts';
import type { ChartBand, ChartLine, TimeChartProps } from './time-chart.tsx';

/** Of the palette of the page, in the order in which lines are told apart; also by people who see few colours. */
const lineColours = ['--line-1', '--line-2', '--line-3', '--line-4', '--line-5', '--line-6', '--line-7'];
/** Left and right in turn, as uPlot numbers them. */
// oxlint-disable-next-line typescript/no-unsafe-enum-assignment
const sides: readonly uPlot.Axis.Side[] = [3, 1];
const narrowBarPx = 4;
const dayS = 86_400;

/** Draws lines and bars over time into an element. Read only when a chart is first shown: it is large. */
export function plotInto(target: HTMLElement, props: TimeChartProps): uPlot {
  const { times, lines, timeZone, timeLabel } = props;
  const style = getComputedStyle(document.documentElement);
  const colour = (name: string) => style.getPropertyValue(name).trim();
  const colourOf = (line: ChartLine, index: number) =>
    colour(line.isLimit === true ? '--bad' : lineColours[index % lineColours.length]!);
  const scales = [...new Set(lines.map(({ unit }) => unit))];
  const isNarrow = target.clientWidth / Math.max(1, times.length) < narrowBarPx;
  const axis = {
    stroke: colour('--soft'),
    grid: { stroke: colour('--grid'), width: 1 },
    ticks: { stroke: colour('--grid'), width: 1 },
    font: '12px system-ui, sans-serif',
  };
  const options: uPlot.Options = {
    width: target.clientWidth,
    height: props.heightPx ?? 300,
    tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1000), timeZone),
    padding: [14, 8, 0, 0],
    cursor: { y: false, ...(props.syncKey === undefined ? {} : { sync: { key: props.syncKey } }) },
    scales: Object.fromEntries(
      scales.map((unit) => [
        unit,
        { range: (_plot: uPlot, min: number, max: number) => rangeOf(min, max, props.isFromZero ?? true) },
      ]),
    ),
    axes: [
      {
        ...axis,
        values: (_plot, splits, _axis, _space, increment) =>
          splits.map((seconds) => tick(seconds, timeZone, increment >= dayS)),
        space: 64,
      },
      ...scales.map((unit, index) => ({
        ...axis,
        scale: unit,
        side: sides[index % 2]!,
        size: 62,
        grid: { ...axis.grid, show: index === 0 },
        values: (_plot: uPlot, splits: number[]) => splits.map((value) => number(value, 3)),
      })),
    ],
    series: [
      {
        label: timeLabel,
        value: (_plot, seconds) => (seconds === null ? '–' : dateTime(seconds * 1000, timeZone)),
      },
      ...lines.map((line, index) => seriesOf(line, colourOf(line, index), isNarrow, colour)),
    ],
    hooks: { drawClear: [(plot) => drawBands(plot, props.bands ?? [], colour)] },
  };
  const data = [times, ...lines.map(({ values }) => values)] as uPlot.AlignedData;
  return new uPlot(options, data, target);
}

function seriesOf(
  line: ChartLine,
  stroke: string,
  isNarrow: boolean,
  colour: (name: string) => string,
): uPlot.Series {
  const isBars = line.shape === 'bars';
  // Narrow bars would be all outline: they are filled instead.
  const fill = isBars ? { fill: isNarrow ? stroke : colour('--river-soft') } : {};
  const bars = isBars ? uPlot.paths.bars?.({ size: [0.9, 60], align: 1 }) : undefined;
  const steps = line.shape === 'steps' ? uPlot.paths.stepped?.({ align: 1 }) : undefined;
  const paths = bars ?? steps;
  return {
    label: line.label,
    scale: line.unit,
    stroke,
    ...fill,
    width: isBars ? (isNarrow ? 0 : 1) : line.isLimit === true ? 1.5 : 2,
    ...(line.isLimit === true ? { dash: [7, 4] } : {}),
    ...(paths === undefined ? {} : { paths }),
    points: { show: false },
    value: (_plot, value: number | null, _series, index) =>
      value === null || value === undefined
        ? '–'
        : `${number(value)} ${line.unit}${index === null ? '' : (line.note?.(index) ?? '')}`,
  };
}

function rangeOf(min: number | null, max: number | null, isFromZero: boolean): [number, number] {
  const low = min ?? 0;
  const high = max ?? 1;
  if (isFromZero) return [Math.min(0, low), (high || 1) * 1.08];
  const room = (high - low || Math.abs(high) || 1) * 0.1;
  return [low - room, high + room];
}

/** Grounds behind the lines: times with missing data, windows beyond a limit. */
function drawBands(plot: uPlot, bands: readonly ChartBand[], colour: (name: string) => string): void {
  const { ctx, bbox } = plot;
  ctx.save();
  ctx.beginPath();
  ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
  ctx.clip();
  for (const { from, to, kind, strength } of bands) {
    // On whole pixels, so that neighbours meet without a seam.
    const left = Math.round(plot.valToPos(from, 'x', true));
    const right = Math.round(plot.valToPos(to, 'x', true));
    ctx.fillStyle = colour(kind === 'missing' ? '--sand-soft' : '--bad-soft');
    ctx.globalAlpha = strength;
    ctx.fillRect(left, bbox.top, Math.max(1, right - left), bbox.height);
  }
  ctx.restore();
}

function tick(seconds: number, timeZone: string, daily: boolean): string {
  const time = seconds * 1000;
  const hour = new Intl.DateTimeFormat('en-GB', { timeZone, hour: '2-digit' }).format(time);
  const isDay = daily || hour === '00';
  const shown: Intl.DateTimeFormatOptions = isDay
    ? { day: 'numeric', month: 'numeric' }
    : { hour: '2-digit', minute: '2-digit' };
  return new Intl.DateTimeFormat(locale(), { timeZone, ...shown }).format(time);
}
