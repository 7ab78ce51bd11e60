import { useAsked } from '../../api/asked.ts';
import { getAll } from '../../api/client.ts';
import type { Feed } from '../../api/types.ts';
import { Coverage } from '../../parts/coverage.tsx';
import { Exports } from '../../parts/exports.tsx';
import { ago, duration } from '../../parts/format.ts';
import { Answer } from '../../parts/states.tsx';
import { say } from '../../state/language.ts';
import { meterName, useDirectory } from '../../state/names.ts';
import { hrefOf } from '../../state/router.ts';
import { common } from '../../words/common.ts';
import { plantWords as words } from '../../words/plant.ts';
import { feedState, type FeedState } from './feed-state.ts';

const order: readonly FeedState[] = ['silent', 'never', 'late', 'fresh'];

/** Each meter's feed, the worst first: fresh, late, silent. */
export function Feeds({ enterprise }: { readonly enterprise: string }) {
  const asked = useAsked(
    `feeds of ${enterprise}`,
    (signal) => getAll('/v1/feeds', { enterprise }, { signal }),
    {
      everyMs: 30_000,
    },
  );
  return (
    <section class="card" id="feeds" aria-labelledby="feeds-title">
      <div class="card-head">
        <h2 id="feeds-title">{say(words.feeds)}</h2>
        <Exports path="/v1/feeds" query={{ enterprise }} name={`${enterprise}-feeds`} />
      </div>
      <Answer asked={asked}>{(feeds) => <FeedTable feeds={feeds} />}</Answer>
    </section>
  );
}

function FeedTable({ feeds }: { readonly feeds: readonly Feed[] }) {
  const directory = useDirectory().data;
  const states = feeds.map((feed) => ({ feed, state: feedState(feed) }));
  const count = (...wanted: readonly FeedState[]) =>
    states.filter(({ state }) => wanted.includes(state)).length;
  const counts = { fresh: count('fresh'), late: count('late'), silent: count('silent', 'never') };
  return (
    <>
      <p class="hint">{counts.fresh === feeds.length ? say(words.allFresh) : say(words.counts, counts)}</p>
      <div
        class="wide-table"
        tabIndex={0}
        role="region"
        aria-label={say(common.table, { name: say(words.feeds) })}
      >
        <table class="list">
          <thead>
            <tr>
              <th scope="col">{say(common.meter)}</th>
              <th scope="col">{say(words.feeds)}</th>
              <th scope="col">{say(words.lastReading)}</th>
              <th scope="col">{say(words.every)}</th>
              <th scope="col">{say(words.today)}</th>
              <th scope="col">{say(words.month)}</th>
              <th scope="col">{say(words.lateness)}</th>
            </tr>
          </thead>
          <tbody>
            {states
              .toSorted((a, b) => order.indexOf(a.state) - order.indexOf(b.state))
              .map(({ feed, state }) => (
                <tr key={feed.meter}>
                  <td>
                    <a href={hrefOf('explore', { meters: feed.meter })}>{meterName(directory, feed.meter)}</a>
                  </td>
                  <td>
                    <span class={`feed ${state}`}>{say(words[state])}</span>
                    {feed.register?.text != null && <span class="meta">{say(feed.register.text)}</span>}
                  </td>
                  <td>{feed.lastReading === null ? '–' : ago(feed.lastReading)}</td>
                  <td>{duration(feed.intervalMs)}</td>
                  <td>{feed.coverage.day === null ? '–' : <Coverage share={feed.coverage.day} />}</td>
                  <td>{feed.coverage.month === null ? '–' : <Coverage share={feed.coverage.month} />}</td>
                  <td>
                    {feed.arrivals.medianMs === null ? '–' : duration(Math.max(0, feed.arrivals.medianMs))}
                  </td>
                </tr>
              ))}
          </tbody>
        </table>
      </div>
    </>
  );
}
