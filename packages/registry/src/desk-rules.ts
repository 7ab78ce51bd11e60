import type { ApiKey, EntityOf, Policy, Recipient, Roster, Territory } from '@songma/domain';
import { optional, type Entity, type Reference } from './entity-rules.ts';
import type { Problem } from './registry.ts';
import type { RegisteredFacts } from './registry-view.ts';
import { sourceProblems } from './source-rules.ts';

/** Kinds of the officers' desk. */
export type DeskEntity = Extract<
  Entity,
  { readonly kind: 'person' | 'roster' | 'policy' | 'channel' | 'outage' | 'duty' }
>;

/** Roles of persons who may be on duty. */
const ON_DUTY: readonly EntityOf<'person'>['role'][] = ['officer', 'admin'];

/** What an entity of the desk refers to. */
export function deskReferences(entity: DeskEntity): Reference[] {
  switch (entity.kind) {
    case 'person':
      return [
        ...optional('enterprise', 'enterprise', entity.body.enterprise),
        ...entity.body.territory.flatMap((place, i) => placeReferences(`territory.${i}`, place)),
      ];
    case 'roster':
      return personsOfRoster(entity.body).map(({ path, id }) => ({ path, kind: 'person', id }));
    case 'policy': {
      const { select, steps } = entity.body;
      return [
        ...(select.territory === undefined ? [] : placeReferences('select.territory', select.territory)),
        ...recipientsOf(steps).flatMap(({ path, kind, id }) =>
          kind === 'plant' ? [] : optional(`${path}.id`, kind, id),
        ),
      ];
    }
    case 'channel':
      return [{ path: 'person', kind: 'person', id: entity.body.person }];
    case 'outage': {
      const { site, source, meter, approvedBy } = entity.body;
      return [
        ...optional('site', 'site', site),
        ...optional('source', 'source', source),
        ...optional('meter', 'meter', meter),
        { path: 'approvedBy', kind: 'person', id: approvedBy },
      ];
    }
    case 'duty':
      return [];
  }
}

/** Why an entity of the desk cannot be taken; follows from what the log says up to here. */
export function deskProblems(entity: DeskEntity, registered: RegisteredFacts): Problem[] {
  switch (entity.kind) {
    case 'person':
      return personProblems(entity.body);
    case 'roster':
      return rosterProblems(entity.body, registered);
    case 'policy':
      return policyProblems(entity.body);
    case 'channel':
      return channelProblems(entity.body, registered);
    case 'outage': {
      const { site, source, meter, from, to } = entity.body;
      const named = [site, source, meter].filter((id) => id !== undefined).length;
      return [
        ...(named === 1 ? [] : [{ path: '', problem: 'name one of site, source and meter' }]),
        ...(to > from
          ? []
          : [{ path: 'to', problem: 'lies not after from: nothing would be out of service' }]),
      ];
    }
    case 'duty':
      return sourceProblems(entity.body.source);
  }
}

/** Why the key cannot be that person's. */
export function keyPersonProblems(key: ApiKey, registered: RegisteredFacts): Problem[] {
  const person = key.person === undefined ? undefined : registered.get('person', key.person)?.body;
  if (person === undefined) return [];
  if (person.role !== key.role) {
    return [
      {
        path: 'person',
        problem: `"${person.id}" is of role ${person.role}: make a key of that role, or name another person`,
      },
    ];
  }
  if (person.enterprise === key.enterprise) return [];
  const problem = `"${person.id}" is of ${person.enterprise === undefined ? 'no enterprise' : `enterprise "${person.enterprise}"`}: the key must be of the same`;
  return [{ path: 'enterprise', problem }];
}

function personProblems({ role, enterprise, territory }: EntityOf<'person'>): Problem[] {
  const problems: Problem[] = [];
  if (role === 'plant' && enterprise === undefined) {
    problems.push({ path: 'enterprise', problem: 'a person of role plant must name the enterprise' });
  }
  if (role !== 'plant' && enterprise !== undefined) {
    problems.push({
      path: 'enterprise',
      problem: `a person of role ${role} is of no enterprise: leave it out, or name it in the territory`,
    });
  }
  for (const [i, { kind }] of territory.entries()) {
    if (role !== 'plant' || kind === 'site') continue;
    problems.push({ path: `territory.${i}.kind`, problem: 'a person of a plant answers for sites of it' });
  }
  return problems;
}

function rosterProblems(roster: Roster, registered: RegisteredFacts): Problem[] {
  const problems: Problem[] = [];
  for (const { path, id } of personsOfRoster(roster)) {
    const role = registered.get('person', id)?.body.role;
    if (role === undefined || ON_DUTY.includes(role)) continue;
    problems.push({ path, problem: `"${id}" is of role ${role}: only ${ON_DUTY.join(' and ')} are on duty` });
  }
  const { last } = roster;
  if (registered.get('person', last) !== undefined && !isReached(last, registered)) {
    problems.push({
      path: 'last',
      problem: `nobody would be told: "${last}" has neither a mail address nor a channel; register one of them first`,
    });
  }
  for (const [i, { from, to }] of roster.layers.entries()) {
    if (to === undefined || to > from) continue;
    problems.push({ path: `layers.${i}.to`, problem: 'lies not after from: nobody would have a turn' });
  }
  for (const [i, { from, to, add = [], remove = [] }] of roster.overrides.entries()) {
    const path = `overrides.${i}`;
    if (to <= from) problems.push({ path: `${path}.to`, problem: 'lies not after from' });
    if (add.length + remove.length === 0) {
      problems.push({ path, problem: 'changes nothing: name who comes or who is away' });
    }
  }
  return problems;
}

function policyProblems({ steps, select }: Policy): Problem[] {
  const problems: Problem[] = [];
  const recipients = recipientsOf(steps);
  for (const { path, kind, id } of recipients) {
    if ((id === undefined) === (kind === 'plant')) continue;
    const problem = kind === 'plant' ? 'the plant is whose it is: leave the id out' : `name the ${kind}`;
    problems.push({ path: `${path}.id`, problem });
  }
  if (recipients.every(({ kind }) => kind === 'plant')) {
    const problem = 'no officer would ever be told: let a step name a roster or a person';
    problems.push({ path: 'steps', problem });
  }
  if (select.kinds !== undefined && new Set(select.kinds).size < select.kinds.length) {
    problems.push({ path: 'select.kinds', problem: 'names a kind twice' });
  }
  return problems;
}

function channelProblems(channel: EntityOf<'channel'>, registered: RegisteredFacts): Problem[] {
  const { kind, address, url, person } = channel;
  const problems: Problem[] = [];
  if (kind === 'webhook' && url === undefined) {
    problems.push({ path: 'url', problem: 'a channel of kind webhook must name its URL' });
  }
  if (kind === 'webhook' && address !== undefined) {
    problems.push({ path: 'address', problem: 'a webhook has no mail address: leave it out' });
  }
  if (kind === 'smtp' && url !== undefined) {
    problems.push({ path: 'url', problem: 'a mail channel has no URL: leave it out' });
  }
  const owner = registered.get('person', person)?.body;
  if (kind === 'smtp' && address === undefined && owner !== undefined && owner.mail === undefined) {
    problems.push({ path: 'address', problem: `"${person}" has no mail address: name one here` });
  }
  return problems;
}

/** Whether a message can reach the person at all. */
function isReached(id: string, registered: RegisteredFacts): boolean {
  if (registered.get('person', id)?.body.mail !== undefined) return true;
  return registered.list('channel').some(({ body }) => body.person === id);
}

function placeReferences(path: string, { kind, name }: Territory): Reference[] {
  return kind === 'site' || kind === 'enterprise' ? [{ path: `${path}.name`, kind, id: name }] : [];
}

function personsOfRoster({ layers, overrides, last }: Roster): { path: string; id: string }[] {
  const at = (path: string, ids: readonly string[]) => ids.map((id, i) => ({ path: `${path}.${i}`, id }));
  return [
    ...layers.flatMap(({ persons }, i) => at(`layers.${i}.persons`, persons)),
    ...overrides.flatMap(({ add = [], remove = [] }, i) => [
      ...at(`overrides.${i}.add`, add),
      ...at(`overrides.${i}.remove`, remove),
    ]),
    { path: 'last', id: last },
  ];
}

function recipientsOf(steps: Policy['steps']): (Recipient & { readonly path: string })[] {
  return steps.flatMap(({ to }, i) =>
    to.map((recipient, j) => ({ ...recipient, path: `steps.${i}.to.${j}` })),
  );
}
