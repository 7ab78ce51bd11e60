import type { Bilingual, Role } from '@songma/domain';
import type { Registry } from '@songma/registry';
import { commonProblems, problemSchema, type CommonProblemCode } from '@songma/runtime';
import type { SeriesStore } from '@songma/series-store';
import { z } from 'zod';
import type { Gate } from './access.ts';
import { timeProblem } from './iso-time.ts';
import { apiProblems, type ApiProblemCode } from './problems.ts';

/** What the routes are built with that answer from the registry and the store. */
export interface RoutesDeps {
  readonly registry: Registry;
  readonly seriesStore: SeriesStore;
  readonly gate: Gate;
  readonly now: () => number;
}

/** Groups of routes in the documentation, and what they are about. */
export const apiTags = {
  registry: 'Enterprises, sites, sources, meters, limits and the other facts that numbers rest on.',
  keys: 'API keys: made, listed, revoked.',
  series: 'Readings and windows of meters, with their coverage.',
  indicators: 'Intensities, productivities and savings, with what they were made of.',
  alerts: 'What lies beyond a reference limit.',
  live: 'Events as they happen, and what runs.',
  feeds: 'How the feeds of meters are doing, and what they owe.',
  programme: 'The cleaner production programme: shares, assessments, ranking.',
} as const;
export type Tag = keyof typeof apiTags;

interface RouteText {
  readonly tag: Tag;
  readonly summary: string;
  readonly description?: string;
  readonly roles: readonly Role[];
  /** Whether a reader without a key may be let in. */
  readonly anonymous?: boolean;
  /** Refusals beside those that follow from the key. */
  readonly problems?: readonly (ApiProblemCode | CommonProblemCode)[];
}

const problemTexts: Record<string, { status: number; en: string }> = {
  ...apiProblems,
  ...Object.fromEntries(
    Object.entries(commonProblems).map(([code, { status, detail }]) => [code, { status, en: detail.en }]),
  ),
};

/** The part of a route's schema that only documentation reads: who may, and every way in which it refuses. */
export function described(text: RouteText) {
  const readable = text.anonymous === true;
  const codes = [
    'key_missing',
    'key_invalid',
    'key_scheme_unknown',
    'key_expired',
    ...(readable ? ['host_refused'] : []),
    ...(text.roles.length < 4 ? ['role_forbidden'] : []),
    'invalid_request',
    'too_many_questions',
    'question_too_long',
    'unavailable',
    ...(text.problems ?? []),
  ];
  const lines = [
    ...(text.description === undefined ? [] : [text.description]),
    `Roles: ${text.roles.join(', ')}.${readable ? ' Or no key, with ANONYMOUS_READ.' : ''}`,
  ];
  return {
    tags: [text.tag],
    summary: text.summary,
    description: lines.join('\n\n'),
    security: [{ bearer: [] }, { apiKey: [] }, ...(readable ? [{}] : [])],
    problems: problemResponses(codes),
  };
}

/** A description without its problem responses, to be spread into a route's schema. */
export function documented<T extends { problems: unknown }>({
  problems: _problems,
  ...text
}: T): Omit<T, 'problems'> {
  return text;
}

/** One response per status, whose description lists the codes it may carry. */
function problemResponses(codes: readonly string[]): Record<string, unknown> {
  const byStatus = new Map<number, string[]>();
  for (const code of new Set(codes)) {
    const known = problemTexts[code]!;
    byStatus.set(known.status, [...(byStatus.get(known.status) ?? []), `\`${code}\`: ${known.en}`]);
  }
  return Object.fromEntries(
    [...byStatus].map(([status, lines]) => [
      status,
      {
        description: lines.join('\n\n'),
        content: { 'application/problem+json': { schema: problemSchema } },
      },
    ]),
  );
}

/** A time on the wire: ISO 8601 with an offset, to the microsecond at most. */
export const isoTimeSchema = z.iso
  .datetime({ offset: true, error: 'an ISO 8601 time with offset, such as 2026-01-31T13:45:00+07:00' })
  .meta({ title: 'Time', examples: ['2026-01-31T13:45:00+07:00'] });

/** A time that is taken from outside: one of those that the registry and the store take. */
export const boundedTimeSchema = z
  .string()
  .superRefine(spokenBy(timeProblem))
  .meta({ format: 'date-time', examples: ['2026-01-31T13:45:00+07:00'] });

/** A check that tells what is wrong in the reader's language. */
export function spokenBy(problemOf: (text: string) => Bilingual | undefined) {
  return (text: string, context: z.RefinementCtx<string>): void => {
    const found = problemOf(text);
    if (found !== undefined)
      context.addIssue({ code: 'custom', message: found.en, params: { vi: found.vi } });
  };
}

/** A comma-separated query parameter of known words. */
export function wordsSchema<const W extends readonly string[]>(words: W) {
  return z
    .string()
    .transform((text) => text.split(',').map((word) => word.trim()))
    .pipe(z.array(z.enum(words)).min(1));
}
