import { useMemo, useRef } from 'preact/hooks';
import { useAsked } from '../../api/asked.ts';
import { get, getAll } from '../../api/client.ts';
import type { Limit, Meter, Series } from '../../api/types.ts';
import { Exports } from '../../parts/exports.tsx';
import { dateTime, number, percent, unit } from '../../parts/format.ts';
import { limitInForce } from '../../parts/limits.ts';
import { missingBands, noteOn, pointsOf } from '../../parts/series.ts';
import { Answer } from '../../parts/states.tsx';
import { savePicture, TimeChart } from '../../parts/time-chart.tsx';
import { currentLanguage, say } from '../../state/language.ts';
import { asOf } from '../../state/router.ts';
import { common } from '../../words/common.ts';
import { overviewWords as words } from '../../words/overview.ts';

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
const refreshMs = 15_000;

/** The hours of a meter over the last days, with what is missing and the limit that it is held to. */
export function MeterChart({ meter, days }: { readonly meter: Meter; readonly days: number }) {
  const moment = asOf.value;
  const end = Math.ceil((moment === undefined ? Date.now() : Date.parse(moment)) / hourMs) * hourMs;
  const query = {
    meter: meter.id,
    window: 'PT1H',
    gaps: 'show',
    from: new Date(end - days * dayMs).toISOString(),
    to: new Date(end).toISOString(),
    asOf: moment,
  } as const;
  const asked = useAsked(
    `hours ${JSON.stringify(query)}`,
    async (signal) => {
      const [series, limits] = await Promise.all([
        get('/v1/series', query, { signal }),
        getAll('/v1/limits', { meter: meter.id, asOf: moment }, { signal }),
      ]);
      return { series, limit: limits.find((limit) => limitInForce(limit, end) !== undefined) };
    },
    { everyMs: refreshMs },
  );
  return (
    <Answer asked={asked}>
      {({ series, limit }) => <Drawn meter={meter} series={series} limit={limit} query={query} end={end} />}
    </Answer>
  );
}

interface DrawnProps {
  readonly meter: Meter;
  readonly series: Series;
  readonly limit: Limit | undefined;
  readonly query: Readonly<Record<string, unknown>>;
  readonly end: number;
}

function Drawn({ meter, series, limit, query, end }: DrawnProps) {
  const figure = useRef<HTMLElement>(null);
  const zone = series.meters[0]?.timeZone ?? meter.time.zone;
  const isLevel = meter.kind === 'level';
  const shownUnit = unit(meter.unit);
  const inForce = limit === undefined ? undefined : limitInForce(limit, end);
  const language = currentLanguage();
  const drawn = useMemo(() => {
    const points = pointsOf(series, meter.id, meter.kind);
    const amounts = {
      label: say(isLevel ? words.mean : words.sum),
      unit: shownUnit,
      values: points.map(({ value }) => value),
      shape: isLevel ? 'line' : 'bars',
      note: (index: number) => noteOn(points[index]),
    } as const;
    const bounds = [inForce?.max, inForce?.min].flatMap((bound) =>
      bound === undefined
        ? []
        : [
            {
              label: say(words.limit),
              unit: shownUnit,
              values: points.map(() => bound),
              shape: 'line',
              isLimit: true,
            } as const,
          ],
    );
    return {
      points,
      times: points.map(({ start }) => start),
      lines: [amounts, ...bounds],
      bands: missingBands(points),
    };
  }, [series, meter.id, limit, language]);
  if (!drawn.points.some(({ value }) => value !== null)) return <p class="empty">{say(common.noSeries)}</p>;
  return (
    <>
      <figure class="chart" ref={figure}>
        <TimeChart
          id="chart-canvas"
          label={meter.name}
          timeLabel={say(common.time)}
          timeZone={zone}
          times={drawn.times}
          lines={drawn.lines}
          bands={drawn.bands}
        />
        <figcaption id="chart-caption">
          {say(isLevel ? words.captionLevel : words.captionAmount, { unit: shownUnit, zone })}{' '}
          {limit !== undefined &&
            inForce !== undefined &&
            say(words.captionLimit, {
              value: [inForce.min, inForce.max]
                .flatMap((bound) => (bound === undefined ? [] : [number(bound)]))
                .join('–'),
              unit: shownUnit,
              document: limit.source.document,
              mark: limit.source.verified ? '' : say(words.captionUnverified),
            })}{' '}
          <Exports
            path="/v1/series"
            query={query}
            name={meter.id}
            onPicture={() => savePicture(figure.current, meter.id)}
          />
        </figcaption>
      </figure>
      <details>
        <summary>{say(common.asTable)}</summary>
        <div
          class="scroll"
          id="chart-table"
          tabIndex={0}
          role="region"
          aria-label={say(common.table, { name: meter.name })}
        >
          <table>
            <thead>
              <tr>
                <th scope="col">{say(common.time)}</th>
                <th scope="col">{`${say(isLevel ? words.mean : words.sum)} (${shownUnit})`}</th>
                <th scope="col">{say(common.coverageTitle)}</th>
              </tr>
            </thead>
            <tbody>
              {drawn.points.toReversed().map(({ start, value, coverage }) => (
                <tr key={start}>
                  <td>{dateTime(start * 1000, zone)}</td>
                  <td>{value === null ? '–' : number(value, 6)}</td>
                  <td>{percent(coverage)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      </details>
    </>
  );
}
