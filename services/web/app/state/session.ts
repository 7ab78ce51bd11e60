import { signal } from '@preact/signals';
import { forgetAnswers } from '../api/kept-answers.ts';
import { leaveLive } from '../api/live.ts';
import { forgetKey, heldKey, holdKey } from './held-key.ts';

/** Whether the reader has to say who they are before anything is shown, and what the server said to the last try. */
export const signIn = signal<{ readonly needed: boolean; readonly refusal: string | undefined }>({
  needed: false,
  refusal: undefined,
});

/** The server does not answer without knowing who asks. */
export function signInNeeded(reason: string): void {
  const tried = heldKey.value !== undefined;
  leaveLive();
  forgetKey();
  forgetAnswers();
  signIn.value = { needed: true, refusal: tried ? reason : undefined };
}

export function signInWithKey(token: string): void {
  holdKey(token);
  signIn.value = { needed: false, refusal: undefined };
}

export function signOut(): void {
  forgetKey();
  location.assign('/');
}
