import type { CaseDetail } from '../../api/types.ts';
import { dateTime } from '../../parts/format.ts';
import { say } from '../../state/language.ts';
import { caseWords as words } from '../../words/cases.ts';

type Entry = CaseDetail['timeline'][number];

/** Everything that was said and told of a case, in its order. */
export function Timeline(props: { readonly timeline: readonly Entry[]; readonly zone: string }) {
  return (
    <ol class="history" id="timeline">
      {props.timeline.map((entry, index) => (
        <li key={index}>
          <time dateTime={entry.at}>{dateTime(entry.at, props.zone, { year: true })}</time>{' '}
          <b>{titleOf(entry)}</b>
          {entry.by !== null && ` · ${entry.by}`}
          {detailsOf(entry, props.zone).map((detail) => (
            <span key={detail} class="meta">
              {detail}
            </span>
          ))}
          {entry.text !== null && <q>{entry.text}</q>}
        </li>
      ))}
    </ol>
  );
}

function titleOf({ what, more }: Entry): string {
  // The first step of a policy goes to nobody higher.
  if (what === 'escalated' && more['level'] === 0 && more['round'] === 0) return say(words.told);
  return worded(`step.${what}`, what);
}

/** What else a step says, as far as people read it. */
function detailsOf({ what, more }: Entry, zone: string): string[] {
  const text = (name: string) => (typeof more[name] === 'string' ? more[name] : '');
  const time = (name: string) => (text(name) === '' ? '' : dateTime(text(name), zone, { year: true }));
  switch (what) {
    case 'escalated':
      return [
        (more['to'] as readonly { person: string }[]).map(({ person }) => person).join(', '),
        more['nobody'] === true ? say(words.nobody) : '',
        time('notBefore') === '' ? '' : say(words.notBefore, { time: time('notBefore') }),
      ].filter((detail) => detail !== '');
    case 'notice':
      return [`${text('person')} · ${worded(`notice.${text('state')}`, text('state'))}`];
    case 'asked':
      return [`${say(words.answerDue)} ${time('dueAt')}`];
    case 'assigned':
      return [text('to')];
    case 'answered':
      return [worded(`cause.${text('cause')}`, text('cause')), text('action')].filter((part) => part !== '');
    case 'shelved':
      return [
        `${worded(`reason.${text('reason')}`, text('reason'))} · ${say(words.until, { time: time('until') })}`,
      ];
    case 'closed':
      return [worded(`conclusion.${text('conclusion')}`, text('conclusion'))];
    default:
      return [];
  }
}

/** A word of ours for what the server names, or its own where it is newer than this page. */
function worded(name: string, otherwise: string): string {
  return name in words ? say(words[name as keyof typeof words]) : otherwise;
}
