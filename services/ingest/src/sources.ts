import {
  sourceMapper,
  suggestedMapping,
  type MappingDoor,
  type SourceMapper,
  type SourceMapping,
  type SourceOrigin,
} from '@songma/domain';
import type { Registry } from '@songma/registry';
import type { MeterAtDoor, MetersAtDoor } from './meters.ts';
import { mayPush, type Pusher } from './pusher.ts';
import { quoted, refusal, type Refusal } from './refusals.ts';

/** What a value that comes under names of its own is. */
export type FoundSource =
  | {
      readonly kind: 'meter';
      readonly meter: MeterAtDoor;
      /** Unit of the value; undefined: the meter's. */
      readonly unit: string | undefined;
      /** Its status; undefined: measured. */
      readonly status: string | undefined;
      /** Id of the mapping that says so; undefined where the value names its meter. */
      readonly mapping: string | undefined;
    }
  /** A mapping says that it is of no interest. */
  | { readonly kind: 'ignored'; readonly mapping: string | undefined }
  | { readonly kind: 'refused'; readonly refusal: Refusal; readonly mapping: string | undefined };

/** What values are for one pusher, as the registry stands: dropped when that changes, and whatever hangs on it. */
export interface PushSources {
  find(door: MappingDoor, origin: SourceOrigin): FoundSource;
}

/** Longest text of an origin, and of the mapping that is suggested for it, in a refusal. */
const originTextMax = 200;
const suggestionTextMax = 400;

/** Finds meters of values by the source mappings of whoever pushes. */
export function createSources(
  registry: Pick<Registry, 'list' | 'onChange'>,
  meters: Pick<MetersAtDoor, 'get'>,
) {
  let byPusher = new WeakMap<Pusher, PushSources>();
  const stop = registry.onChange(({ kind }) => {
    if (kind === 'mapping' || kind === 'meter' || kind === 'site' || kind === 'source')
      byPusher = new WeakMap();
  });

  const mappingsOf = (pusher: Pusher): SourceMapping[] =>
    registry
      .list('mapping')
      .map(({ body }) => body)
      .filter(
        ({ enterprise, site }) =>
          pusher.isAdmin ||
          (site === undefined ? enterprise === pusher.enterprise : mayPush(pusher, enterprise, site)),
      );

  const made = (pusher: Pusher, mapper: SourceMapper): PushSources => ({
    find: (door, origin) => find(meters, pusher, mapper, door, origin),
  });

  return {
    of(pusher: Pusher): PushSources {
      let sources = byPusher.get(pusher);
      if (sources === undefined) {
        sources = made(pusher, sourceMapper(mappingsOf(pusher)));
        byPusher.set(pusher, sources);
      }
      return sources;
    },
    /** As they would be with this mapping beside those that are registered, in place of the one of its id. */
    trying(pusher: Pusher, mapping: SourceMapping): PushSources {
      const others = mappingsOf(pusher).filter(({ id }) => id !== mapping.id);
      return made(pusher, sourceMapper([...others, mapping]));
    },
    close: stop,
  };
}
export type Sources = ReturnType<typeof createSources>;

function find(
  meters: Pick<MetersAtDoor, 'get'>,
  pusher: Pusher,
  mapper: SourceMapper,
  door: MappingDoor,
  origin: SourceOrigin,
): FoundSource {
  const mapped = mapper(door, origin);
  const unmapped = (): FoundSource => {
    const parameters = { origin: originText(origin), rule: suggestion(door, origin) };
    return { kind: 'refused', refusal: refusal('source_unmapped', parameters), mapping: undefined };
  };
  if (mapped === undefined) return unmapped();
  const { mapping, meter: id, unit, status } = mapped;
  if (id === undefined) return { kind: 'ignored', mapping: mapping?.id };
  const meter = meters.get(id);
  const isOfMapping =
    mapping === undefined ||
    (mapping.enterprise === meter?.enterprise && (mapping.site === undefined || mapping.site === meter.site));
  if (meter !== undefined && isOfMapping && mayPush(pusher, meter.enterprise, meter.site)) {
    return { kind: 'meter', meter, unit, status, mapping: mapping?.id };
  }
  // Any column could be a meter by its name: that it is none says that a mapping is missing.
  if (mapping === undefined && door === 'table') return unmapped();
  const why =
    mapping === undefined
      ? refusal('meter_unknown', { meter: quoted(id) })
      : refusal('mapped_meter_unknown', {
          meter: quoted(id),
          origin: originText(origin),
          mapping: mapping.id,
        });
  return { kind: 'refused', refusal: why, mapping: mapping?.id };
}

/** `measurement=modbus tag.host=plc-1 field=power`, cut where it is long. */
export function originText(origin: SourceOrigin): string {
  return quoted([...origin].map(([name, text]) => `${name}=${text}`).join(' '), originTextMax);
}

/** The mapping to add, as JSON, by as many of its names as there is room for. */
function suggestion(door: MappingDoor, origin: SourceOrigin): string {
  const named = new Map<string, string>();
  for (const [name, text] of origin) {
    named.set(name, quoted(text, suggestionTextMax));
    if (JSON.stringify(suggestedMapping(door, named)).length > suggestionTextMax) named.delete(name);
  }
  return JSON.stringify(suggestedMapping(door, named));
}
