import { say } from '../state/language.ts';
import { common } from '../words/common.ts';
import { percent } from './format.ts';

const enough = 0.9;

/** How much of what was expected is there, as a small bar and in words. */
export function Coverage({ share }: { readonly share: number }) {
  return (
    <span class={share < enough ? 'coverage low' : 'coverage'} title={say(common.coverage)}>
      <progress max={1} value={share} aria-label={say(common.coverage)} />
      {percent(share)}
    </span>
  );
}
