import { useEffect, useState } from 'preact/hooks';
import { useAsked } from '../api/asked.ts';
import { get } from '../api/client.ts';
import { followLive, liveState } from '../api/live.ts';
import { chooseLanguage, currentLanguage, say } from '../state/language.ts';
import { useMe } from '../state/me.ts';
import { hrefOf, place } from '../state/router.ts';
import { signIn } from '../state/session.ts';
import { common } from '../words/common.ts';
import { Navigation } from './navigation.tsx';
import { CurrentScreen } from './screens.tsx';
import { Search } from './search.tsx';
import { SignIn } from '../screens/sign-in/sign-in.tsx';
import { PastBand, TimeMachine } from './time-machine.tsx';

/** The frame around every screen: where one is, how live it is, which language, which moment. */
export function Shell() {
  const [isMenuOpen, setMenuOpen] = useState(false);
  const isOut = signIn.value.needed;
  const { screen } = place.value;
  useEffect(() => {
    if (!isOut) followLive();
  }, [isOut]);
  useEffect(() => {
    const name = screen === undefined ? '' : say(common[nameOfScreen(screen)]);
    document.title = name === '' ? 'Songma' : `${name} · Songma`;
  }, [screen, currentLanguage()]);
  return (
    <div class={isMenuOpen ? 'shell menu-open' : 'shell'}>
      <a class="skip" href="#main">
        {say(common.skip)}
      </a>
      <header class="top">
        <a class="brand" href={hrefOf('overview')} aria-label={`Songma ${say(common.tagline)}`}>
          <img src="/favicon.svg" width="34" height="34" alt="" />
          <span>
            <b>Songma</b> <small>{say(common.tagline)}</small>
          </span>
        </a>
        <div class="tools">
          {!isOut && (
            <>
              <LiveMark />
              <Search />
              <TimeMachine />
            </>
          )}
          {!isOut && <WhoAmI />}
          <Languages />
          {!isOut && (
            <button
              type="button"
              class="menu-button"
              aria-expanded={isMenuOpen}
              aria-controls="screens"
              onClick={() => setMenuOpen(!isMenuOpen)}
            >
              {say(common.menu)}
            </button>
          )}
        </div>
      </header>
      {!isOut && <Navigation onGone={() => setMenuOpen(false)} />}
      <main id="main" tabIndex={-1}>
        {isOut ? (
          <SignIn />
        ) : (
          <>
            <PastBand />
            <CurrentScreen />
          </>
        )}
      </main>
      <Footer isOut={isOut} />
    </div>
  );
}

function nameOfScreen(screen: NonNullable<(typeof place.value)['screen']>): keyof typeof common {
  return screen === 'alert' ? 'alerts' : screen;
}

/** Who is signed in, and the way to the account or to signing in. */
function WhoAmI() {
  const { data } = useMe();
  const name = data?.person?.name ?? data?.key;
  return (
    <a class="who-am-i" href={hrefOf('account')}>
      {name ?? say(common.signInLink)}
    </a>
  );
}

function LiveMark() {
  const state = liveState.value;
  if (state === 'off') return null;
  const words = { opening: common.liveOpening, live: common.live, cut: common.liveCut }[state];
  return (
    <span class={`live ${state}`} role="status">
      {say(words)}
    </span>
  );
}

function Languages() {
  const chosen = currentLanguage();
  return (
    <div class="languages" role="group" aria-label={say(common.language)}>
      {(['vi', 'en'] as const).map((language) => (
        <button
          key={language}
          type="button"
          lang={language}
          data-language={language}
          aria-pressed={language === chosen}
          onClick={() => chooseLanguage(language)}
        >
          {language.toUpperCase()}
          <span class="unseen"> {language === 'vi' ? 'Tiếng Việt' : 'English'}</span>
        </button>
      ))}
    </div>
  );
}

function Footer({ isOut }: { readonly isOut: boolean }) {
  const { data } = useAsked(isOut ? undefined : 'build', (signal) => get('/v1/status', {}, { signal }));
  const furnishing = Object.values(data?.furnishing ?? {}).join(' · ');
  return (
    <footer>
      <span id="build">
        {data === undefined ? '' : `Songma ${data.version}${furnishing === '' ? '' : ` · ${furnishing}`}`}
      </span>
      <span>
        <a href="/openapi.json">{say(common.apiDescription)}</a> · <a href="/docs">{say(common.apiDocs)}</a>
      </span>
    </footer>
  );
}
