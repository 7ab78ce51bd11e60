// Asks: series of meters, indicators, enterprises, sites, meters.
import './explore.css';
import { useState } from 'preact/hooks';
import { useAsked } from '../../api/asked.ts';
import { Dialog } from '../../parts/dialog.tsx';
import { Exports } from '../../parts/exports.tsx';
import { Choice, Segments } from '../../parts/segments.tsx';
import { Snippet } from '../../parts/snippet.tsx';
import { Answer } from '../../parts/states.tsx';
import { say } from '../../state/language.ts';
import { useDirectory, type Directory } from '../../state/names.ts';
import { asOf, choose, place } from '../../state/router.ts';
import { common } from '../../words/common.ts';
import { exploreWords as words } from '../../words/explore.ts';
import { windowWords } from '../../words/indicators.ts';
import { Picked, Picker } from './picker.tsx';
import { isoDate, selectionOf, views, windows, type Selection } from './selection.ts';
import { fetchTracks, requestsFor, seriesQuery } from './tracks.ts';
import { TracksView } from './views.tsx';

const dayMs = 86_400_000;
const spans = [1, 7, 30, 90, 365];

/** Looks at meters and indicators of many enterprises together, over any span, and takes them along. */
export function Explore() {
  const directory = useDirectory();
  return (
    <>
      <h1>{say(words.title)}</h1>
      <Answer asked={directory}>{(data) => <Exploration directory={data} />}</Answer>
    </>
  );
}

function Exploration({ directory }: { readonly directory: Directory }) {
  const moment = asOf.value;
  const now = moment === undefined ? Date.now() : Date.parse(moment);
  const selection = selectionOf(place.value.query, now);
  const isPicked = selection.meters.length + selection.indicators.length > 0;
  const { view: _view, isIndexed: _isIndexed, ...asking } = selection;
  const asked = useAsked(
    isPicked ? `tracks ${JSON.stringify(asking)} ${moment ?? ''}` : undefined,
    (signal) => fetchTracks(selection, directory.meters, moment, signal),
    { everyMs: 60_000 },
  );
  return (
    <div class="explore">
      <Picker selection={selection} directory={directory} />
      <section class="card" aria-label={say(words.title)}>
        <ExploreControls selection={selection} now={now} />
        <Picked selection={selection} directory={directory} />
        {isPicked ? (
          <Answer asked={asked}>
            {(data) => (
              <>
                <TracksView selection={selection} data={data} directory={directory} />
                <TakeAlong selection={selection} />
              </>
            )}
          </Answer>
        ) : (
          <p class="empty">{say(words.nothing)}</p>
        )}
      </section>
    </div>
  );
}

function ExploreControls({ selection, now }: { readonly selection: Selection; readonly now: number }) {
  const { from, to, view, window, isWindowChosen, isIndexed } = selection;
  const days = (Date.parse(to) - Date.parse(from)) / dayMs;
  const end = isoDate(now + dayMs);
  return (
    <div class="controls">
      <Segments
        label={say(words.view)}
        value={view}
        options={views.map((name) => [name, say(words[`view.${name}`])])}
        onChoose={(name) => choose({ view: name === 'lines' ? undefined : name }, { replace: true })}
      />
      <Choice
        label={say(words.span)}
        isLabelHidden
        value={to === end && spans.includes(days) ? String(days) : ''}
        options={[
          ['', `${say(words.span)}: …`],
          ...spans.map((span) => [String(span), say(words.days, { count: span })] as const),
        ]}
        onChoose={(span) => {
          if (span !== '')
            choose({ from: isoDate(Date.parse(end) - Number(span) * dayMs), to: end }, { replace: true });
        }}
      />
      <label class="field">
        <span class="unseen">{say(common.from)}</span>
        <input
          type="date"
          value={from}
          onChange={(event) => choose({ from: event.currentTarget.value }, { replace: true })}
        />
      </label>
      <label class="field">
        <span class="unseen">{say(common.to)}</span>
        <input
          type="date"
          value={to}
          onChange={(event) => choose({ to: event.currentTarget.value }, { replace: true })}
        />
      </label>
      <Choice
        label={say(words.window)}
        isLabelHidden
        value={isWindowChosen ? window : ''}
        options={[
          ['', `${say(windowWords[window]!)} (${say(words.auto)})`],
          ...windows.map((name) => [name, say(windowWords[name]!)] as const),
        ]}
        onChoose={(name) => choose({ window: name }, { replace: true })}
      />
      <label class="check">
        <input
          type="checkbox"
          checked={isIndexed}
          onChange={() => choose({ index: isIndexed ? undefined : 1 }, { replace: true })}
        />
        <span>{say(words.index)}</span>
      </label>
    </div>
  );
}

/** The link, the files, and the request for programs of one's own. */
function TakeAlong({ selection }: { readonly selection: Selection }) {
  const [isOpen, setOpen] = useState(false);
  const [isCopied, setCopied] = useState(false);
  const hasMeters = selection.meters.length > 0;
  return (
    <div class="controls take">
      <button
        type="button"
        class="small"
        onClick={() => void navigator.clipboard.writeText(location.href).then(() => setCopied(true))}
      >
        {say(isCopied ? common.copied : words.shareLink)}
      </button>
      {hasMeters && (
        <>
          <Exports path="/v1/series" query={seriesQuery(selection, asOf.value)} name="series" />
          <button type="button" class="small" onClick={() => setOpen(true)}>
            {say(words.asRequest)}
          </button>
        </>
      )}
      {isOpen && (
        <Dialog title={say(words.asRequest)} onClose={() => setOpen(false)}>
          {Object.entries(requestsFor(selection, asOf.value, location.origin)).map(([language, text]) => (
            <Snippet key={language} title={language} text={text} />
          ))}
        </Dialog>
      )}
    </div>
  );
}
