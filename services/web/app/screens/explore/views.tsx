import { useMemo, useRef } from 'preact/hooks';
import { dateTime, number, percent } from '../../parts/format.ts';
import { missingBands } from '../../parts/series.ts';
import { indexed } from '../../parts/statistics.ts';
import { savePicture, TimeChart } from '../../parts/time-chart.tsx';
import { currentLanguage, say } from '../../state/language.ts';
import type { Directory } from '../../state/names.ts';
import { common } from '../../words/common.ts';
import { exploreWords as words } from '../../words/explore.ts';
import { HeatMap } from './heat-map.tsx';
import { trackName } from './picker.tsx';
import { Scatter } from './scatter.tsx';
import type { Selection } from './selection.ts';
import { aligned, type Tracks } from './tracks.ts';

interface ViewProps {
  readonly selection: Selection;
  readonly data: Tracks;
  readonly directory: Directory;
}

const rowsMax = 1_000;

/** What is picked, in the way that the reader wants to see it. */
export function TracksView({ selection, data, directory }: ViewProps) {
  const names = data.tracks.map(({ id }) => trackName(id, directory));
  const isKnown = data.tracks.some(({ points }) => points.some(({ value }) => value !== null));
  if (!isKnown) return <p class="empty">{say(common.noSeries)}</p>;
  switch (selection.view) {
    case 'heat': {
      const track = data.tracks.find(({ id }) => selection.meters.includes(id));
      if (track === undefined) return <p class="empty">{say(words.heatFirst)}</p>;
      return <HeatMap track={track} name={trackName(track.id, directory)} timeZone={data.timeZone} />;
    }
    case 'scatter':
      return <Scatter tracks={data.tracks} names={names} />;
    case 'table':
      return <TrackTable data={data} names={names} />;
    case 'lines':
    case 'bars':
      return <TrackChart selection={selection} data={data} names={names} />;
  }
}

interface NamedProps {
  readonly data: Tracks;
  readonly names: readonly string[];
}

function TrackChart({ selection, data, names }: NamedProps & { readonly selection: Selection }) {
  const figure = useRef<HTMLElement>(null);
  const language = currentLanguage();
  const { view, isIndexed } = selection;
  const drawn = useMemo(() => {
    const { times, columns } = aligned(data.tracks);
    const lines = data.tracks.map((track, index) => {
      const column = columns[index]!;
      const values = column.map((point) => point?.value ?? null);
      return {
        label: names[index]!,
        unit: isIndexed ? '%' : track.unit,
        values: isIndexed ? indexed(values) : values,
        shape: view === 'bars' ? ('bars' as const) : ('line' as const),
        note: (at: number) => {
          const point = column[at];
          return point === undefined ? '' : ` (${say(common.coverage)} ${percent(point.coverage)})`;
        },
      };
    });
    // What is missing of several would hide one another: it is shown of the first.
    const first = data.tracks[0]?.points ?? [];
    const bands = missingBands(first.map((point) => ({ ...point, outOfRange: 0, belowDetection: 0 })));
    return { times, lines, bands };
  }, [data, view, isIndexed, language, names.join()]);
  return (
    <figure class="chart" ref={figure}>
      <TimeChart
        id="explore-chart"
        label={names.join(', ')}
        timeLabel={say(common.time)}
        timeZone={data.timeZone}
        times={drawn.times}
        lines={drawn.lines}
        bands={drawn.bands}
        heightPx={420}
        isFromZero={view === 'bars'}
      />
      <figcaption>
        {say(common.missingGround)}{' '}
        <button type="button" class="small" onClick={() => savePicture(figure.current, 'songma')}>
          PNG
        </button>
      </figcaption>
    </figure>
  );
}

function TrackTable({ data, names }: NamedProps) {
  const { times, columns } = aligned(data.tracks);
  const shown = times.slice(-rowsMax);
  const skipped = times.length - shown.length;
  return (
    <div
      class="wide-table tall"
      tabIndex={0}
      role="region"
      aria-label={say(common.table, { name: say(words['view.table']) })}
    >
      <table>
        <thead>
          <tr>
            <th scope="col">{say(common.time)}</th>
            {data.tracks.map((track, index) => (
              <th key={track.id} scope="col">
                {`${names[index]} (${track.unit}, ${say(track.shape === 'level' ? words.mean : words.sum)})`}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {shown.toReversed().map((time, row) => (
            <tr key={time}>
              <td>{dateTime(time * 1000, data.timeZone, { year: true })}</td>
              {columns.map((column, index) => {
                const point = column[skipped + shown.length - 1 - row];
                return (
                  <td key={data.tracks[index]!.id}>
                    {point === undefined || point.value === null ? '–' : number(point.value, 6)}{' '}
                    {point !== undefined && <span class="unit">{percent(point.coverage)}</span>}
                  </td>
                );
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
