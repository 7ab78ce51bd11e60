import { readAcknowledgeToken } from '@songma/channels';
import type { HttpApp } from '@songma/runtime';
import { z } from 'zod';
import { problem } from '../problems.ts';
import { described, documented } from '../routes.ts';
import { knownCase } from './case-wire.ts';
import { lapseOf, takeStep, type StepRoutesDeps } from './step-routes.ts';

export interface LinkRouteDeps extends StepRoutesDeps {
  /** The key that the links of messages are signed with. */
  readonly deskKey: () => Promise<Uint8Array>;
}

const answerSchema = z.object({ case: z.string(), person: z.string(), name: z.string() });

/**
 * `POST /v1/acknowledge`: what the button of the page behind a message's link does. Nothing else takes the token, and
 * nothing is changed by a GET: scanners open every link.
 */
export function addLinkRoute(app: HttpApp, deps: LinkRouteDeps): void {
  const { registry, now } = deps;
  const words = described({
    tag: 'alerts',
    roles: [],
    summary: 'Acknowledge by the link of a message',
    description: 'The token says who and which case; it does nothing else, and again changes nothing.',
    problems: ['link_invalid', 'link_expired', 'not_found', 'case_voided', 'case_closed', 'body_not_json'],
  });
  app.post(
    '/v1/acknowledge',
    {
      schema: {
        ...documented(words),
        security: [],
        body: z.strictObject({ token: z.string().min(1).max(2000) }),
        response: { 200: answerSchema, ...words.problems },
      },
    },
    async (request, reply) => {
      const read = readAcknowledgeToken(await deps.deskKey(), request.body.token, now());
      if (!read.ok) throw problem(read.reason === 'expired' ? 'link_expired' : 'link_invalid');
      const { grant } = read;
      const known = knownCase(deps, grant.case, now());
      const person = registry.get('person', grant.person)?.body;
      if (known === undefined || person === undefined)
        throw problem('not_found', { kind: 'case', id: grant.case });
      const { state } = known.judged;
      if (state.condition === 'voided') throw problem('case_voided', { id: state.id });
      if (state.response === 'closed') throw problem('case_closed', { id: state.id });
      const id = `link/${grant.notice}`;
      const isTaken = known.context.file.steps.some((step) => step.id === id);
      // Only officers take cases up; what a plant says is its answer.
      if (person.role === 'plant') throw problem('link_invalid');
      if (!isTaken) {
        const lapseMs = lapseOf(known.judged, registry);
        const at = Math.max(now(), (known.context.file.steps.at(-1)?.at ?? 0) + 1);
        const until = lapseMs === undefined ? {} : { until: at + lapseMs };
        await takeStep(deps, known, {
          step: 'acknowledged',
          id,
          case: state.id,
          at,
          by: person.id,
          via: 'link',
          ...until,
        });
      }
      return reply
        .header('cache-control', 'no-store')
        .send({ case: state.id, person: person.id, name: person.name });
    },
  );
}
