// Asks: cases by view and order, enterprises, sites, meters.
import { useAsked } from '../../api/asked.ts';
import { get } from '../../api/client.ts';
import type { Case } from '../../api/types.ts';
import { Exports } from '../../parts/exports.tsx';
import { ago, dateTime } from '../../parts/format.ts';
import { LinkedRow, ListTable } from '../../parts/list-table.tsx';
import { Choice, Segments } from '../../parts/segments.tsx';
import { severityText } from '../../parts/severity.ts';
import { Answer } from '../../parts/states.tsx';
import { say } from '../../state/language.ts';
import { enterpriseName, siteName, useDirectory, type Directory } from '../../state/names.ts';
import { choose, hrefOf, place } from '../../state/router.ts';
import { caseWords as words } from '../../words/cases.ts';
import { common } from '../../words/common.ts';

const shownMax = 200;
const views = ['attention', 'mine', 'all'] as const;
const orders = ['latest', 'severity', 'due'] as const;

/** The inbox: what needs somebody, what is the reader's, and everything. */
export function Cases() {
  const { query } = place.value;
  const directory = useDirectory().data;
  const view = views.find((name) => name === query.get('view')) ?? 'attention';
  const order = orders.find((name) => name === query.get('order')) ?? 'latest';
  const chosen = { view, order, enterprise: query.get('enterprise') ?? undefined };
  const asked = useAsked(
    `cases ${JSON.stringify(chosen)}`,
    (signal) => get('/v1/cases', { ...chosen, limit: shownMax }, { signal }),
    { live: ['alert'], everyMs: 30_000 },
  );
  return (
    <>
      <div class="screen-head">
        <h1>{say(words.title)}</h1>
        <Exports path="/v1/cases" query={chosen} name="cases" />
      </div>
      <div class="controls" role="search">
        <Segments
          label={say(words.view)}
          value={view}
          options={views.map((name) => [name, say(words[`view.${name}`])])}
          onChoose={(value) => choose({ view: value === 'attention' ? undefined : value }, { replace: true })}
        />
        <Choice
          label={say(words.order)}
          isLabelHidden
          value={order}
          options={orders.map((name) => [name, say(words[`order.${name}`])])}
          onChoose={(value) => choose({ order: value === 'latest' ? undefined : value }, { replace: true })}
        />
        <Choice
          label={say(common.enterprise)}
          isLabelHidden
          value={chosen.enterprise ?? ''}
          options={[
            ['', `${say(common.enterprise)}: ${say(common.all)}`],
            ...(directory?.enterprises ?? []).map(({ id }) => [id, enterpriseName(directory, id)] as const),
          ]}
          onChoose={(id) => choose({ enterprise: id }, { replace: true })}
        />
      </div>
      <section class="card" aria-label={say(words.title)}>
        <Answer asked={asked} isEmpty={({ items }) => items.length === 0} empty={say(words.none)}>
          {({ items }) => (
            <ListTable
              name={say(words.title)}
              columns={[
                say(words.what),
                say(words.condition),
                say(words.response),
                say(words.since),
                say(words.knownUntil),
              ]}
            >
              {items.map((item) => (
                <CaseRow key={item.id} item={item} directory={directory} />
              ))}
            </ListTable>
          )}
        </Answer>
      </section>
    </>
  );
}

function CaseRow({ item, directory }: { readonly item: Case; readonly directory: Directory | undefined }) {
  const href = hrefOf('case', {}, { id: item.id });
  return (
    <LinkedRow href={href}>
      <td>
        <a href={href}>
          <b>{item.parameter ?? kindText(item)}</b> · {enterpriseName(directory, item.enterprise)}
        </a>
        <span class="meta">
          {siteName(directory, item.site)} · {kindText(item)}
        </span>
      </td>
      <td>
        <span class={item.condition === 'open' ? 'badge' : 'badge mild'}>
          {say(words[`condition.${item.condition}`])}
        </span>{' '}
        {item.severity !== null && <span class="meta">{severityText(item.severity)}</span>}
      </td>
      <td>
        <span class={item.needsAttention ? 'badge' : 'badge mild'}>
          {say(words[`response.${item.response}`])}
        </span>
        {item.attention !== 'normal' && <span class="meta">{say(words[`attention.${item.attention}`])}</span>}
        {item.question !== null && item.answer === null && (
          <span class="meta">
            {say(words.answerDue)} {dateTime(item.question.dueAt, item.timeZone)}
          </span>
        )}
      </td>
      <td>
        {dateTime(item.since, item.timeZone)}
        <span class="meta">{ago(item.since)}</span>
      </td>
      <td>{dateTime(item.knownUntil, item.timeZone)}</td>
    </LinkedRow>
  );
}

export function kindText({ kind }: Case): string {
  return kind in { exceedance: 0, 'site-silent': 0, 'long-silence': 0 } ? say(words[`kind.${kind}`]) : kind;
}
