import { number } from '../../parts/format.ts';
import { fitLine } from '../../parts/statistics.ts';
import { say } from '../../state/language.ts';
import { exploreWords as words } from '../../words/explore.ts';
import { aligned, type Track } from './tracks.ts';

const width = 720;
const height = 420;
const margin = { left: 70, right: 16, top: 14, bottom: 46 };
const ticks = 5;
/** More dots than that are no longer told apart: every so-many-th is drawn; the line is of all. */
const dotsMax = 3_000;

/** One series against another, and the line of least squares through the windows that have both. */
export function Scatter({
  tracks,
  names,
}: {
  readonly tracks: readonly Track[];
  readonly names: readonly string[];
}) {
  const [across, up] = tracks;
  if (across === undefined || up === undefined) return <p class="empty">{say(words.scatterNeeds)}</p>;
  const { columns } = aligned([across, up]);
  const points = columns[0]!.flatMap((point, index) => {
    const other = columns[1]![index];
    return point?.value == null || other?.value == null ? [] : [[point.value, other.value] as const];
  });
  const fit = fitLine(points);
  if (fit === undefined) return <p class="empty">{say(words.scatterTooFew)}</p>;
  const x = scaleOf(
    points.map(([value]) => value),
    margin.left,
    width - margin.right,
  );
  const y = scaleOf(
    points.map(([, value]) => value),
    height - margin.bottom,
    margin.top,
  );
  const every = Math.ceil(points.length / dotsMax);
  const caption = say(words.scatterFit, {
    slope: number(fit.slope),
    intercept: number(fit.intercept),
    r2: number(fit.r2, 3),
    count: number(fit.count, 6),
  });
  return (
    <figure class="chart">
      <svg
        class="scatter"
        viewBox={`0 0 ${width} ${height}`}
        role="img"
        aria-label={`${names.join(' · ')}. ${caption}`}
      >
        {x.ticks.map((value) => (
          <g key={value}>
            <line
              class="grid"
              x1={x.at(value)}
              x2={x.at(value)}
              y1={margin.top}
              y2={height - margin.bottom}
            />
            <text x={x.at(value)} y={height - margin.bottom + 18} text-anchor="middle">
              {number(value, 3)}
            </text>
          </g>
        ))}
        {y.ticks.map((value) => (
          <g key={value}>
            <line class="grid" x1={margin.left} x2={width - margin.right} y1={y.at(value)} y2={y.at(value)} />
            <text x={margin.left - 8} y={y.at(value) + 4} text-anchor="end">
              {number(value, 3)}
            </text>
          </g>
        ))}
        {points
          .filter((_point, index) => index % every === 0)
          .map(([px, py], index) => (
            <circle key={index} cx={x.at(px)} cy={y.at(py)} r={3} />
          ))}
        <line
          class="fit"
          x1={x.at(x.low)}
          y1={y.at(fit.intercept + fit.slope * x.low)}
          x2={x.at(x.high)}
          y2={y.at(fit.intercept + fit.slope * x.high)}
        />
        <text
          x={width - margin.right}
          y={height - 8}
          text-anchor="end"
        >{`${names[0]} (${across.unit})`}</text>
        <text x={4} y={12}>{`${names[1]} (${up.unit})`}</text>
      </svg>
      <figcaption>{caption}</figcaption>
    </figure>
  );
}

function scaleOf(values: readonly number[], begin: number, end: number) {
  const low = values.reduce((least, value) => Math.min(least, value), Infinity);
  const high = values.reduce((most, value) => Math.max(most, value), -Infinity);
  const range = high - low || Math.abs(high) || 1;
  return {
    low,
    high,
    at: (value: number) => begin + ((value - low) / range) * (end - begin),
    ticks: Array.from({ length: ticks }, (_tick, index) => low + (range * index) / (ticks - 1)),
  };
}
