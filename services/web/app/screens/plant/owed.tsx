import { useAsked } from '../../api/asked.ts';
import { getAll } from '../../api/client.ts';
import { Exports } from '../../parts/exports.tsx';
import { dateTime } from '../../parts/format.ts';
import { Answer } from '../../parts/states.tsx';
import { say } from '../../state/language.ts';
import { meterName, useDirectory } from '../../state/names.ts';
import { hrefOf } from '../../state/router.ts';
import { plantWords as words } from '../../words/plant.ts';

const dayMs = 86_400_000;
const shownMax = 50;
const effects = {
  'amount-missing': words.effectMissing,
  'amount-conserved': words.effectConserved,
  'state-unknown': words.effectUnknown,
} as const;

/** What is expected of the last week and not held. */
export function Owed({ enterprise }: { readonly enterprise: string }) {
  const directory = useDirectory().data;
  const from = new Date(Math.floor(Date.now() / dayMs) * dayMs - 7 * dayMs).toISOString();
  const query = { enterprise, from };
  const asked = useAsked(
    `owed by ${enterprise} ${from}`,
    (signal) => getAll('/v1/owed', query, { signal, itemsMax: shownMax }),
    { everyMs: 60_000 },
  );
  return (
    <section class="card" id="owed" aria-labelledby="owed-title">
      <div class="card-head">
        <h2 id="owed-title">{say(words.owed)}</h2>
        <Exports path="/v1/owed" query={query} name={`${enterprise}-owed`} />
      </div>
      <p class="hint">{say(words.owedHint)}</p>
      <Answer asked={asked} isEmpty={(items) => items.length === 0} empty={say(words.owesNothing)}>
        {(items) => (
          <ul class="rows">
            {items.map(({ meter, from: begin, to, missing, effect }) => (
              <li key={`${meter}/${begin}`} class="between">
                <span>
                  <b>{meterName(directory, meter)}</b> {say(words.missing, { count: missing })}
                  <span class="meta">
                    {dateTime(begin, null)} – {dateTime(to, null)} · {say(effects[effect])}
                  </span>
                </span>
                <a href={hrefOf('send')}>{say(words.sendThem)}</a>
              </li>
            ))}
          </ul>
        )}
      </Answer>
    </section>
  );
}
