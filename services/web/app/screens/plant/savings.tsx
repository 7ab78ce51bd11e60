import { useAsked } from '../../api/asked.ts';
import { get, getAll } from '../../api/client.ts';
import { percent } from '../../parts/format.ts';
import { Answer } from '../../parts/states.tsx';
import { say } from '../../state/language.ts';
import { plantWords as words } from '../../words/plant.ts';

const shownMax = 8;

/** What each baseline says of the time since: saved or used more, and how that stands to the targets. */
export function Savings({ enterprise }: { readonly enterprise: string }) {
  const asked = useAsked(`savings of ${enterprise}`, async (signal) => {
    const baselines = await getAll('/v1/baselines', { enterprise }, { signal, itemsMax: shownMax });
    return Promise.all(
      baselines.map((baseline) =>
        get('/v1/savings', { baseline: baseline.id, from: baseline.to }, { signal }).catch(() => ({
          baseline: { id: baseline.id, name: baseline.name },
          totals: { savingShare: null },
          targets: [],
        })),
      ),
    );
  });
  return (
    <section class="card" id="savings" aria-labelledby="savings-title">
      <h2 id="savings-title">{say(words.savings)}</h2>
      <Answer asked={asked} isEmpty={(items) => items.length === 0} empty={say(words.noBaseline)}>
        {(items) => (
          <ul class="rows">
            {items.map(({ baseline, totals: { savingShare }, targets }) => (
              <li key={baseline.id}>
                <b>{baseline.name}</b>{' '}
                {savingShare === null
                  ? say(words.notKnown)
                  : say(savingShare >= 0 ? words.saved : words.used, {
                      share: percent(Math.abs(savingShare)),
                    })}
                {targets
                  .filter(({ covered }) => covered)
                  .map(({ id, min, max }) => (
                    <span key={id} class="meta">
                      {say(words.target, { min: percent(min), max: percent(max) })}
                    </span>
                  ))}
              </li>
            ))}
          </ul>
        )}
      </Answer>
    </section>
  );
}
