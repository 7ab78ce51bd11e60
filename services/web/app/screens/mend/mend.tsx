// Asks: quarantine; replays rows.
import { useAsked } from '../../api/asked.ts';
import { getAll } from '../../api/client.ts';
import type { ItemOf } from '../../api/types.ts';
import { Segments } from '../../parts/segments.tsx';
import { Answer } from '../../parts/states.tsx';
import { say } from '../../state/language.ts';
import { useMe } from '../../state/me.ts';
import { choose, hrefOf, place } from '../../state/router.ts';
import { common } from '../../words/common.ts';
import { mendWords as words, sendWords } from '../../words/send.ts';
import { ReasonGroup } from './reason-group.tsx';

export type HeldRow = ItemOf<'/v1/quarantine'>;

const rowsMax = 1_000;
const pageRowsMax = 500;

/** What was refused, by reason: mended in place or all rows of a reason at once, and replayed. */
export function Mend() {
  const { query } = place.value;
  const batch = query.get('batch') ?? undefined;
  const state = query.get('state') === 'replayed' ? 'replayed' : 'open';
  const role = useMe().data?.role;
  const mayMend = role === 'plant' || role === 'admin';
  const asked = useAsked(mayMend ? `quarantine ${batch ?? ''} ${state}` : undefined, (signal) =>
    getAll('/v1/quarantine', { batch, state }, { signal, itemsMax: rowsMax, pageMax: pageRowsMax }),
  );
  return (
    <>
      <div class="screen-head">
        <h1>{say(words.title)}</h1>
        <Segments
          label={say(words.state)}
          value={state}
          options={[
            ['open', say(words.open)],
            ['replayed', say(words.replayedState)],
          ]}
          onChoose={(value) => choose({ state: value === 'open' ? undefined : value }, { replace: true })}
        />
      </div>
      {role !== undefined && !mayMend ? (
        <p class="notice">
          {say(sendWords.mayNot)} <a href={hrefOf('account')}>{say(common.signInLink)}</a>
        </p>
      ) : (
        <Answer asked={asked} isEmpty={(rows) => rows.length === 0} empty={say(words.none)}>
          {(rows) => (
            <>
              {[...Map.groupBy(rows, ({ code }) => code)].map(([code, group]) => (
                <ReasonGroup key={code} code={code} rows={group} isOpen={state === 'open'} />
              ))}
            </>
          )}
        </Answer>
      )}
    </>
  );
}
