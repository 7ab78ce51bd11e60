import { useState } from 'preact/hooks';
import { addressOf, Refused, send } from '../../api/client.ts';
import type { Receipt } from '../../api/pushing.ts';
import { dateTime } from '../../parts/format.ts';
import { typed } from '../../parts/form.ts';
import { say } from '../../state/language.ts';
import { mendWords as words } from '../../words/send.ts';
import type { HeldRow } from './mend.tsx';

const shownMax = 100;

type Fate = { readonly isTaken: boolean; readonly words: string };

/** The rows that were refused for one reason. */
export function ReasonGroup(props: {
  readonly code: string;
  readonly rows: readonly HeldRow[];
  readonly isOpen: boolean;
}) {
  const { code, rows, isOpen } = props;
  const [raws, setRaws] = useState<Readonly<Record<string, string>>>({});
  const [fates, setFates] = useState<Readonly<Record<string, Fate>>>({});
  const [isBusy, setBusy] = useState(false);
  const rawOf = (row: HeldRow) => raws[row.id] ?? row.raw;

  const replay = async (row: HeldRow) => {
    const fate = await replayed(row, rawOf(row));
    setFates((before) => ({ ...before, [row.id]: fate }));
  };
  const replayAll = async () => {
    setBusy(true);
    for (const row of rows) if (fates[row.id]?.isTaken !== true) await replay(row);
    setBusy(false);
  };
  const taken = rows.filter(({ id }) => fates[id]?.isTaken === true).length;

  return (
    <section class="card" aria-labelledby={`reason-${code}`} data-code={code}>
      <div class="card-head">
        <h2 id={`reason-${code}`}>
          {rows[0]!.reason} <span class="count">{say(words.rows, { count: rows.length })}</span>
        </h2>
        {isOpen && (
          <div class="controls">
            {taken > 0 && <span class="meta">{say(words.done, { done: taken, all: rows.length })}</span>}
            <button type="button" disabled={isBusy || taken === rows.length} onClick={() => void replayAll()}>
              {say(words.replayAll)}
            </button>
          </div>
        )}
      </div>
      {isOpen && rows.length > 1 && (
        <form
          class="controls"
          onSubmit={(event) => {
            event.preventDefault();
            const former = typed(event.currentTarget, 'former');
            const next = typed(event.currentTarget, 'next');
            if (former !== '')
              setRaws(Object.fromEntries(rows.map((row) => [row.id, rawOf(row).replaceAll(former, next)])));
          }}
        >
          <label class="inline">
            {say(words.replace)} <input name="former" required />
          </label>
          <label class="inline">
            {say(words.by)} <input name="next" />
          </label>
          <button type="submit" class="small">
            {say(words.inAll)}
          </button>
        </form>
      )}
      <ul class="rows">
        {rows.slice(0, shownMax).map((row) => (
          <li key={row.id} class="held">
            <label class="field">
              <span>
                {say(words.from, {
                  batch: row.batch,
                  row: row.row + 1,
                  time: dateTime(row.receivedAt, null),
                })}
              </span>
              <input
                class="raw"
                value={rawOf(row)}
                readOnly={!isOpen || fates[row.id]?.isTaken === true}
                spellcheck={false}
                onInput={(event) => {
                  const raw = event.currentTarget.value;
                  setRaws((before) => ({ ...before, [row.id]: raw }));
                }}
              />
            </label>
            {isOpen && fates[row.id]?.isTaken !== true && (
              <button type="button" class="small" disabled={isBusy} onClick={() => void replay(row)}>
                {say(words.replay)}
              </button>
            )}
            {fates[row.id] !== undefined && (
              <span class={fates[row.id]!.isTaken ? 'badge mild' : 'meta'} role="status">
                {fates[row.id]!.words}
              </span>
            )}
          </li>
        ))}
      </ul>
    </section>
  );
}

/** Sends the row again, mended where it was changed. */
async function replayed(row: HeldRow, raw: string): Promise<Fate> {
  try {
    const address = addressOf('/v1/quarantine/{id}/replay', {}, { id: row.id });
    const receipt = await send<Receipt>('POST', address, raw === row.raw ? undefined : { raw });
    const refused = receipt.refused[0];
    if (receipt.accepted > 0 || refused === undefined) return { isTaken: true, words: say(words.replayed) };
    return { isTaken: false, words: say(words.refusedAgain, { reason: refused.reason }) };
  } catch (error) {
    const reason = (error instanceof Refused ? error.rows[0]?.reason : undefined) ?? (error as Error).message;
    return { isTaken: false, words: say(words.refusedAgain, { reason }) };
  }
}
