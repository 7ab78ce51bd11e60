import { caseKinds, idSchema, severities } from '@songma/domain';
import { policyOf, routees, turnsOf, waysOf, type NoticeState } from '@songma/duty';
import type { HttpApp } from '@songma/runtime';
import { z } from 'zod';
import { mayKnow } from '../access.ts';
import { houseZone, isoInZone } from '../iso-time.ts';
import { problem } from '../problems.ts';
import { paramsSchema } from '../registry/registry-routes.ts';
import { described, documented, isoTimeSchema } from '../routes.ts';
import { staff, type CaseRoutesDeps } from './case-routes.ts';
import { knownCase } from './case-wire.ts';

const [minuteMs, hourMs, dayMs] = [60_000, 3_600_000, 86_400_000] as const;
/** Days that a calendar shows, and that are looked ahead for gaps. */
const calendarDays = 90;
const aheadDays = 14;
const iso = (time: number) => isoInZone(time, houseZone);

/** `GET /v1/desk/route`, `/v1/desk/health`, `/v1/rosters/{id}/calendar.ics`. */
export function addDeskRoutes(app: HttpApp, deps: CaseRoutesDeps): void {
  addRoute(app, deps);
  addHealth(app, deps);
  addCalendar(app, deps);
}

const toldSchema = z.object({
  person: z.string(),
  name: z.string(),
  why: z.string().meta({ description: 'By which rule.', examples: ['roster centre'] }),
  ways: z.array(z.string()).meta({ description: 'Channels by which the message would go; empty: none.' }),
});

function addRoute(app: HttpApp, { gate, registry, now }: CaseRoutesDeps): void {
  const words = described({
    tag: 'alerts',
    roles: staff,
    summary: 'Who would be told, when, and by which rule',
    problems: ['not_found'],
  });
  app.get(
    '/v1/desk/route',
    {
      onRequest: gate.allow(staff),
      schema: {
        ...documented(words),
        querystring: z.strictObject({
          site: idSchema,
          kind: z.enum(caseKinds).default('exceedance'),
          severity: z.enum(severities).optional(),
        }),
        response: {
          200: z.object({
            policy: z.string().meta({ description: '`id@version`, or `default` where none selects it.' }),
            steps: z.array(
              z.object({
                afterMin: z.number(),
                hours: z.enum(['always', 'office']),
                at: isoTimeSchema,
                told: z.array(toldSchema),
              }),
            ),
          }),
          ...words.problems,
        },
      },
    },
    async (request, reply) => {
      const { site: id, kind, severity = null } = request.query;
      const site = registry.get('site', id)?.body;
      if (site === undefined || !mayKnow(gate.reader(request), { enterprise: site.enterprise, site: id })) {
        throw problem('not_found', { kind: 'site', id });
      }
      const routed = { kind, severity, site: id, enterprise: site.enterprise };
      const policy = policyOf(routed, registry);
      let at = now();
      const steps = policy.steps.map(({ afterMin, hours = 'always', to }) => {
        at += afterMin * minuteMs;
        const told = routees(to, routed, registry, at).map(({ person, why }) => ({
          person,
          name: registry.get('person', person)?.body.name ?? person,
          why,
          ways: waysOf(person, routed, registry).map((way) => way.id),
        }));
        return { afterMin, hours, at: iso(at), told };
      });
      return reply.send({ policy: policy.id, steps });
    },
  );
}

function addHealth(app: HttpApp, deps: CaseRoutesDeps): void {
  const { gate, registry, book, now } = deps;
  const words = described({ tag: 'alerts', roles: staff, summary: 'How the desk itself is doing' });
  app.get(
    '/v1/desk/health',
    {
      onRequest: gate.allow(staff),
      schema: {
        ...documented(words),
        response: {
          200: z.object({
            cases: z.int(),
            needAttention: z.int(),
            answersOverdue: z.int(),
            noticesWaiting: z.int(),
            dead: z.int().meta({ description: 'Notices of the last seven days that reached nobody.' }),
            persons: z
              .array(
                z.object({
                  person: z.string(),
                  lastHour: z.int(),
                  lastDay: z.int(),
                  peakTenMinutes: z.int(),
                }),
              )
              .meta({ description: 'Messages to each person who got some in the last day.' }),
            acknowledgedAfterMin: z
              .number()
              .nullable()
              .meta({ description: 'Median of the last seven days, minutes from the raising.' }),
            unreachable: z
              .array(
                z.object({ roster: z.string(), person: z.string(), from: isoTimeSchema, to: isoTimeSchema }),
              )
              .meta({
                description: `Whoever is on duty in the next ${aheadDays} days and has no way to be told.`,
              }),
          }),
          ...words.problems,
        },
      },
    },
    async (_request, reply) => {
      const at = now();
      const cases = [...book.facts.groups.ids()].flatMap((id) => knownCase(deps, id, at) ?? []);
      const states = cases.map(({ judged }) => judged);
      const week = [...book.facts.notices()].filter(({ plannedAt }) => plannedAt > at - 7 * dayMs);
      const took = states.flatMap(({ state: { acknowledged, raisedAt } }) =>
        acknowledged !== undefined && acknowledged.at > at - 7 * dayMs
          ? [(acknowledged.at - raisedAt) / minuteMs]
          : [],
      );
      return reply.send({
        cases: states.length,
        needAttention: states.filter(({ needsAttention }) => needsAttention).length,
        answersOverdue: states.filter(({ state: { question, answer, response } }) => {
          const isOwed = question !== undefined && (answer === undefined || answer.at < question.at);
          return isOwed && response !== 'closed' && at >= question.dueAt;
        }).length,
        noticesWaiting: book.facts.openNotices().length,
        dead: week.filter(({ state }) => state === 'dead').length,
        persons: loadOf(week, at),
        acknowledgedAfterMin:
          took.length === 0 ? null : took.toSorted((a, b) => a - b)[Math.floor(took.length / 2)]!,
        unreachable: registry
          .list('roster')
          .flatMap(({ body }) =>
            turnsOf(body, at, at + aheadDays * dayMs).flatMap(({ persons, from, to }) =>
              persons
                .filter(
                  (person) =>
                    waysOf(person, { kind: 'exceedance', severity: 'from-10' }, registry).length === 0,
                )
                .map((person) => ({ roster: body.id, person, from: iso(from), to: iso(to) })),
            ),
          ),
      });
    },
  );
}

function loadOf(notices: readonly NoticeState[], at: number) {
  const day = notices.filter(({ plannedAt, state }) => plannedAt > at - dayMs && state !== 'withdrawn');
  return [...Map.groupBy(day, ({ person }) => person)].map(([person, to]) => {
    const times = to.map(({ plannedAt }) => plannedAt);
    const within = (from: number, ms: number) =>
      times.filter((time) => time > from - ms && time <= from).length;
    return {
      person,
      lastHour: within(at, hourMs),
      lastDay: times.length,
      peakTenMinutes: Math.max(...times.map((time) => within(time, 10 * minuteMs))),
    };
  });
}

function addCalendar(app: HttpApp, { gate, registry, now }: CaseRoutesDeps): void {
  const words = described({
    tag: 'alerts',
    roles: staff,
    summary: 'A roster as a calendar (iCalendar)',
    description: `The next ${calendarDays} days, an event for each turn.`,
    problems: ['not_found'],
  });
  app.get(
    '/v1/rosters/:id/calendar.ics',
    {
      onRequest: gate.allow(staff),
      schema: {
        ...documented(words),
        params: paramsSchema,
        response: { 200: { content: { 'text/calendar': { schema: z.string() } } }, ...words.problems },
      },
    },
    async (request, reply) => {
      const { id } = request.params;
      const roster = registry.get('roster', id)?.body;
      if (roster === undefined) throw problem('not_found', { kind: 'roster', id });
      const { default: ical } = await import('ical-generator');
      const calendar = ical({ name: roster.name, prodId: '//Songma//Roster//VI' });
      // From the beginning of the day, so that events keep their ids while it lasts.
      const from = Math.floor(now() / dayMs) * dayMs;
      for (const turn of turnsOf(roster, from, from + calendarDays * dayMs)) {
        const names = turn.persons.map((person) => registry.get('person', person)?.body.name ?? person);
        calendar.createEvent({
          id: `${id}-${turn.from}@songma`,
          start: new Date(turn.from),
          end: new Date(turn.to),
          stamp: new Date(from),
          summary: names.join(', '),
        });
      }
      return reply.type('text/calendar; charset=utf-8').send(calendar.toString());
    },
  );
}
