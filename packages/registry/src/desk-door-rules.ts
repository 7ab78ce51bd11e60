import { isProvince, isWard, placeKey, type Site, type Territory } from '@songma/domain';
import type { DeskEntity } from './desk-rules.ts';
import { zoneProblems } from './door-problems.ts';
import type { Entity } from './entity-rules.ts';
import type { Problem } from './registry.ts';
import type { RegistryView } from './registry-view.ts';

type Registered = Pick<RegistryView, 'get' | 'list'>;

/**
 * What only the door refuses of the desk's entities: places that neither a registered site lies in nor this build's
 * tables know, zones of time, and new keys of officers that are nobody's.
 */
export function deskDoorProblems(
  entity: DeskEntity | Extract<Entity, { readonly kind: 'key' }>,
  registered: Registered,
): Problem[] {
  switch (entity.kind) {
    case 'person':
      return entity.body.territory.flatMap((place, i) => placeProblems(`territory.${i}`, place, registered));
    case 'policy': {
      const { territory } = entity.body.select;
      return territory === undefined ? [] : placeProblems('select.territory', territory, registered);
    }
    case 'roster':
    case 'channel':
      return zoneProblems('timeZone', entity.body.timeZone);
    case 'outage':
    case 'duty':
      return [];
    case 'key': {
      const { id, role, person } = entity.body;
      // Keys of earlier builds stay as they are.
      if (role !== 'officer' || person !== undefined || registered.get('key', id) !== undefined) return [];
      const problem =
        'a key of role officer must name its person, so that what is done by it is done by somebody: register the person first';
      return [{ path: 'person', problem }];
    }
  }
}

/** A name that nobody knows would route to nobody, silently. */
function placeProblems(path: string, { kind, name }: Territory, registered: Registered): Problem[] {
  if (kind === 'site' || kind === 'enterprise') return [];
  const isKnown = { province: isProvince, ward: isWard, zone: () => false }[kind];
  const wanted = placeKey(name);
  const lies = (site: Site) => site[kind] !== undefined && placeKey(site[kind]) === wanted;
  if (isKnown(name) || registered.list('site').some(({ body }) => lies(body))) return [];
  const hint = kind === 'zone' ? 'name it at a site first' : 'mend the name, or name it at a site first';
  return [
    { path: `${path}.name`, problem: `no ${kind} "${name}" is known, and no site lies in one: ${hint}` },
  ];
}
