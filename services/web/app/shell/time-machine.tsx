import { useState } from 'preact/hooks';
import { typed } from '../parts/form.ts';
import { dateTime } from '../parts/format.ts';
import { say } from '../state/language.ts';
import { asOf, choose } from '../state/router.ts';
import { common } from '../words/common.ts';

/** Chooses the moment as of which everything is shown: what came later is not in it. */
export function TimeMachine() {
  const [isOpen, setOpen] = useState(false);
  const moment = asOf.value;
  const take = (text: string) => {
    setOpen(false);
    choose({ asOf: text === '' ? undefined : new Date(text).toISOString() });
  };
  return (
    <div class="time-machine">
      <button type="button" aria-expanded={isOpen} aria-controls="as-of" onClick={() => setOpen(!isOpen)}>
        <span aria-hidden="true">◷ </span>
        {moment === undefined ? say(common.now) : dateTime(moment, null, { year: true })}
      </button>
      {isOpen && (
        <form
          id="as-of"
          class="popover"
          onSubmit={(event) => {
            event.preventDefault();
            take(typed(event.currentTarget, 'asOf'));
          }}
        >
          <label class="field">
            <span>{say(common.timeMachine)}</span>
            <input
              type="datetime-local"
              name="asOf"
              value={localText(moment)}
              max={localText(new Date().toISOString())}
            />
          </label>
          <div class="controls">
            <button type="submit">OK</button>
            <button type="button" onClick={() => take('')}>
              {say(common.backToNow)}
            </button>
          </div>
        </form>
      )}
    </div>
  );
}

/** Says loudly that the present is not what is shown. */
export function PastBand() {
  const moment = asOf.value;
  if (moment === undefined) return null;
  return (
    <div class="notice past" role="status">
      <span>{say(common.pastBand, { time: dateTime(moment, null, { year: true }) })}</span>
      <button type="button" onClick={() => choose({ asOf: undefined })}>
        {say(common.backToNow)}
      </button>
    </div>
  );
}

/** As the browser's own field wants it, by the reader's clock. */
function localText(iso: string | undefined): string {
  if (iso === undefined) return '';
  const time = new Date(iso);
  return new Date(time.getTime() - time.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}
