import { useMemo, useRef } from 'preact/hooks';
import { useAsked } from '../../api/asked.ts';
import { get } from '../../api/client.ts';
import type { Alert, Series } from '../../api/types.ts';
import { Exports } from '../../parts/exports.tsx';
import { unit } from '../../parts/format.ts';
import { missingBands, noteOn, pointsOf, windowMs } from '../../parts/series.ts';
import { Answer } from '../../parts/states.tsx';
import { savePicture, TimeChart, type ChartBand } from '../../parts/time-chart.tsx';
import { currentLanguage, say } from '../../state/language.ts';
import { meterName, useDirectory } from '../../state/names.ts';
import { asOf } from '../../state/router.ts';
import { alertWords as words } from '../../words/alerts.ts';
import { common } from '../../words/common.ts';

/** So many windows are shown before and after the alert. */
const windowsAround = 24;
const windowsMax = 2_000;

/** The averages that the limit judges, around the alert: its windows on a red ground, what is missing on sand. */
export function AlertChart({ alert }: { readonly alert: Alert }) {
  const moment = asOf.value;
  // A limit on months is seen by its days.
  const window = alert.averaging === 'P1M' ? 'P1D' : alert.averaging;
  const stepMs = windowMs[window]!;
  const end = Math.min(
    Math.ceil((Date.parse(alert.until ?? alert.knownUntil) + windowsAround * stepMs) / stepMs) * stepMs,
    Math.ceil(Date.now() / stepMs) * stepMs,
  );
  const begin = Math.max(Date.parse(alert.since) - windowsAround * stepMs, end - windowsMax * stepMs);
  const query = {
    meter: alert.meter,
    window,
    gaps: 'show',
    from: new Date(begin).toISOString(),
    to: new Date(end).toISOString(),
    asOf: moment,
  } as const;
  const asked = useAsked(`around ${JSON.stringify(query)}`, (signal) => get('/v1/series', query, { signal }));
  return <Answer asked={asked}>{(series) => <Drawn alert={alert} series={series} query={query} />}</Answer>;
}

interface DrawnProps {
  readonly alert: Alert;
  readonly series: Series;
  readonly query: Readonly<Record<string, unknown>>;
}

function Drawn({ alert, series, query }: DrawnProps) {
  const figure = useRef<HTMLElement>(null);
  const directory = useDirectory().data;
  const language = currentLanguage();
  const name = meterName(directory, alert.meter);
  const drawn = useMemo(() => {
    const points = pointsOf(series, alert.meter, 'level');
    const shownUnit = unit(alert.unit);
    const since = Date.parse(alert.since) / 1000;
    const until = Date.parse(alert.until ?? alert.knownUntil) / 1000;
    const isBeyond = ({ value }: { value: number | null }) =>
      value !== null && (alert.bound === 'min' ? value < alert.limitValue : value > alert.limitValue);
    const beyond: ChartBand[] = points
      .filter((point) => point.start >= since && point.start < until && isBeyond(point))
      .map(({ start, end }) => ({ from: start, to: end, kind: 'beyond', strength: 1 }));
    return {
      points,
      times: points.map(({ start }) => start),
      bands: [...missingBands(points), ...beyond],
      lines: [
        {
          label: name,
          unit: shownUnit,
          values: points.map(({ value }) => value),
          shape: 'steps',
          note: (index: number) => noteOn(points[index]),
        },
        {
          label: say(words.limit),
          unit: shownUnit,
          values: points.map(() => alert.limitValue),
          shape: 'line',
          isLimit: true,
        },
      ] as const,
    };
  }, [series, alert, name, language]);
  if (!drawn.points.some(({ value }) => value !== null)) return <p class="empty">{say(common.noSeries)}</p>;
  return (
    <figure class="chart" ref={figure}>
      <TimeChart
        id="alert-chart"
        label={`${alert.parameter}, ${name}`}
        timeLabel={say(common.time)}
        timeZone={alert.timeZone}
        times={drawn.times}
        lines={drawn.lines}
        bands={drawn.bands}
      />
      <figcaption>
        {say(words.beyondGround)} {say(common.missingGround)}{' '}
        <Exports
          path="/v1/series"
          query={query}
          name={alert.meter}
          onPicture={() => savePicture(figure.current, alert.meter)}
        />
      </figcaption>
    </figure>
  );
}
