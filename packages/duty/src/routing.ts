import { severities, type EntityOf, type PolicyStep, type Recipient, type Severity } from '@songma/domain';
import type { CaseState } from './case-state.ts';
import { onDuty } from './roster.ts';
import type { Registered } from './registered.ts';
import { breakingSeverity, rankOf } from './severity.ts';
import { everywhere, liesIn, narrowest, widthOf, type Place } from './territory.ts';

/** What decides who is told. */
export type Routed = Pick<CaseState, 'kind' | 'enterprise' | 'site' | 'severity'>;

/** A recipient as policies have it, or one of those of the built-in policy. */
export type AnyRecipient = Recipient | { readonly kind: 'territory' | 'administrators' };

export interface AnyPolicy {
  /** `id@version`; `default` for the built-in one. */
  readonly id: string;
  readonly steps: readonly (Omit<PolicyStep, 'to'> & { readonly to: readonly AnyRecipient[] })[];
  readonly repeat: number;
  readonly ackLapseMin: number | undefined;
  readonly askPlantMin: number | undefined;
}

/** A person who is told, and by which rule. */
export interface Routee {
  readonly person: string;
  readonly why: string;
}

/** The place of a site; of one that is not registered any more only its id and enterprise. */
export function placeOf({ site, enterprise }: Routed, registered: Registered): Place {
  return registered.get('site', site)?.body ?? { id: site, enterprise, province: '' };
}

/**
 * The policy that a case is told by: of those that select it the one of the narrowest territory, then of the highest
 * band, then one that names kinds, then by id. Where none does, the built-in one.
 */
export function policyOf(routed: Routed, registered: Registered): AnyPolicy {
  const place = placeOf(routed, registered);
  const matching = registered.list('policy').filter(({ body: { select } }) => {
    if (select.kinds !== undefined && !select.kinds.includes(routed.kind)) return false;
    if (
      select.severityMin !== undefined &&
      rankOf(routed.severity) < severities.indexOf(select.severityMin)
    ) {
      return false;
    }
    return select.territory === undefined || liesIn(select.territory, place);
  });
  const [first] = matching.toSorted(({ body: a }, { body: b }) => comparePolicies(a, b));
  return first === undefined ? builtIn(routed.severity) : registeredPolicy(first.body, first.version);
}

function registeredPolicy(body: EntityOf<'policy'>, version: number): AnyPolicy {
  const { id, steps, repeat, ackLapseMin, askPlantMin } = body;
  return { id: `${id}@${version}`, steps, repeat, ackLapseMin, askPlantMin };
}

/** The policy that a case was raised by, as it was stated then where it still stands. */
export function policyNamed(name: string, routed: Routed, registered: Registered): AnyPolicy {
  const [id = ''] = name.split('@');
  const named = registered.get('policy', id);
  return named === undefined ? policyOf(routed, registered) : registeredPolicy(named.body, named.version);
}

function comparePolicies(a: EntityOf<'policy'>, b: EntityOf<'policy'>): number {
  const severity = (of: EntityOf<'policy'>) =>
    of.select.severityMin === undefined ? -1 : severities.indexOf(of.select.severityMin);
  const kinds = (of: EntityOf<'policy'>) => (of.select.kinds === undefined ? 1 : 0);
  return (
    widthOf(a.select.territory) - widthOf(b.select.territory) ||
    severity(b) - severity(a) ||
    kinds(a) - kinds(b) ||
    (a.id < b.id ? -1 : 1)
  );
}

/** What holds until somebody registers a policy: the plant and whoever answers for the place, then administrators. */
function builtIn(severity: Severity | null): AnyPolicy {
  const isHigh = rankOf(severity) >= severities.indexOf(breakingSeverity);
  const isRaised = rankOf(severity) >= severities.indexOf('from-1.5');
  const here: AnyRecipient[] = [{ kind: 'plant' }, { kind: 'territory' }];
  return {
    id: 'default',
    steps: [
      { afterMin: 0, to: here },
      { afterMin: isHigh ? 30 : isRaised ? 120 : 1440, to: [{ kind: 'administrators' }] },
    ],
    repeat: 0,
    ackLapseMin: 3 * 1440,
    askPlantMin: 1440,
  };
}

/** The persons of these recipients at a time, each once, by the first rule that names them. */
export function routees(
  to: readonly AnyRecipient[],
  routed: Routed,
  registered: Registered,
  time: number,
): Routee[] {
  const found = new Map<string, string>();
  for (const recipient of to) {
    for (const { person, why } of routeesOf(recipient, routed, registered, time)) {
      if (!found.has(person) && registered.get('person', person) !== undefined) found.set(person, why);
    }
  }
  return [...found].map(([person, why]) => ({ person, why }));
}

function routeesOf(recipient: AnyRecipient, routed: Routed, registered: Registered, time: number): Routee[] {
  const persons = registered.list('person').map(({ body }) => body);
  const place = placeOf(routed, registered);
  switch (recipient.kind) {
    case 'person':
      return [{ person: recipient.id ?? '', why: 'person' }];
    case 'roster': {
      const roster = registered.get('roster', recipient.id ?? '')?.body;
      if (roster === undefined) return [];
      const duty = onDuty(roster, time);
      const why = `roster ${roster.id}${duty.isLast ? ', last' : ''}`;
      return duty.persons.map((person) => ({ person, why }));
    }
    case 'plant':
      return persons
        .filter(({ role, enterprise, territory }) => {
          if (role !== 'plant' || enterprise !== routed.enterprise) return false;
          return narrowest(territory, place) !== undefined;
        })
        .map(({ id }) => ({ person: id, why: 'plant' }));
    case 'territory': {
      const widths = persons.flatMap(({ id, role, territory }) => {
        const width = role === 'officer' ? narrowest(territory, place) : undefined;
        return width === undefined ? [] : [{ id, width }];
      });
      const least = Math.min(...widths.map(({ width }) => width));
      const why = least === everywhere ? 'territory: everywhere' : `territory: ${territoryName(least)}`;
      return widths.filter(({ width }) => width === least).map(({ id }) => ({ person: id, why }));
    }
    case 'administrators':
      return persons
        .filter(({ role }) => role === 'admin')
        .map(({ id }) => ({ person: id, why: 'administrator' }));
  }
}

const territoryNames = ['site', 'enterprise', 'zone', 'ward', 'province'];

function territoryName(width: number): string {
  return territoryNames[width]!;
}

/** A way to a person, registered or by the person's own mail address. */
export type Way = Pick<
  EntityOf<'channel'>,
  | 'id'
  | 'person'
  | 'kind'
  | 'address'
  | 'url'
  | 'language'
  | 'quiet'
  | 'digest'
  | 'timeZone'
  | 'secretVersion'
>;

/** The ways by which a person is told of such a case. */
export function waysOf(person: string, of: Pick<Routed, 'kind' | 'severity'>, registered: Registered): Way[] {
  return allWaysOf(person, registered).filter(({ kinds, severityMin }) => {
    if (kinds !== undefined && !kinds.includes(of.kind)) return false;
    return severityMin === undefined || rankOf(of.severity) >= severities.indexOf(severityMin);
  });
}

/** All ways to a person. */
export function allWaysOf(
  person: string,
  registered: Registered,
): (Way & Pick<EntityOf<'channel'>, 'kinds' | 'severityMin'>)[] {
  const body = registered.get('person', person)?.body;
  if (body === undefined) return [];
  const channels = registered.list('channel').filter((channel) => channel.body.person === person);
  if (channels.length > 0) return channels.map((channel) => channel.body);
  if (body.mail === undefined) return [];
  const mail = {
    id: 'mail',
    person,
    kind: 'smtp',
    address: body.mail,
    timeZone: 'Asia/Ho_Chi_Minh',
  } as const;
  return [{ ...mail, secretVersion: 1 }];
}
