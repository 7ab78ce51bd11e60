import { useState } from 'preact/hooks';
import { addressOf, Refused, send, SignInNeeded } from '../../api/client.ts';
import type { Alert } from '../../api/types.ts';
import { typed } from '../../parts/form.ts';
import { dateTime } from '../../parts/format.ts';
import { say } from '../../state/language.ts';
import { asOf } from '../../state/router.ts';
import { alertWords as words } from '../../words/alerts.ts';
import { common } from '../../words/common.ts';

/** Says who has taken the alert up, or lets the reader do it. */
export function Acknowledge({ alert, onChanged }: { readonly alert: Alert; readonly onChanged: () => void }) {
  const [failure, setFailure] = useState('');
  const { acknowledged } = alert;
  if (acknowledged !== null) {
    const time = dateTime(acknowledged.at, alert.timeZone, { year: true });
    return (
      <p class="notice calm">
        {say(words.acknowledgedBy, { by: acknowledged.by, time })}
        {acknowledged.note !== null && <q>{acknowledged.note}</q>}
      </p>
    );
  }
  // The past cannot be acted on.
  if (alert.state !== 'open' || asOf.value !== undefined) return null;
  const acknowledge = async (note: string) => {
    setFailure('');
    try {
      const address = addressOf('/v1/alerts/{id}/acknowledge', {}, { id: alert.id });
      await send('POST', address, note === '' ? {} : { note });
      onChanged();
    } catch (error) {
      if (error instanceof SignInNeeded || (error instanceof Refused && error.status === 403))
        setFailure(say(words.maySign));
      else setFailure(say(common.failed, { reason: (error as Error).message }));
    }
  };
  return (
    <form
      class="stack"
      onSubmit={(event) => {
        event.preventDefault();
        void acknowledge(typed(event.currentTarget, 'note'));
      }}
    >
      <label class="field">
        <span>{say(words.note)}</span>
        <input name="note" maxLength={1000} />
      </label>
      <button type="submit">{say(words.acknowledge)}</button>
      {failure !== '' && (
        <p class="notice" role="status">
          {failure}
        </p>
      )}
    </form>
  );
}
