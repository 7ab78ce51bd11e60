import { dateTime, number } from '../../parts/format.ts';
import { locale, say } from '../../state/language.ts';
import { exploreWords as words } from '../../words/explore.ts';
import type { Track } from './tracks.ts';

const hours = 24;
const cellWidth = 10;
const cellHeight = 12;
const left = 34;
const top = 18;
const levels = 9;

/** The hours of each day as cells: a day a column, an hour a row. The darker, the more. */
export function HeatMap({
  track,
  name,
  timeZone,
}: {
  readonly track: Track;
  readonly name: string;
  readonly timeZone: string;
}) {
  const clock = new Intl.DateTimeFormat('en-CA', {
    timeZone,
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    hourCycle: 'h23',
  });
  const cells = track.points.flatMap(({ start, value }) => {
    if (value === null) return [];
    const parts = Object.fromEntries(
      clock.formatToParts(start * 1000).map(({ type, value: text }) => [type, text]),
    );
    return [
      {
        day: `${parts['year']}-${parts['month']}-${parts['day']}`,
        hour: Number(parts['hour']),
        value,
        start,
      },
    ];
  });
  const days = [...new Set(cells.map(({ day }) => day))].toSorted();
  const column = new Map(days.map((day, index) => [day, index]));
  const values = cells.map(({ value }) => value);
  const low = values.reduce((least, value) => Math.min(least, value), Infinity);
  const high = values.reduce((most, value) => Math.max(most, value), -Infinity);
  const levelOf = (value: number) =>
    high === low ? 1 : 1 + Math.min(levels - 1, Math.floor((levels * (value - low)) / (high - low)));
  const width = left + days.length * cellWidth;
  const height = top + hours * cellHeight;
  const labelEvery = Math.ceil(60 / cellWidth);
  return (
    <figure class="chart">
      <div class="wide-table" tabIndex={0} role="region" aria-label={name}>
        <svg
          class="heat"
          viewBox={`0 0 ${width} ${height}`}
          style={{ minWidth: `${Math.min(width, 760)}px` }}
          role="img"
          aria-label={say(words.heatHint, { name, unit: track.unit })}
        >
          {days.map((day, index) =>
            index % labelEvery === 0 ? (
              <text key={day} x={left + index * cellWidth} y={11}>
                {new Intl.DateTimeFormat(locale(), {
                  day: 'numeric',
                  month: 'numeric',
                  timeZone: 'UTC',
                }).format(Date.parse(day))}
              </text>
            ) : null,
          )}
          {[0, 6, 12, 18].map((hour) => (
            <text key={hour} x={0} y={top + hour * cellHeight + 10}>{`${hour}:00`}</text>
          ))}
          {cells.map(({ day, hour, value, start }) => (
            <rect
              key={start}
              class={`heat-${levelOf(value)}`}
              x={left + column.get(day)! * cellWidth}
              y={top + hour * cellHeight}
              width={cellWidth - 1}
              height={cellHeight - 1}
            >
              <title>{`${dateTime(start * 1000, timeZone)}: ${number(value)} ${track.unit}`}</title>
            </rect>
          ))}
        </svg>
      </div>
      <figcaption>
        {say(words.heatHint, { name, unit: track.unit })}{' '}
        <span class="legend">
          {cells.length > 0 && number(low, 3)}
          {Array.from({ length: levels }, (_level, index) => (
            <i key={index} class={`swatch swatch-${index + 1}`} />
          ))}
          {cells.length > 0 && number(high, 3)}
        </span>
      </figcaption>
    </figure>
  );
}
