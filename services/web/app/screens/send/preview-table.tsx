import type { PushPreview } from '../../api/pushing.ts';
import { dateTime, number, unit } from '../../parts/format.ts';
import { say } from '../../state/language.ts';
import { meterName, useDirectory } from '../../state/names.ts';
import { common } from '../../words/common.ts';
import { sendWords as words } from '../../words/send.ts';

const refusedShownMax = 50;

/** The first rows as they would be stored, and which would be refused, and why. */
export function PreviewTable({ preview }: { readonly preview: PushPreview }) {
  const directory = useDirectory().data;
  const { rows, accepted, refused, numbers, first } = preview;
  return (
    <>
      <p id="preview-summary">
        <b>{say(words.summary, { accepted, refused: rows - accepted, rows })}</b>{' '}
        {numbers !== undefined && (
          <span class="meta">{say(words.numbers, { decimal: say(words[numbers.decimal]) })}</span>
        )}
      </p>
      {refused.length > 0 && (
        <>
          <h3>{say(words.refusedTitle)}</h3>
          <p class="hint">{say(words.refusedWait)}</p>
          <ul class="rows refused">
            {refused.slice(0, refusedShownMax).map(({ row, code, reason }) => (
              <li key={row}>
                <b>
                  {say(words.row)} {row + 1}
                </b>{' '}
                {reason} <span class="meta">{code}</span>
              </li>
            ))}
          </ul>
        </>
      )}
      {first.length > 0 && (
        <>
          <h3>{say(words.firstRows, { count: first.length })}</h3>
          <div
            class="wide-table"
            tabIndex={0}
            role="region"
            aria-label={say(common.table, { name: say(words.preview) })}
          >
            <table class="list">
              <thead>
                <tr>
                  <th scope="col">{say(words.row)}</th>
                  <th scope="col">{say(common.meter)}</th>
                  <th scope="col">{say(common.time)}</th>
                  <th scope="col">{say(common.value)}</th>
                  <th scope="col">{say(words.status)}</th>
                </tr>
              </thead>
              <tbody>
                {first.map((reading) => (
                  <tr key={reading.row}>
                    <td>{reading.row + 1}</td>
                    <td>
                      {meterName(directory, reading.meter)} <span class="meta">{reading.meter}</span>
                    </td>
                    <td>{dateTime(reading.time, null, { year: true })}</td>
                    <td class="amount">
                      {reading.value === null ? '–' : number(reading.value, 10)}{' '}
                      <span class="unit">{unit(reading.unit)}</span>
                    </td>
                    <td>{say(words[`status.${reading.status}`])}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        </>
      )}
    </>
  );
}
