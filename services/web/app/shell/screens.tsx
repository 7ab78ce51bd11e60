import type { ComponentType } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { say } from '../state/language.ts';
import { place } from '../state/router.ts';
import { hrefOf } from '../state/router.ts';
import { Failure, Loading } from '../parts/states.tsx';
import { Overview } from '../screens/overview/overview.tsx';
import { common } from '../words/common.ts';
import type { ScreenName } from '../../src/screen-paths.ts';

type Screen = ComponentType;

/** Each screen but the first is fetched when it is first gone to. */
const loaders: Readonly<Record<Exclude<ScreenName, 'overview'>, () => Promise<Screen>>> = {
  alerts: async () => (await import('../screens/alerts/alerts.tsx')).Alerts,
  alert: async () => (await import('../screens/alerts/alert.tsx')).AlertScreen,
  cases: async () => (await import('../screens/cases/cases.tsx')).Cases,
  case: async () => (await import('../screens/cases/case.tsx')).CaseScreen,
  takeUp: async () => (await import('../screens/cases/take-up.tsx')).TakeUp,
  explore: async () => (await import('../screens/explore/explore.tsx')).Explore,
  plant: async () => (await import('../screens/plant/plant.tsx')).Plant,
  send: async () => (await import('../screens/send/send.tsx')).Send,
  mend: async () => (await import('../screens/mend/mend.tsx')).Mend,
  account: async () => (await import('../screens/sign-in/account.tsx')).Account,
};
const loaded = new Map<ScreenName, Screen>([['overview', Overview]]);

/** The screen of the address that the reader is at. */
export function CurrentScreen() {
  const { screen } = place.value;
  const [failure, setFailure] = useState<{ readonly screen: ScreenName; readonly error: Error }>();
  const [, setLoaded] = useState(0);
  const Found = screen === undefined ? undefined : loaded.get(screen);
  useEffect(() => {
    if (screen === undefined || screen === 'overview' || loaded.has(screen)) return;
    loaders[screen]().then(
      (component) => {
        loaded.set(screen, component);
        setLoaded((count) => count + 1);
      },
      (error: Error) => setFailure({ screen, error }),
    );
  }, [screen]);
  if (screen === undefined) return <NoScreen />;
  if (Found !== undefined) return <Found />;
  if (failure !== undefined && failure.screen === screen)
    return <Failure error={failure.error} onRetry={() => location.reload()} />;
  return <Loading />;
}

function NoScreen() {
  return (
    <section class="card">
      <h1>{say(common.notFoundTitle)}</h1>
      <p>{say(common.notFound)}</p>
      <a href={hrefOf('overview')}>{say(common.toOverview)}</a>
    </section>
  );
}
