import type { ComponentChildren } from 'preact';
import type { Status } from '../../api/types.ts';
import { number } from '../../parts/format.ts';
import { Sparkline } from '../../parts/sparkline.tsx';
import { say, type Bilingual } from '../../state/language.ts';
import { common } from '../../words/common.ts';
import { overviewWords as words } from '../../words/overview.ts';

const serviceOrder = ['ingest', 'writer', 'worker', 'api', 'web'];

/** What runs: the rate of readings, the services, what waits, what is registered. */
export function StatusTiles({ status }: { readonly status: Status }) {
  const { readings, services, lag, registered } = status;
  const inMinute = readings.recent.reduce((sum, count) => sum + count, 0);
  const down = services.filter(({ ready }) => !ready).length;
  const ordered = services.toSorted((a, b) => serviceOrder.indexOf(a.name) - serviceOrder.indexOf(b.name));
  return (
    <section class="tiles" aria-label="Songma" id="status">
      <Tile title={words.readings} isWide>
        <div class="big">
          {readings.perSecond === null ? say(common.unknown) : number(readings.perSecond, 3)}
          <small> · {say(words.lastMinute, { count: number(inMinute, 6) })}</small>
        </div>
        <Sparkline values={readings.recent} label={say(words.readingsSpark)} filled />
      </Tile>
      <Tile title={words.services} isWide>
        <div class="big">{down === 0 ? say(words.allReady) : say(words.someDown, { count: down })}</div>
        <ul class="services">
          {ordered.map(({ name, ready, problems }) => (
            <li key={name} class={ready ? '' : 'down'} title={problems.map(({ error }) => error).join('; ')}>
              {ready
                ? name
                : `${name}, ${say(words.down, { what: problems.map((problem) => problem.name).join(', ') })}`}
            </li>
          ))}
        </ul>
      </Tile>
      <Tile title={words.waiting}>
        <div class="big">
          {lag === null ? say(common.unknown) : number(lag, 6)}
          <small> {say(words.pushes)}</small>
        </div>
      </Tile>
      <Tile title={words.registered}>
        <div class="big">
          {number(registered.enterprises, 6)}
          <small> {say(words.enterprisesCount)}</small>
        </div>
        <span class="meta">{say(words.sitesAndMeters, registered)}</span>
      </Tile>
    </section>
  );
}

function Tile({
  title,
  isWide = false,
  children,
}: {
  readonly title: Bilingual;
  readonly isWide?: boolean;
  readonly children: ComponentChildren;
}) {
  return (
    <div class={isWide ? 'card tile wide' : 'card tile'}>
      <h2>{say(title)}</h2>
      {children}
    </div>
  );
}
