import { useAsked } from '../../api/asked.ts';
import { getAll } from '../../api/client.ts';
import { dateTime, number, percent, unit } from '../../parts/format.ts';
import { Answer } from '../../parts/states.tsx';
import { say } from '../../state/language.ts';
import { alertWords as words } from '../../words/alerts.ts';
import { common } from '../../words/common.ts';

const revisionsMax = 200;

/** Every revision of an alert: when it changed, why, and what it said from then on. */
export function AlertHistory({ id }: { readonly id: string }) {
  const asked = useAsked(
    `alert history ${id}`,
    (signal) => getAll('/v1/alerts/{id}/history', {}, { params: { id }, signal, itemsMax: revisionsMax }),
    { live: ['alert'] },
  );
  return (
    <Answer asked={asked}>
      {(revisions) => (
        <div
          class="wide-table"
          tabIndex={0}
          role="region"
          aria-label={say(common.table, { name: say(words.history) })}
        >
          <table class="list">
            <thead>
              <tr>
                <th scope="col">{say(common.time)}</th>
                <th scope="col">{say(words.cause)}</th>
                <th scope="col">{say(words.state)}</th>
                <th scope="col">{say(words.peak)}</th>
                <th scope="col">{say(words.windows)}</th>
                <th scope="col">{say(common.coverageTitle)}</th>
              </tr>
            </thead>
            <tbody>
              {revisions.toReversed().map((revision) => (
                <tr key={revision.revision}>
                  <td>{dateTime(revision.changedAt, revision.timeZone, { year: true })}</td>
                  <td>{say(words[`cause.${revision.cause}`])}</td>
                  <td>{say(words[revision.state])}</td>
                  <td class="amount">
                    {number(revision.peak.mean)} {unit(revision.unit)}
                  </td>
                  <td class="amount">{number(revision.windows, 6)}</td>
                  <td class="amount">{percent(revision.coverage)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </Answer>
  );
}
