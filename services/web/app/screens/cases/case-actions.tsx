import { useState } from 'preact/hooks';
import { addressOf, Refused, send, SignInNeeded } from '../../api/client.ts';
import type { Case } from '../../api/types.ts';
import { typed } from '../../parts/form.ts';
import { Choice } from '../../parts/segments.tsx';
import { say } from '../../state/language.ts';
import { useMe } from '../../state/me.ts';
import { caseWords as words } from '../../words/cases.ts';
import { common } from '../../words/common.ts';

const officeSteps = ['acknowledged', 'commented', 'asked', 'shelved', 'closed'] as const;
const plantSteps = ['answered', 'commented'] as const;
type StepName = (typeof officeSteps)[number] | (typeof plantSteps)[number] | 'reopened';

const causes = [
  'start-up-shutdown',
  'malfunction',
  'control-equipment',
  'process',
  'fuel-or-material',
  'monitoring-fault',
  'calibration-maintenance',
  'power-or-network',
  'other',
] as const;
const reasons = ['known-fault', 'declared-maintenance', 'calibration', 'commissioning', 'duplicate'] as const;
const conclusions = ['exceedance-confirmed', 'explained', 'data-fault', 'passed-on', 'no-action'] as const;
const hourMs = 3_600_000;
/** What a step that ends by itself is filled in with, and the most that one officer may ask for alone. */
const hoursDefault = 24;
const hoursMax = 168;

/** What this reader may do about the case now. */
export function CaseActions({ shown, onChanged }: { readonly shown: Case; readonly onChanged: () => void }) {
  const me = useMe().data;
  const steps = stepsOf(shown, me?.role ?? 'analyst');
  const [picked, pick] = useState<StepName>();
  const [failure, setFailure] = useState('');
  if (steps.length === 0) return <p class="hint">{say(words.mayNot)}</p>;
  const step = picked !== undefined && steps.includes(picked) ? picked : steps[0]!;
  const take = async (form: HTMLFormElement) => {
    setFailure('');
    try {
      await send('POST', addressOf('/v1/cases/{id}/steps', {}, { id: shown.id }), bodyOf(step, form));
      form.reset();
      onChanged();
    } catch (error) {
      const mayNot = error instanceof SignInNeeded || (error instanceof Refused && error.status === 403);
      setFailure(mayNot ? say(words.mayNot) : say(common.failed, { reason: (error as Error).message }));
    }
  };
  return (
    <form
      class="stack"
      id="case-actions"
      onSubmit={(event) => {
        event.preventDefault();
        void take(event.currentTarget);
      }}
    >
      <Choice
        label={say(words.act)}
        isLabelHidden
        value={step}
        options={steps.map((name) => [name, say(words[`step.${name}`])])}
        onChoose={(name) => pick(name as StepName)}
      />
      <StepFields step={step} />
      <button type="submit">{say(words[`step.${step}`])}</button>
      {failure !== '' && (
        <p class="notice" role="status">
          {failure}
        </p>
      )}
    </form>
  );
}

function stepsOf({ condition, response }: Case, role: string): readonly StepName[] {
  const isOffice = role === 'officer' || role === 'admin';
  if (condition === 'voided' || (!isOffice && role !== 'plant')) return [];
  if (response === 'closed') return isOffice ? ['reopened'] : [];
  if (!isOffice) return plantSteps;
  return response === 'new' ? officeSteps : officeSteps.filter((step) => step !== 'acknowledged');
}

function StepFields({ step }: { readonly step: StepName }) {
  const needsText = step === 'commented' || step === 'answered';
  return (
    <>
      {step === 'answered' && (
        <Options name="cause" label={say(words.cause)} options={labelled('cause', causes)} />
      )}
      {step === 'shelved' && (
        <Options name="reason" label={say(words.reason)} options={labelled('reason', reasons)} />
      )}
      {step === 'closed' && (
        <Options
          name="conclusion"
          label={say(words.conclusion)}
          options={labelled('conclusion', conclusions)}
        />
      )}
      {(step === 'asked' || step === 'shelved') && (
        <label class="field">
          <span>{say(words.hours)}</span>
          <input name="hours" type="number" min={1} max={hoursMax} value={hoursDefault} required />
        </label>
      )}
      <label class="field">
        <span>{say(needsText ? words.note : words.noteOptional)}</span>
        <textarea name="text" maxLength={2000} rows={3} required={needsText} />
      </label>
      {step === 'answered' && (
        <label class="field">
          <span>{say(words.action)}</span>
          <textarea name="action" maxLength={2000} rows={2} />
        </label>
      )}
    </>
  );
}

type Labelled = readonly (readonly [value: string, text: string])[];

function labelled(group: 'cause' | 'reason' | 'conclusion', values: readonly string[]): Labelled {
  return values.map((value) => [value, say(words[`${group}.${value}` as keyof typeof words])]);
}

function Options(props: { readonly name: string; readonly label: string; readonly options: Labelled }) {
  return (
    <label class="field">
      <span>{props.label}</span>
      <select name={props.name}>
        {props.options.map(([value, text]) => (
          <option key={value} value={value}>
            {text}
          </option>
        ))}
      </select>
    </label>
  );
}

/** The step as the server takes it. */
function bodyOf(step: StepName, form: HTMLFormElement): Record<string, unknown> {
  const text = typed(form, 'text');
  const until = new Date(Date.now() + Number(typed(form, 'hours')) * hourMs);
  const said = text === '' ? {} : { text };
  switch (step) {
    case 'acknowledged':
      return { step, ...(text === '' ? {} : { note: text }) };
    case 'asked':
      return { step, dueAt: until.toISOString(), ...said };
    case 'answered': {
      const action = typed(form, 'action');
      return { step, cause: typed(form, 'cause'), text, ...(action === '' ? {} : { action }) };
    }
    case 'shelved':
      return { step, until: until.toISOString(), reason: typed(form, 'reason'), ...said };
    case 'closed':
      return { step, conclusion: typed(form, 'conclusion'), ...said };
    case 'commented':
    case 'reopened':
      return { step, ...said };
  }
}
