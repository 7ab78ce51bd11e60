import { useState } from 'preact/hooks';
import { useAsked } from '../api/asked.ts';
import { getAll } from '../api/client.ts';
import type { Indicator } from '../api/types.ts';
import { say } from '../state/language.ts';
import { meterName, useDirectory } from '../state/names.ts';
import { hrefOf } from '../state/router.ts';
import { common } from '../words/common.ts';
import { indicatorWords, windowWords, withheldText } from '../words/indicators.ts';
import { Coverage } from './coverage.tsx';
import { Fact } from './facts.tsx';
import { Dialog } from './dialog.tsx';
import { date, dateTime, number, percent, unit } from './format.ts';
import { Answer } from './states.tsx';

/** A published number with its unit and coverage; a click tells where it comes from. */
export function Figure({
  indicator,
  isBare = false,
}: {
  readonly indicator: Indicator;
  readonly isBare?: boolean;
}) {
  const [isOpen, setOpen] = useState(false);
  return (
    <span class="figure">
      <button
        type="button"
        class="figure-button"
        title={say(common.provenance)}
        onClick={() => setOpen(true)}
      >
        {indicator.value === null ? (
          <span class="withheld">{withheldText(indicator.withheld)}</span>
        ) : (
          <>
            <span class="value">{number(indicator.value)}</span>
            <span class="unit"> {unit(indicator.unit)}</span>
          </>
        )}
      </button>
      {!isBare && (
        <span class="meta">
          {date(indicator.start)} <Coverage share={indicator.coverage} />
        </span>
      )}
      {isOpen && <Provenance indicator={indicator} onClose={() => setOpen(false)} />}
    </span>
  );
}

function Provenance({ indicator, onClose }: { readonly indicator: Indicator; readonly onClose: () => void }) {
  const directory = useDirectory().data;
  const from = indicator.start.slice(0, 10);
  const to = indicator.end.slice(0, 10);
  const resource = indicator.unit.split('/')[0];
  const product = indicator.unit.split('/')[1];
  return (
    <Dialog title={indicatorWords(indicator.name)} onClose={onClose}>
      <p class="big">
        {indicator.value === null ? withheldText(indicator.withheld) : number(indicator.value, 6)}{' '}
        <small>{unit(indicator.unit)}</small>
      </p>
      <dl class="facts">
        <Fact name={say(common.window)}>
          {say(windowWords[indicator.window]!)}: {date(indicator.start)}
          {indicator.window === 'P1D' ? '' : ` – ${date(indicator.end)}`}
        </Fact>
        <Fact name={say(common.coverageTitle)}>
          <Coverage share={indicator.coverage} />
        </Fact>
        {indicator.numerator !== null && (
          <Fact name={say(common.numerator)}>
            {number(indicator.numerator, 8)} {unit(resource)}
          </Fact>
        )}
        {indicator.denominator !== null && (
          <Fact name={say(common.denominator)}>
            {number(indicator.denominator, 8)} {unit(product)}
          </Fact>
        )}
        {indicator.estimatedShare !== undefined && (
          <Fact name={say(common.estimatedShare)}>{percent(indicator.estimatedShare)}</Fact>
        )}
        {indicator.matchedShare !== undefined && (
          <Fact name={say(common.matchedShare)}>{percent(indicator.matchedShare)}</Fact>
        )}
        <Fact name={say(common.inputs)}>
          {indicator.inputs.map((input) => (
            <a key={input.meter} class="line" href={hrefOf('explore', { meters: input.meter, from, to })}>
              {meterName(directory, input.meter)} · {say(common.revision, { revision: input.revision })}
            </a>
          ))}
        </Fact>
        {indicator.factors !== undefined && indicator.factors.length > 0 && (
          <Fact name={say(common.factorsUsed)}>
            {indicator.factors.map((factor) => (
              <span key={factor.id} class="line">
                {factor.id} · {say(common.version, { version: factor.version })}
                {!factor.verified && <span class="badge mild"> {say(common.unverified)}</span>}
              </span>
            ))}
          </Fact>
        )}
        <Fact name={say(common.publishedAt)}>
          {dateTime(indicator.publishedAt, null, { year: true })} ·{' '}
          {say(common.revision, { revision: indicator.revision })}
        </Fact>
      </dl>
      <History id={indicator.id} />
    </Dialog>
  );
}

/** Every publication of one number: what it was, when, and what changed it. */
function History({ id }: { readonly id: string }) {
  const asked = useAsked(`history ${id}`, (signal) =>
    getAll('/v1/indicators/{id}/history', {}, { params: { id }, signal, itemsMax: 100 }),
  );
  return (
    <>
      <h3>{say(common.history)}</h3>
      <Answer asked={asked}>
        {(publications) => (
          <ul class="rows history">
            {publications.map(({ id: publication, after, cause, restatement }) => (
              <li key={publication}>
                {dateTime(after.publishedAt, null, { year: true })}{' '}
                <b>
                  {after.value === null
                    ? withheldText(after.withheld)
                    : `${number(after.value, 6)} ${unit(after.unit)}`}
                </b>{' '}
                {restatement && <span class="badge mild">{say(common.restated)}</span>}{' '}
                <span class="meta">{cause}</span>
              </li>
            ))}
          </ul>
        )}
      </Answer>
    </>
  );
}
