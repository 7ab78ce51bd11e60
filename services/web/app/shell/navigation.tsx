import { say } from '../state/language.ts';
import { hrefOf, place } from '../state/router.ts';
import { common } from '../words/common.ts';
import type { ScreenName } from '../../src/screen-paths.ts';

const groups = [
  { title: common.groupWatch, screens: ['overview', 'cases', 'alerts', 'explore'] },
  { title: common.groupPlant, screens: ['plant', 'send', 'mend'] },
] as const satisfies readonly {
  title: { vi: string; en: string };
  screens: readonly (ScreenName & keyof typeof common)[];
}[];

const parents: Partial<Record<ScreenName, ScreenName>> = { alert: 'alerts', case: 'cases', takeUp: 'cases' };

/** The screens, by whom they are for. */
export function Navigation({ onGone }: { readonly onGone: () => void }) {
  const { screen } = place.value;
  const current = screen === undefined ? undefined : (parents[screen] ?? screen);
  return (
    <nav id="screens" aria-label={say(common.screens)}>
      {groups.map(({ title, screens }) => (
        <div key={title.en} class="nav-group">
          <p class="nav-title">{say(title)}</p>
          {screens.map((name) => (
            <a
              key={name}
              href={hrefOf(name)}
              {...(name === current ? { 'aria-current': 'page' as const } : {})}
              onClick={onGone}
            >
              {say(common[name])}
            </a>
          ))}
        </div>
      ))}
    </nav>
  );
}
