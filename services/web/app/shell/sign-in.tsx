import { typed } from '../parts/form.ts';
import { say } from '../state/language.ts';
import { signIn, signInWithKey } from '../state/session.ts';
import { common } from '../words/common.ts';

/** Asks who the reader is. */
export function SignIn() {
  const { refusal } = signIn.value;
  return (
    <form
      id="sign-in"
      class="card"
      onSubmit={(event) => {
        event.preventDefault();
        signInWithKey(typed(event.currentTarget, 'key'));
      }}
    >
      <h1>{say(common.signInTitle)}</h1>
      <p>{say(common.signInWhy)}</p>
      {refusal !== undefined && (
        <p class="notice" role="status">
          {say(common.keyRefused)}
        </p>
      )}
      <label class="field">
        <span>{say(common.key)}</span>
        <input
          name="key"
          type="password"
          autocomplete="off"
          spellcheck={false}
          required
          pattern="sgm_.+"
          placeholder="sgm_…"
        />
      </label>
      <button type="submit">{say(common.signIn)}</button>
    </form>
  );
}
