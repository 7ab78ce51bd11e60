import { useAsked } from '../../api/asked.ts';
import { addressOf, request } from '../../api/client.ts';
import type { Fates, Receipt } from '../../api/pushing.ts';
import { dateTime } from '../../parts/format.ts';
import { say } from '../../state/language.ts';
import { hrefOf } from '../../state/router.ts';
import { sendWords as words } from '../../words/send.ts';

const againMs = 2_000;
const fateNames = ['stored', 'duplicate', 'superseding', 'pending', 'quarantined'] as const;

/** The receipt, and what becomes of the rows while they are stored. */
export function ReceiptCard({
  receipt,
  onAnother,
}: {
  readonly receipt: Receipt;
  readonly onAnother: () => void;
}) {
  const { data } = useAsked(
    `fates ${receipt.batch}`,
    async (signal) => {
      const address = addressOf('/v1/batches/{batch}', {}, { batch: receipt.batch });
      return (await (await request(address, { signal })).json()) as Fates;
    },
    { everyMs: againMs },
  );
  return (
    <section class="card stack" id="receipt" aria-labelledby="receipt-title">
      <h2 id="receipt-title">{say(words.receipt)}</h2>
      <p>
        <b>
          {say(words.summary, {
            accepted: receipt.accepted,
            refused: receipt.rows - receipt.accepted,
            rows: receipt.rows,
          })}
        </b>
        <span class="meta">
          {say(words.batch)} {receipt.batch} · {say(words.received)}{' '}
          {dateTime(receipt.receivedAt, null, { year: true })}
        </span>
      </p>
      {data !== undefined && (
        <ul class="badges fates">
          {fateNames.map((name) => {
            const count = (data.fates[name] ?? []).reduce((sum, [, length = 0]) => sum + length, 0);
            return count === 0 ? null : (
              <li key={name} class={name === 'quarantined' ? 'badge' : 'badge mild'} data-fate={name}>
                {count} {say(words[name])}
              </li>
            );
          })}
        </ul>
      )}
      <div class="controls">
        <button type="button" onClick={onAnother}>
          {say(words.another)}
        </button>
        {receipt.refused.length > 0 && (
          <a href={hrefOf('mend', { batch: receipt.batch })}>{say(words.toMend)}</a>
        )}
      </div>
    </section>
  );
}
