// Sends readings, after a preview by the server; asks what became of them.
import { useEffect, useRef, useState } from 'preact/hooks';
import { preview, push, type Draft, type PushPreview, type Receipt } from '../../api/pushing.ts';
import { percent } from '../../parts/format.ts';
import { typed } from '../../parts/form.ts';
import { Segments } from '../../parts/segments.tsx';
import { Failure } from '../../parts/states.tsx';
import { say } from '../../state/language.ts';
import { useMe } from '../../state/me.ts';
import { hrefOf } from '../../state/router.ts';
import { common } from '../../words/common.ts';
import { sendWords as words } from '../../words/send.ts';
import { PreviewTable } from './preview-table.tsx';
import { ReceiptCard } from './receipt-card.tsx';

/** As much as the server takes at once. */
const fileBytesMax = 4 * 1024 * 1024;

/** A file from its dropping to its receipt. */
export function Send() {
  const [draft, setDraft] = useState<Draft>();
  const [checked, setChecked] = useState<PushPreview>();
  const [receipt, setReceipt] = useState<Receipt>();
  const [error, setError] = useState<Error>();
  const [progress, setProgress] = useState<number>();
  const role = useMe().data?.role;

  const check = async (next: Draft) => {
    setDraft(next);
    setChecked(undefined);
    setReceipt(undefined);
    setError(undefined);
    if (next.body.size > fileBytesMax) {
      setError(new Error(say(words.tooLarge, { size: '4 MiB' })));
      return;
    }
    await preview(next).then(setChecked, setError);
  };
  const sendIt = async (ready: Draft) => {
    setError(undefined);
    setProgress(0);
    await push(ready, `web-${crypto.randomUUID()}`, setProgress).then(setReceipt, setError);
    setProgress(undefined);
  };
  const reset = () => {
    setDraft(undefined);
    setChecked(undefined);
    setReceipt(undefined);
  };

  return (
    <>
      <h1>{say(words.title)}</h1>
      {role !== undefined && role !== 'plant' && role !== 'admin' && (
        <p class="notice">
          {say(words.mayNot)} <a href={hrefOf('account')}>{say(common.signInLink)}</a>
        </p>
      )}
      {error !== undefined && <Failure error={error} />}
      {receipt !== undefined ? (
        <ReceiptCard receipt={receipt} onAnother={reset} />
      ) : (
        <>
          <DropZone onDraft={(name, body) => void check({ name, body, decimal: draft?.decimal ?? '' })} />
          {draft !== undefined && (
            <section class="card" id="preview" aria-labelledby="preview-title">
              <div class="card-head">
                <h2 id="preview-title">
                  {say(words.preview)}: {draft.name}
                </h2>
                <Segments
                  label={say(words.decimal)}
                  value={draft.decimal}
                  options={[
                    ['', say(words.decimalFound)],
                    ['comma', '1,5'],
                    ['dot', '1.5'],
                  ]}
                  onChoose={(decimal) => void check({ ...draft, decimal })}
                />
              </div>
              {checked === undefined ? (
                error === undefined && <p class="empty loading">{say(words.checking)}</p>
              ) : (
                <>
                  <PreviewTable preview={checked} />
                  <div class="controls">
                    <button
                      type="submit"
                      id="send"
                      disabled={progress !== undefined || checked.rows === 0}
                      onClick={() => void sendIt(draft)}
                    >
                      {progress === undefined
                        ? say(words.send, { count: checked.rows })
                        : say(words.sending, { share: percent(progress) })}
                    </button>
                    {progress !== undefined && (
                      <progress max={1} value={progress} aria-label={say(words.send)} />
                    )}
                  </div>
                </>
              )}
            </section>
          )}
        </>
      )}
    </>
  );
}

function DropZone({ onDraft }: { readonly onDraft: (name: string, body: Blob) => void }) {
  const [isOver, setOver] = useState(false);
  const zone = useRef<HTMLElement>(null);
  const take = useRef(onDraft);
  take.current = onDraft;
  useEffect(() => {
    const leaving = new AbortController();
    const listen = (name: 'dragover' | 'dragleave' | 'drop', isOverThen: boolean) =>
      zone.current!.addEventListener(
        name,
        (event) => {
          event.preventDefault();
          setOver(isOverThen);
          const file = name === 'drop' ? event.dataTransfer?.files[0] : undefined;
          if (file !== undefined) take.current(file.name, file);
        },
        { signal: leaving.signal },
      );
    listen('dragover', true);
    listen('dragleave', false);
    listen('drop', false);
    return () => leaving.abort();
  }, []);
  return (
    <div class="columns even">
      <section class={isOver ? 'card drop over' : 'card drop'} aria-label={say(words.title)} ref={zone}>
        <p>
          {say(words.drop)}{' '}
          <label class="file">
            {say(words.choose)}
            <input
              type="file"
              class="unseen"
              onChange={(event) => {
                const file = event.currentTarget.files?.[0];
                if (file !== undefined) onDraft(file.name, file);
                event.currentTarget.value = '';
              }}
            />
          </label>
        </p>
        <p class="hint">{say(words.formats)}</p>
      </section>
      <form
        class="card stack"
        onSubmit={(event) => {
          event.preventDefault();
          onDraft('pasted.csv', new Blob([`${typed(event.currentTarget, 'lines')}\n`]));
        }}
      >
        <label class="field">
          <span>{say(words.paste)}</span>
          <textarea name="lines" rows={5} spellcheck={false} required placeholder={'meter;time;value'} />
        </label>
        <button type="submit">{say(words.check)}</button>
      </form>
    </div>
  );
}
