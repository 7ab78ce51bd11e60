import { randomUUID } from 'node:crypto';
import {
  answerCauses,
  caseConclusions,
  caseTextMax,
  idSchema,
  shelfReasons,
  shelfScopes,
  type AlertStep,
  type CaseStep,
  type Role,
} from '@songma/domain';
import { isAllowed, shelfMaxMs } from '@songma/duty';
import type { EventLog } from '@songma/event-log';
import type { HttpApp } from '@songma/runtime';
import { z } from 'zod';
import { readers } from '../access.ts';
import { problem } from '../problems.ts';
import { boundedTimeSchema, described, documented } from '../routes.ts';
import { actorOf, caseParamsSchema, visibleCase, type CaseRoutesDeps } from './case-routes.ts';
import { caseDetailSchema, knownCase, timelineOf, wireOf, type KnownCase } from './case-wire.ts';

export interface StepRoutesDeps extends CaseRoutesDeps {
  readonly eventLog: Pick<EventLog, 'append'>;
}

const text = z.string().trim().min(1).max(caseTextMax);
const stepSchema = z.discriminatedUnion('step', [
  z.strictObject({
    step: z.literal('acknowledged'),
    until: boundedTimeSchema
      .optional()
      .meta({ description: 'When it lapses; as the policy has it unless told.' }),
    note: text.optional(),
  }),
  z.strictObject({ step: z.literal('assigned'), to: idSchema }),
  z.strictObject({
    step: z.literal('commented'),
    text,
    visibility: z.enum(['office', 'plant']).default('office'),
  }),
  z.strictObject({ step: z.literal('asked'), dueAt: boundedTimeSchema, text: text.optional() }),
  z.strictObject({ step: z.literal('answered'), cause: z.enum(answerCauses), text, action: text.optional() }),
  z.strictObject({
    step: z.literal('shelved'),
    scope: z.enum(shelfScopes).default('case'),
    until: boundedTimeSchema,
    oneShot: z.boolean().default(false),
    reason: z.enum(shelfReasons),
    text: text.optional(),
    second: idSchema.optional().meta({ description: 'Another officer who agrees, of a long one.' }),
  }),
  z.strictObject({ step: z.literal('unshelved') }),
  z.strictObject({
    step: z.literal('closed'),
    conclusion: z.enum(caseConclusions),
    text: text.optional(),
    document: z.string().trim().min(1).max(200).optional(),
  }),
  z.strictObject({ step: z.literal('reopened'), text: text.optional() }),
]);
type Asked = z.infer<typeof stepSchema>;

const office: readonly Role[] = ['officer', 'admin'];
const mayDo: Readonly<Record<Asked['step'], readonly Role[]>> = {
  acknowledged: office,
  assigned: office,
  commented: ['plant', 'officer', 'admin'],
  asked: office,
  answered: ['plant'],
  shelved: office,
  unshelved: office,
  closed: office,
  reopened: office,
};
const encoder = new TextEncoder();

/** `POST /v1/cases/{id}/steps`: what people do about a case. */
export function addStepRoutes(app: HttpApp, deps: StepRoutesDeps): void {
  const { gate, registry } = deps;
  const roles = ['plant', 'officer', 'admin'] as const satisfies readonly (typeof readers)[number][];
  const words = described({
    tag: 'alerts',
    roles,
    summary: 'Act on a case',
    description:
      'By the person of the key. Officers acknowledge, assign, comment, ask, shelve, close and reopen; the plant ' +
      'answers and comments, for the office to see. A shelf of more than 24 hours (of silences 7 days) needs a second officer.',
    problems: [
      'not_found',
      'case_voided',
      'case_closed',
      'shelf_too_long',
      'time_passed',
      'person_unknown',
      'body_not_json',
    ],
  });
  app.post(
    '/v1/cases/:id/steps',
    {
      onRequest: gate.allow(roles),
      schema: {
        ...documented(words),
        params: caseParamsSchema,
        body: stepSchema,
        response: { 200: caseDetailSchema, ...words.problems },
      },
    },
    async (request, reply) => {
      const reader = gate.reader(request);
      const { id } = request.params;
      const known = visibleCase(deps, reader, id);
      const allowed = mayDo[request.body.step];
      if (!allowed.includes(reader.role)) {
        throw problem('role_forbidden', { role: reader.role, roles: allowed.join(', ') });
      }
      const step = stepOf(deps, known, request.body, actorOf(deps, reader), reader.role);
      await takeStep(deps, known, step);
      const after = knownCase(deps, id, deps.now())!;
      return reply.send({ case: wireOf(after, registry), timeline: timelineOf(after, reader, registry) });
    },
  );
}

/** Writes a step down; an acknowledgement for the alerts of the case too, which others list. */
export async function takeStep(
  { book, eventLog, seriesStore }: StepRoutesDeps,
  { context }: KnownCase,
  step: CaseStep,
): Promise<void> {
  await book.append([step]);
  if (step.step !== 'acknowledged') return;
  const { at, by, note } = step;
  const open = context.file.occurrences.filter(
    ({ id, condition }) => condition !== 'voided' && book.facts.alert(id) !== undefined,
  );
  const given = open.map(({ id: alert }) => ({ alert, at, by, ...(note === undefined ? {} : { note }) }));
  if (given.length === 0) return;
  await eventLog.append(
    'alerts',
    given.map((acknowledgement) => {
      const value: AlertStep = { step: 'acknowledged', ...acknowledgement };
      const headers = {
        ce_specversion: '1.0',
        ce_id: `${acknowledgement.alert}/acknowledged`,
        ce_source: '/api',
        ce_type: 'vn.songma.alert-step.v1',
        ce_time: new Date(at).toISOString(),
        ce_subject: acknowledgement.alert,
      };
      return { key: acknowledgement.alert, value: encoder.encode(JSON.stringify(value)), headers };
    }),
  );
  await seriesStore.keep({ rollups: [], indicators: [], acknowledgements: given });
}

/** The step as it is written down. @throws HttpProblem for what cannot be done as the case stands */
function stepOf(
  { registry, now }: StepRoutesDeps,
  { judged, context }: KnownCase,
  asked: Asked,
  by: string,
  role: Role,
): CaseStep {
  const { state, shelf } = judged;
  // After what was said of the case before, so that of two steps everybody knows the later one.
  const at = Math.max(now(), (context.file.steps.at(-1)?.at ?? 0) + 1);
  const common = { id: randomUUID(), case: state.id, at };
  const personal = { ...common, by, via: 'api' } as const;
  const isOver = state.condition === 'voided' && asked.step !== 'commented' && asked.step !== 'answered';
  if (isOver) throw problem('case_voided', { id: state.id });
  if (state.response === 'closed' && (asked.step === 'acknowledged' || asked.step === 'asked')) {
    throw problem('case_closed', { id: state.id });
  }
  const ahead = (text_: string) => {
    const time = Date.parse(text_);
    if (time <= at) throw problem('time_passed', { time: text_ });
    return time;
  };
  const person = (id: string) => {
    const found = registry.get('person', id)?.body;
    if (found === undefined || found.role === 'plant') throw problem('person_unknown', { id });
    return id;
  };
  switch (asked.step) {
    case 'acknowledged': {
      const { until, note } = asked;
      const policyMs = lapseOf(judged, registry);
      const ends = until === undefined ? (policyMs === undefined ? undefined : at + policyMs) : ahead(until);
      return {
        step: 'acknowledged',
        ...personal,
        ...(ends === undefined ? {} : { until: ends }),
        ...(note === undefined ? {} : { note }),
      };
    }
    case 'assigned':
      return { step: 'assigned', ...personal, to: person(asked.to) };
    case 'commented': {
      // A plant writes to the office; what it writes it sees itself.
      const visibility = role === 'plant' ? 'plant' : asked.visibility;
      return { step: 'commented', ...personal, text: asked.text, visibility };
    }
    case 'asked': {
      const dueAt = ahead(asked.dueAt);
      return {
        step: 'asked',
        ...common,
        by,
        dueAt,
        ...(asked.text === undefined ? {} : { text: asked.text }),
      };
    }
    case 'answered': {
      const { cause, action } = asked;
      return {
        step: 'answered',
        ...personal,
        cause,
        text: asked.text,
        ...(action === undefined ? {} : { action }),
      };
    }
    case 'shelved': {
      const { scope, oneShot, reason, second } = asked;
      const until = ahead(asked.until);
      if (second !== undefined) person(second);
      const shelved = {
        step: 'shelved',
        ...personal,
        scope,
        until,
        oneShot,
        reason,
        ...(asked.text === undefined ? {} : { text: asked.text }),
        ...(second === undefined ? {} : { second }),
      } as const;
      if (isAllowed(shelved, state.kind)) return shelved;
      const alone = state.kind === 'exceedance' ? shelfMaxMs.exceedance : shelfMaxMs.other;
      const days = (ms: number) => ms / 86_400_000;
      throw problem('shelf_too_long', { alone: days(alone), second: days(shelfMaxMs.second) });
    }
    case 'unshelved':
      return { step: 'unshelved', ...personal, case: shelf.current?.case ?? state.id };
    case 'closed': {
      const { conclusion, document } = asked;
      return {
        step: 'closed',
        ...personal,
        conclusion,
        severity: state.severity,
        ...(asked.text === undefined ? {} : { text: asked.text }),
        ...(document === undefined ? {} : { document }),
      };
    }
    case 'reopened':
      return { step: 'reopened', ...personal, ...(asked.text === undefined ? {} : { text: asked.text }) };
  }
}

/** How long an acknowledgement lasts by the policy of the case; undefined: until it is over. */
export function lapseOf(
  { state }: KnownCase['judged'],
  registry: CaseRoutesDeps['registry'],
): number | undefined {
  const [id] = (state.escalations[0]?.policy ?? '').split('@');
  const policy = id === undefined ? undefined : registry.get('policy', id)?.body;
  const minutes = policy === undefined ? 3 * 1440 : policy.ackLapseMin;
  return minutes === undefined ? undefined : minutes * 60_000;
}
