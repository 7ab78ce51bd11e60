import { signal } from '@preact/signals';
import { forgetAnswers } from '../api/kept-answers.ts';
import { followLive, leaveLive } from '../api/live.ts';
import { forgetKey, heldKey, holdKey } from './held-key.ts';
import { go } from './router.ts';

/** Whether the reader has to say who they are before anything is shown, and what the server said to the last try. */
export const signIn = signal<{ readonly needed: boolean; readonly refusal: string | undefined }>({
  needed: false,
  refusal: undefined,
});
/** Rises when another reader begins: what was asked for the former one is asked anew. */
export const readerTurn = signal(0);

/** The server does not answer without knowing who asks. */
export function signInNeeded(reason: string): void {
  const tried = heldKey.value !== undefined;
  leaveLive();
  forgetKey();
  forgetAnswers();
  signIn.value = { needed: true, refusal: tried ? reason : undefined };
  // A session that has ended would else be sent on and on.
  if (!tried)
    void fetch('/v1/sign-out', { method: 'POST', credentials: 'same-origin' }).catch(() => undefined);
}

export function signInWithKey(token: string): void {
  holdKey(token);
  begin();
}

/** The browser holds the cookie of a new session. */
export function signedIn(): void {
  forgetKey();
  begin();
  go('/');
}

/** Ends the session and forgets the key. */
export async function signOut(): Promise<void> {
  forgetKey();
  await fetch('/v1/sign-out', { method: 'POST', credentials: 'same-origin' }).catch(() => undefined);
  location.assign('/');
}

function begin(): void {
  leaveLive();
  forgetAnswers();
  signIn.value = { needed: false, refusal: undefined };
  readerTurn.value += 1;
  followLive();
}
