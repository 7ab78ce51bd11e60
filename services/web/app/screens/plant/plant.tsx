// Asks: feeds, what is owed, open alerts, indicators of days, baselines and savings, enterprises, sites, meters.
import { useAsked } from '../../api/asked.ts';
import { get } from '../../api/client.ts';
import { AlertCard } from '../../parts/alert-card.tsx';
import { EnterpriseChoice } from '../../parts/enterprise-choice.tsx';
import { Answer, Loading } from '../../parts/states.tsx';
import { say } from '../../state/language.ts';
import { useDirectory } from '../../state/names.ts';
import { useOwnEnterprise } from '../../state/own-enterprise.ts';
import { asOf } from '../../state/router.ts';
import { common } from '../../words/common.ts';
import { plantWords as words } from '../../words/plant.ts';
import { DayIndicators } from './day-indicators.tsx';
import { Feeds } from './feeds.tsx';
import { Owed } from './owed.tsx';
import { Savings } from './savings.tsx';

/** What a plant's engineer looks at each morning. */
export function Plant() {
  const { enterprise } = useOwnEnterprise();
  return (
    <>
      <div class="screen-head">
        <h1>{say(words.title)}</h1>
        <EnterpriseChoice />
      </div>
      {asOf.value !== undefined && <p class="notice">{say(common.presentOnly)}</p>}
      {enterprise === undefined ? (
        <Loading />
      ) : (
        <>
          <div class="columns">
            <DayIndicators enterprise={enterprise} />
            <OpenAlerts enterprise={enterprise} />
          </div>
          <Feeds enterprise={enterprise} />
          <div class="columns">
            <Owed enterprise={enterprise} />
            <Savings enterprise={enterprise} />
          </div>
        </>
      )}
    </>
  );
}

function OpenAlerts({ enterprise }: { readonly enterprise: string }) {
  const directory = useDirectory().data;
  const asked = useAsked(
    `open alerts of ${enterprise}`,
    (signal) => get('/v1/alerts', { enterprise, state: 'open,acknowledged', limit: 20 }, { signal }),
    { live: ['alert'] },
  );
  return (
    <section class="card" aria-labelledby="plant-alerts">
      <h2 id="plant-alerts">{say(words.alerts)}</h2>
      <Answer asked={asked} isEmpty={({ items }) => items.length === 0} empty={say(words.noAlerts)}>
        {({ items }) => (
          <ul class="rows">
            {items.map((alert) => (
              <li key={alert.id}>
                <AlertCard alert={alert} directory={directory} />
              </li>
            ))}
          </ul>
        )}
      </Answer>
    </section>
  );
}
