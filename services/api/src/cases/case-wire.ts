import type { CaseBook } from '@songma/cases';
import {
  answerCauses,
  caseConclusions,
  caseKinds,
  caseWays,
  severities,
  shelfReasons,
  type CaseStep,
} from '@songma/domain';
import { judgeCase, type CaseContext, type JudgedCase, type NoticeState } from '@songma/duty';
import type { Registry } from '@songma/registry';
import { z } from 'zod';
import type { Reader } from '../access.ts';
import { houseZone, isoInZone } from '../iso-time.ts';
import { isoTimeSchema } from '../routes.ts';

export const conditions = ['open', 'ended', 'voided'] as const;
export const responses = ['new', 'acknowledged', 'answered', 'closed'] as const;
export const attentions = ['normal', 'shelved', 'out-of-service', 'repeating', 'same-episode'] as const;

/** A case as it is answered: times as text, in the zone of its site. */
export const caseWireSchema = z
  .object({
    id: z.string(),
    kind: z.enum(caseKinds),
    enterprise: z.string(),
    site: z.string(),
    source: z.string().nullable(),
    meter: z.string().nullable(),
    limit: z.string().nullable(),
    parameter: z.string().nullable(),
    severity: z.enum(severities).nullable(),
    condition: z.enum(conditions).meta({ description: 'What machines find; people do not change it.' }),
    response: z.enum(responses).meta({ description: 'What people did; an acknowledgement lapses.' }),
    attention: z.enum(attentions).meta({ description: 'Why nobody is told, where that is so.' }),
    needsAttention: z.boolean(),
    since: isoTimeSchema,
    knownUntil: isoTimeSchema,
    raisedAt: isoTimeSchema,
    changedAt: isoTimeSchema,
    assignee: z.string().nullable(),
    acknowledged: z.object({ at: isoTimeSchema, by: z.string(), until: isoTimeSchema.nullable() }).nullable(),
    question: z.object({ at: isoTimeSchema, dueAt: isoTimeSchema, by: z.string().nullable() }).nullable(),
    answer: z
      .object({ at: isoTimeSchema, by: z.string(), cause: z.enum(answerCauses), text: z.string() })
      .nullable(),
    closed: z.object({ at: isoTimeSchema, by: z.string(), conclusion: z.enum(caseConclusions) }).nullable(),
    shelf: z.object({ until: isoTimeSchema, by: z.string(), reason: z.enum(shelfReasons) }).nullable(),
    alerts: z.array(z.string()).meta({ description: 'What it is made of, in the order of their raising.' }),
    timeZone: z.string(),
  })
  .meta({ title: 'Case' });
export type CaseWire = z.infer<typeof caseWireSchema>;

const entrySchema = z
  .object({
    at: isoTimeSchema,
    what: z.string().meta({ description: 'A step, or `notice` of what somebody was told.' }),
    by: z.string().nullable(),
    via: z.enum(caseWays).nullable(),
    text: z.string().nullable(),
    more: z.record(z.string(), z.unknown()).meta({ description: 'What else the step says.' }),
  })
  .meta({ title: 'CaseEntry' });
export type CaseEntry = z.infer<typeof entrySchema>;
export const caseDetailSchema = z
  .object({ case: caseWireSchema, timeline: z.array(entrySchema) })
  .meta({ title: 'CaseDetail' });

type Deps = { readonly book: CaseBook; readonly registry: Registry };

/** A case that is known; undefined where there is none. The id may be that of any alert of it. */
export function knownCase({ book, registry }: Deps, id: string, now: number) {
  const context = book.facts.context(book.facts.groups.caseOf(id) ?? id, registry);
  return context === undefined ? undefined : { context, judged: judgeCase(context, now) };
}
export type KnownCase = NonNullable<ReturnType<typeof knownCase>>;

export function caseWire(judged: JudgedCase, alerts: readonly string[], registry: Registry): CaseWire {
  const { state, shelf, attention, needsAttention } = judged;
  const zone = registry.get('site', state.site)?.body.timeZone ?? houseZone;
  const iso = (time: number) => isoInZone(time, zone);
  const { acknowledged, question, answer, closed } = state;
  return {
    id: state.id,
    kind: state.kind,
    enterprise: state.enterprise,
    site: state.site,
    source: state.source ?? null,
    meter: state.meter ?? null,
    limit: state.limit ?? null,
    parameter: state.parameter ?? null,
    severity: state.severity,
    condition: state.condition,
    response: state.response,
    attention,
    needsAttention,
    since: iso(state.since),
    knownUntil: iso(state.knownUntil),
    raisedAt: iso(state.raisedAt),
    changedAt: iso(state.changedAt),
    assignee: state.assignee ?? null,
    acknowledged:
      acknowledged === undefined
        ? null
        : {
            at: iso(acknowledged.at),
            by: acknowledged.by,
            until: acknowledged.until === undefined ? null : iso(acknowledged.until),
          },
    question:
      question === undefined
        ? null
        : { at: iso(question.at), dueAt: iso(question.dueAt), by: question.by ?? null },
    answer:
      answer === undefined
        ? null
        : { at: iso(answer.at), by: answer.by, cause: answer.cause, text: answer.text },
    closed:
      closed === undefined ? null : { at: iso(closed.at), by: closed.by, conclusion: closed.conclusion },
    shelf:
      shelf.current === undefined
        ? null
        : { until: iso(shelf.current.until), by: shelf.current.by, reason: shelf.current.reason },
    alerts: [...alerts],
    timeZone: zone,
  };
}

export function wireOf({ context, judged }: KnownCase, registry: Registry): CaseWire {
  const ids = context.file.occurrences.map(({ id }) => id);
  return caseWire(judged, ids, registry);
}

/** Steps that a plant sees of its own case. */
const shownToPlants: ReadonlySet<CaseStep['step']> = new Set([
  'incident',
  'acknowledged',
  'asked',
  'answered',
  'closed',
  'reopened',
]);

/** What a reader may know of what was said and told of a case: a plant no word within the office. */
export function shownTo(reader: Reader, { file, notices }: CaseContext, registry: Registry) {
  if (reader.role !== 'plant') return { steps: file.steps, notices };
  const enterprise = file.occurrences[0]?.enterprise;
  return {
    steps: file.steps.filter(
      (step) => shownToPlants.has(step.step) || (step.step === 'commented' && step.visibility === 'plant'),
    ),
    notices: notices.filter(({ person }) => registry.get('person', person)?.body.enterprise === enterprise),
  };
}

/** Everything that was said and told of a case that this reader may know, in its order. */
export function timelineOf({ context }: KnownCase, reader: Reader, registry: Registry): CaseEntry[] {
  const zone = registry.get('site', context.file.occurrences[0]!.site)?.body.timeZone ?? houseZone;
  const { steps, notices } = shownTo(reader, context, registry);
  return [...steps.map((step) => entryOfStep(step, zone)), ...notices.map((one) => entryOfNotice(one, zone))]
    .toSorted((a, b) => a.time - b.time)
    .map(({ entry }) => entry);
}

interface Timed {
  readonly time: number;
  readonly entry: CaseEntry;
}

function entryOfStep(step: CaseStep, zone: string): Timed {
  const { step: what, at, id: _id, case: of, ...rest } = step;
  const { by = null, via = null, text = null, note, ...more } = rest as Record<string, unknown>;
  const told = Object.entries(more).map(([name, value]) => [
    name,
    isTime(name) && typeof value === 'number' ? isoInZone(value, zone) : value,
  ]);
  return {
    time: at,
    entry: {
      at: isoInZone(at, zone),
      what,
      by: by as string | null,
      via: via as CaseEntry['via'],
      text: (text ?? note ?? null) as string | null,
      more: { case: of, ...(Object.fromEntries(told) as Record<string, unknown>) },
    },
  };
}

function isTime(name: string): boolean {
  return ['until', 'dueAt', 'notBefore'].includes(name);
}

function entryOfNotice(
  { id, person, channel, purpose, plannedAt, state, at, code, ref }: NoticeState,
  zone: string,
): Timed {
  const told = { notice: id, person, channel, purpose, state, stateAt: isoInZone(at, zone) };
  const more = { ...told, ...(code === undefined ? {} : { code }), ...(ref === undefined ? {} : { ref }) };
  return {
    time: plannedAt,
    entry: { at: isoInZone(plannedAt, zone), what: 'notice', by: null, via: null, text: null, more },
  };
}
