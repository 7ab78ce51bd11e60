import { noticePurposes, type NoticePurpose } from '@songma/channels';
import type { PlannedNotice } from '@songma/domain';
import type { DueMessage, Way } from '@songma/duty';
import { writtenGathered, writtenItem, type WordsDeps } from './words.ts';

/** A message written out, as it is written down before it is sent. Undefined where there is nothing to say any more. */
export function plannedOf(deps: WordsDeps, message: DueMessage, now: number): PlannedNotice | undefined {
  const { id, person, way, tellings } = message;
  const body = deps.registered.get('person', person)?.body;
  const address = addressOf(way, body?.mail, body?.name);
  if (body === undefined || address === undefined) return undefined;
  const items = tellings.map(({ item }) => item);
  const language = way.language ?? body.language;
  const [first] = items;
  const written =
    items.length === 1
      ? writtenItem(deps, first!, { language, takesUp: body.role !== 'plant' }, now)
      : writtenGathered(deps, items, language, now);
  if (written === undefined) return undefined;
  const { subject, text, html, template } = written;
  const thread = items.length === 1 ? threadOf(deps, first!.case, person, way.id) : undefined;
  return {
    step: 'planned',
    notice: id,
    at: now,
    person,
    channel: way.id,
    address,
    language,
    purpose: purposeOf(written.purpose),
    items,
    ...(thread === undefined ? {} : { thread }),
    subject,
    text,
    ...(html === undefined ? {} : { html }),
    ...(template === undefined ? {} : { template: { ...template } }),
  };
}

/** The first notice of the case to that person by that way. */
function threadOf(
  { facts, registered }: WordsDeps,
  id: string,
  person: string,
  way: string,
): string | undefined {
  const context = facts.context(facts.groups.caseOf(id) ?? id, registered);
  const first = context?.notices.find(
    (one) =>
      one.person === person && one.channel === way && one.items.length === 1 && one.state !== 'withdrawn',
  );
  return first?.id;
}

function addressOf(
  { kind, address, url, id, secretVersion }: Way,
  mail: string | undefined,
  name: string | undefined,
): PlannedNotice['address'] | undefined {
  if (kind === 'webhook')
    return url === undefined ? undefined : { kind: 'webhook', url, channel: id, secretVersion };
  const to = address ?? mail;
  return to === undefined ? undefined : { kind: 'mail', mail: to, ...(name === undefined ? {} : { name }) };
}

function purposeOf(purpose: string): NoticePurpose {
  return noticePurposes.find((one) => one === purpose) ?? 'raised';
}
