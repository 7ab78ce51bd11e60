// Asks: alerts with filters, enterprises, sites, meters.
import { useState } from 'preact/hooks';
import { useAsked } from '../../api/asked.ts';
import { get } from '../../api/client.ts';
import type { Alert, AnswerOf } from '../../api/types.ts';
import { Exports } from '../../parts/exports.tsx';
import { ago, dateTime, number, percent, unit } from '../../parts/format.ts';
import { LinkedRow, ListTable } from '../../parts/list-table.tsx';
import { Choice, Segments } from '../../parts/segments.tsx';
import { severityText } from '../../parts/severity.ts';
import { Answer } from '../../parts/states.tsx';
import { say } from '../../state/language.ts';
import { enterpriseName, meterName, nameOf, useDirectory, type Directory } from '../../state/names.ts';
import { asOf, choose, hrefOf, place } from '../../state/router.ts';
import { alertWords as words } from '../../words/alerts.ts';
import { common } from '../../words/common.ts';

const pageItems = 50;
const states = { active: 'open,acknowledged', past: 'resolved,replaced,voided', all: undefined } as const;
type StateChoice = keyof typeof states;
const severities = ['', 'warning', 'from-1.1', 'from-1.5', 'from-3', 'from-5', 'from-10'] as const;

/** Every alert: those that are open first, by whom and how much, and the way to each one's page. */
export function Alerts() {
  const { query } = place.value;
  const moment = asOf.value;
  const directory = useDirectory().data;
  const state =
    (Object.keys(states) as StateChoice[]).find((name) => name === query.get('state')) ?? 'active';
  const chosen = {
    state: states[state],
    enterprise: query.get('enterprise') ?? undefined,
    severity: query.get('severity') ?? undefined,
    parameter: query.get('parameter') ?? undefined,
    asOf: moment,
  };
  const asked = useAsked(
    `alerts ${JSON.stringify(chosen)}`,
    (signal) => get('/v1/alerts', { ...chosen, limit: pageItems }, { signal }),
    { live: ['alert'], everyMs: 60_000 },
  );
  return (
    <>
      <div class="screen-head">
        <h1>{say(words.title)}</h1>
        <Exports path="/v1/alerts" query={chosen} name="alerts" />
      </div>
      <div class="controls" role="search">
        <Segments
          label={say(words.state)}
          value={state}
          options={[
            ['active', say(words.active)],
            ['past', say(words.past)],
            ['all', say(common.all)],
          ]}
          onChoose={(value) => choose({ state: value === 'active' ? undefined : value }, { replace: true })}
        />
        <Choice
          label={say(common.enterprise)}
          isLabelHidden
          value={chosen.enterprise ?? ''}
          options={[
            ['', `${say(common.enterprise)}: ${say(common.all)}`],
            ...(directory?.enterprises ?? []).map((item) => [item.id, nameOf(item)] as const),
          ]}
          onChoose={(id) => choose({ enterprise: id }, { replace: true })}
        />
        <Choice
          label={say(words.severity)}
          isLabelHidden
          value={chosen.severity ?? ''}
          options={severities.map((severity) => [
            severity,
            severity === '' ? `${say(words.severity)}: ${say(common.all)}` : severityText(severity),
          ])}
          onChoose={(severity) => choose({ severity }, { replace: true })}
        />
        <label class="field">
          <span class="unseen">{say(words.parameter)}</span>
          <input
            type="search"
            placeholder={say(words.parameter)}
            value={chosen.parameter ?? ''}
            onChange={(event) => choose({ parameter: event.currentTarget.value.trim() }, { replace: true })}
          />
        </label>
      </div>
      <section class="card" aria-label={say(words.title)}>
        <Answer asked={asked} isEmpty={({ items }) => items.length === 0} empty={say(words.none)}>
          {(page) => (
            <AlertTable key={JSON.stringify(chosen)} first={page} chosen={chosen} directory={directory} />
          )}
        </Answer>
      </section>
    </>
  );
}

interface AlertTableProps {
  readonly first: AnswerOf<'/v1/alerts'>;
  readonly chosen: Readonly<Record<string, string | undefined>>;
  readonly directory: Directory | undefined;
}

/** The first page, and more of them as they are wanted. */
function AlertTable({ first, chosen, directory }: AlertTableProps) {
  const [more, setMore] = useState<{ readonly items: readonly Alert[]; readonly next: string | null }>();
  const [isBusy, setBusy] = useState(false);
  const next = more === undefined ? first.next : more.next;
  const shown = [...first.items, ...(more?.items ?? [])];
  const loadMore = async () => {
    setBusy(true);
    const page = await get('/v1/alerts', { ...chosen, limit: pageItems, cursor: next ?? undefined }).finally(
      () => setBusy(false),
    );
    setMore({ items: [...(more?.items ?? []), ...page.items], next: page.next });
  };
  return (
    <>
      <ListTable
        name={say(words.title)}
        columns={[
          say(words.parameter),
          say(words.severity),
          say(words.peak),
          say(words.limit),
          say(common.coverageTitle),
          say(words.sinceTitle),
          say(words.state),
        ]}
      >
        {shown.map((alert) => (
          <AlertRow key={alert.id} alert={alert} directory={directory} />
        ))}
      </ListTable>
      {next !== null && (
        <p class="more">
          <button type="button" disabled={isBusy} onClick={() => void loadMore()}>
            {say(common.more)}
          </button>
        </p>
      )}
    </>
  );
}

function AlertRow({
  alert,
  directory,
}: {
  readonly alert: Alert;
  readonly directory: Directory | undefined;
}) {
  const href = hrefOf('alert', {}, { id: alert.id });
  const { peak, timeZone } = alert;
  return (
    <LinkedRow href={href} look={alert.state}>
      <td>
        <a href={href}>
          <b>{alert.parameter}</b> · {enterpriseName(directory, alert.enterprise)}
        </a>
        <span class="meta">
          {meterName(directory, alert.meter)} · {say(words[`average${alert.averaging}`])}
        </span>
      </td>
      <td>
        {alert.severity !== null && (
          <span class={alert.severity === 'warning' ? 'badge mild' : 'badge'}>
            {severityText(alert.severity)}
          </span>
        )}
        {alert.ratio !== null && <span class="meta">× {number(alert.ratio, 3)}</span>}
      </td>
      <td class="amount">
        {number(peak.mean)} <span class="unit">{unit(alert.unit)}</span>
      </td>
      <td class="amount">
        {peak.bound === 'min' ? '≥ ' : '≤ '}
        {number(peak.limitValue)}
        {!alert.verified && <span class="meta">{say(common.unverified)}</span>}
      </td>
      <td class="amount">{percent(alert.coverage)}</td>
      <td>
        {dateTime(alert.since, timeZone)}
        <span class="meta">{ago(alert.since)}</span>
      </td>
      <td>
        <span class={alert.state === 'open' ? 'badge' : 'badge mild'}>{say(words[alert.state])}</span>
        {alert.stale && <span class="meta">{say(words.stale)}</span>}
      </td>
    </LinkedRow>
  );
}
