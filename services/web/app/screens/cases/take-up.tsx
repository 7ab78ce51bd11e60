// Sends the token of a message's link, when the reader says so.
import { useState } from 'preact/hooks';
import { send } from '../../api/client.ts';
import { say } from '../../state/language.ts';
import { hrefOf } from '../../state/router.ts';
import { caseWords as words } from '../../words/cases.ts';
import { common } from '../../words/common.ts';

interface Taken {
  readonly case: string;
  readonly name: string;
}

/**
 * Where the link of a message leads. Programs open every link of a mail, so that being here changes nothing: the token
 * stands behind the #, which no server is told, and only the button sends it.
 */
export function TakeUp() {
  const token = new URLSearchParams(location.hash.slice(1)).get('t') ?? '';
  const [taken, setTaken] = useState<Taken>();
  const [failure, setFailure] = useState('');
  const takeUp = async () => {
    setFailure('');
    try {
      setTaken(await send<Taken>('POST', '/v1/acknowledge', { token }));
    } catch (error) {
      setFailure(say(common.failed, { reason: (error as Error).message }));
    }
  };
  return (
    <section class="card stack">
      <h1>{say(words.linkTitle)}</h1>
      {token === '' && <p>{say(words.linkMissing)}</p>}
      {token !== '' && taken === undefined && (
        <>
          <p>{say(words.linkText)}</p>
          <button type="button" onClick={() => void takeUp()}>
            {say(words['step.acknowledged'])}
          </button>
        </>
      )}
      {taken !== undefined && (
        <>
          <p class="notice calm" role="status">
            {say(words.linkDone, { name: taken.name })}
          </p>
          <a href={hrefOf('case', {}, { id: taken.case })}>{say(words.toCase)}</a>
        </>
      )}
      {failure !== '' && (
        <p class="notice" role="status">
          {failure}
        </p>
      )}
    </section>
  );
}
