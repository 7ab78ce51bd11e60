// Asks: the ways to sign in; signs in.
import { useState } from 'preact/hooks';
import { useAsked } from '../../api/asked.ts';
import { get, send } from '../../api/client.ts';
import { typed } from '../../parts/form.ts';
import { say } from '../../state/language.ts';
import { signedIn, signIn, signInWithKey } from '../../state/session.ts';
import { common } from '../../words/common.ts';
import { signInWords as words } from '../../words/sign-in.ts';

/** Asks who the reader is: a person with a password, one of the samples, or whoever holds a key. */
export function SignIn() {
  const { refusal } = signIn.value;
  const [failure, setFailure] = useState('');
  const enter = async (body: { readonly person: string; readonly password?: string }) => {
    setFailure('');
    try {
      await send('POST', '/v1/sign-in', body);
      signedIn();
    } catch (error) {
      setFailure((error as Error).message);
    }
  };
  const shown = failure === '' ? refusal : failure;
  return (
    <div id="sign-in" class="sign-in">
      <form
        class="card stack"
        onSubmit={(event) => {
          event.preventDefault();
          const form = event.currentTarget;
          const password = form.querySelector<HTMLInputElement>('[name=password]')?.value ?? '';
          void enter({ person: typed(form, 'person'), password });
        }}
      >
        <h1>{say(words.title)}</h1>
        {shown !== undefined && shown !== '' && (
          <p class="notice" role="alert">
            {shown}
          </p>
        )}
        <label class="field">
          <span>{say(words.person)}</span>
          <input name="person" autocomplete="username" required maxLength={254} spellcheck={false} />
        </label>
        <label class="field">
          <span>{say(words.password)}</span>
          <input name="password" type="password" autocomplete="current-password" required maxLength={1024} />
        </label>
        <button type="submit">{say(words.signIn)}</button>
        <p class="hint">{say(words.noAccount)}</p>
      </form>
      <Samples onEnter={(person) => void enter({ person })} />
      <details class="card">
        <summary>{say(words.withKey)}</summary>
        <form
          class="stack"
          onSubmit={(event) => {
            event.preventDefault();
            signInWithKey(typed(event.currentTarget, 'key'));
          }}
        >
          <p class="hint">{say(words.keyWhy)}</p>
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
          <button type="submit">{say(words.show)}</button>
        </form>
      </details>
    </div>
  );
}

/** The persons of the samples, where this machine may be one of them. */
function Samples({ onEnter }: { readonly onEnter: (person: string) => void }) {
  const { data } = useAsked('ways to sign in', (signal) => get('/v1/sign-in', {}, { signal }));
  const samples = data?.samples ?? [];
  if (samples.length === 0) return null;
  return (
    <section class="card" aria-labelledby="samples-title">
      <h2 id="samples-title">{say(words.samples)}</h2>
      <p class="hint">{say(words.samplesWhy)}</p>
      <ul class="rows samples">
        {samples.map(({ id, name, role }) => (
          <li key={id}>
            <button type="button" data-person={id} onClick={() => onEnter(id)}>
              <b>{name}</b> <span class="badge mild">{say(words[`role.${role}`])}</span>
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}
