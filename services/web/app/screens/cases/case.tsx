// Asks: a case with its timeline, enterprises, sites, meters; sends steps.
import { useState } from 'preact/hooks';
import { useAsked } from '../../api/asked.ts';
import { addressOf, download, get } from '../../api/client.ts';
import type { CaseDetail } from '../../api/types.ts';
import { Fact } from '../../parts/facts.tsx';
import { dateTime } from '../../parts/format.ts';
import { severityText } from '../../parts/severity.ts';
import { Answer } from '../../parts/states.tsx';
import { currentLanguage, say } from '../../state/language.ts';
import { enterpriseName, meterName, siteName, useDirectory } from '../../state/names.ts';
import { hrefOf, place } from '../../state/router.ts';
import { caseWords as words } from '../../words/cases.ts';
import { common } from '../../words/common.ts';
import { CaseActions } from './case-actions.tsx';
import { kindText } from './cases.tsx';
import { Timeline } from './timeline.tsx';

/** One case: what machines found, what people did, and what can be done. */
export function CaseScreen() {
  const id = place.value.params['id'] ?? '';
  const asked = useAsked(`case ${id}`, (signal) => get('/v1/cases/{id}', {}, { params: { id }, signal }), {
    live: ['alert'],
    everyMs: 30_000,
  });
  return (
    <>
      <p>
        <a href={hrefOf('cases')}>← {say(words.title)}</a>
      </p>
      <Answer asked={asked}>{(detail) => <CasePage detail={detail} onChanged={asked.reload} />}</Answer>
    </>
  );
}

function CasePage({ detail, onChanged }: { readonly detail: CaseDetail; readonly onChanged: () => void }) {
  const directory = useDirectory().data;
  const { case: shown, timeline } = detail;
  const zone = shown.timeZone;
  return (
    <>
      <div class="screen-head">
        <div>
          <h1>
            {shown.parameter ?? kindText(shown)} · {enterpriseName(directory, shown.enterprise)}
          </h1>
          <p class="hint">
            {siteName(directory, shown.site)}
            {shown.meter !== null && ` · ${meterName(directory, shown.meter)}`}
          </p>
        </div>
        <p class="head badges">
          <span class={shown.condition === 'open' ? 'badge' : 'badge mild'}>
            {say(words[`condition.${shown.condition}`])}
          </span>
          {shown.severity !== null && <span class="badge">{severityText(shown.severity)}</span>}
          <span class={shown.needsAttention ? 'badge' : 'badge mild'}>
            {say(words[`response.${shown.response}`])}
          </span>
          {shown.attention !== 'normal' && (
            <span class="badge mild">{say(words[`attention.${shown.attention}`])}</span>
          )}
        </p>
      </div>
      <div class="columns">
        <section class="card" aria-label={say(common.provenance)}>
          <dl class="facts first">
            <Fact name={say(words.since)}>{dateTime(shown.since, zone, { year: true })}</Fact>
            <Fact name={say(words.knownUntil)}>{dateTime(shown.knownUntil, zone, { year: true })}</Fact>
            {shown.assignee !== null && <Fact name={say(words.assignee)}>{shown.assignee}</Fact>}
            {shown.question !== null && (
              <Fact name={say(words.answerDue)}>{dateTime(shown.question.dueAt, zone, { year: true })}</Fact>
            )}
            {shown.answer !== null && (
              <Fact name={say(words['step.answered'])}>
                {say(words[`cause.${shown.answer.cause}`])}
                <q>{shown.answer.text}</q>
              </Fact>
            )}
            {shown.closed !== null && (
              <Fact name={say(words.conclusion)}>{say(words[`conclusion.${shown.closed.conclusion}`])}</Fact>
            )}
            {shown.kind === 'exceedance' && (
              <Fact name={say(words.alerts)}>
                {shown.alerts.map((alert, index) => (
                  <a key={alert} class="meta" title={alert} href={hrefOf('alert', {}, { id: alert })}>
                    {say(words.alertNumber, { number: index + 1 })}
                  </a>
                ))}
              </Fact>
            )}
          </dl>
        </section>
        <section class="card" aria-labelledby="act-title">
          <h2 id="act-title">{say(words.act)}</h2>
          <CaseActions shown={shown} onChanged={onChanged} />
        </section>
      </div>
      {shown.kind === 'exceedance' && <Evidence id={shown.id} />}
      <section class="card" aria-labelledby="timeline-title">
        <h2 id="timeline-title">{say(words.timeline)}</h2>
        <Timeline timeline={timeline} zone={zone} />
      </section>
    </>
  );
}

function Evidence({ id }: { readonly id: string }) {
  const [failure, setFailure] = useState('');
  const take = (format: 'pdf' | 'json') => {
    setFailure('');
    const asked = { format, ...(format === 'pdf' ? { language: currentLanguage() } : {}) };
    const name = `${id.replace(/\W+/g, '-')}.${format}`;
    download(addressOf('/v1/cases/{id}/evidence', asked, { id }), name).catch((error: Error) =>
      setFailure(error.message),
    );
  };
  return (
    <section class="card" aria-labelledby="evidence-title">
      <div class="card-head">
        <h2 id="evidence-title">{say(words.evidence)}</h2>
        <span class="exports">
          <button type="button" class="small" onClick={() => take('pdf')}>
            PDF
          </button>
          <button type="button" class="small" onClick={() => take('json')}>
            JSON
          </button>
        </span>
      </div>
      <p class="hint">{say(words.evidenceHint)}</p>
      {failure !== '' && (
        <p class="notice" role="status">
          {failure}
        </p>
      )}
    </section>
  );
}
