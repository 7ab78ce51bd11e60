// Asks: who I am, my sessions; ends sessions, changes the password.
import { useState } from 'preact/hooks';
import { useAsked } from '../../api/asked.ts';
import { addressOf, get, send } from '../../api/client.ts';
import { dateTime } from '../../parts/format.ts';
import { Answer } from '../../parts/states.tsx';
import { say } from '../../state/language.ts';
import { useMe } from '../../state/me.ts';
import { signOut } from '../../state/session.ts';
import { signInWords as words } from '../../words/sign-in.ts';
import { SignIn } from './sign-in.tsx';

/** Who the reader is here, which sessions are open, and the password; or the way in. */
export function Account() {
  const me = useMe();
  return (
    <Answer asked={me}>
      {({ person, role }) =>
        person === null ? (
          <SignIn />
        ) : (
          <>
            <div class="screen-head">
              <h1>{person.name}</h1>
              <span class="badge mild">{say(words[`role.${role}`])}</span>
              <button type="button" onClick={() => void signOut()}>
                {say(words.signOut)}
              </button>
            </div>
            <div class="columns">
              <Sessions />
              <Password person={person.id} />
            </div>
          </>
        )
      }
    </Answer>
  );
}

function Sessions() {
  const asked = useAsked('sessions', (signal) => get('/v1/sessions', {}, { signal }));
  const end = async (id: string) => {
    await send('DELETE', addressOf('/v1/sessions/{id}', {}, { id }));
    asked.reload();
  };
  return (
    <section class="card" aria-labelledby="sessions-title">
      <h2 id="sessions-title">{say(words.sessions)}</h2>
      <p class="hint">{say(words.sessionsWhy)}</p>
      <Answer asked={asked}>
        {({ items }) => (
          <ul class="rows">
            {items.map(({ id, since, expiresAt, current }) => (
              <li key={id} class="between">
                <span>
                  {say(words.since, { time: dateTime(since, null, { year: true }) })}{' '}
                  <span class="meta">{say(words.until, { time: dateTime(expiresAt, null) })}</span>
                </span>
                {current ? (
                  <span class="badge mild">{say(words.thisOne)}</span>
                ) : (
                  <button type="button" class="small" onClick={() => void end(id)}>
                    {say(words.end)}
                  </button>
                )}
              </li>
            ))}
          </ul>
        )}
      </Answer>
    </section>
  );
}

function Password({ person }: { readonly person: string }) {
  const [told, setTold] = useState('');
  const change = async (form: HTMLFormElement) => {
    const value = (name: string) => form.querySelector<HTMLInputElement>(`[name=${name}]`)?.value ?? '';
    try {
      const body = {
        password: value('next'),
        ...(value('former') === '' ? {} : { former: value('former') }),
      };
      await send('PUT', addressOf('/v1/persons/{id}/password', {}, { id: person }), body);
      form.reset();
      setTold(say(words.changed));
    } catch (error) {
      setTold((error as Error).message);
    }
  };
  return (
    <form
      class="card stack"
      aria-labelledby="password-title"
      onSubmit={(event) => {
        event.preventDefault();
        void change(event.currentTarget);
      }}
    >
      <h2 id="password-title">{say(words.changePassword)}</h2>
      <label class="field">
        <span>{say(words.former)}</span>
        <input name="former" type="password" autocomplete="current-password" maxLength={1024} />
      </label>
      <label class="field">
        <span>{say(words.next)}</span>
        <input
          name="next"
          type="password"
          autocomplete="new-password"
          required
          minLength={10}
          maxLength={1024}
        />
      </label>
      <button type="submit">{say(words.changePassword)}</button>
      {told !== '' && (
        <p class="notice" role="status">
          {told}
        </p>
      )}
    </form>
  );
}
