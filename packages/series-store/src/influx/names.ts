import { escape } from '@influxdata/influxdb-client';

/**
 * Measurements. One for the readings of each site: InfluxDB looks at every field of a measurement for each series
 * that it reads, so with all sites in one measurement a site's hour cost 110 ms instead of 4 at 20,000 meters.
 */
export const measurement = {
  readings: (site: string) => `readings/${site}`,
  history: (site: string) => `history/${site}`,
  changes: (shard: string) => `changes/${shard}`,
  settled: (shard: string) => `settled/${shard}`,
  markedTo: 'marked-to',
  rollups: (window: string, site: string) => `rollups-${window}/${site}`,
  indicators: (window: string) => `indicators-${window}`,
  publications: (window: string) => `publications-${window}`,
  republished: 'republished',
  alerts: 'alerts',
  alertRevisions: 'alert-revisions',
  acknowledgements: 'acknowledgements',
  writers: 'writers',
} as const;

/**
 * Time of points of which only one is wanted, since they replace each other: marks and claims. It lies in the future,
 * so that a bucket with a retention limit keeps them.
 */
export const markTime = Date.UTC(2200, 0, 1);

/** Field of a line that holds the `knownUs` of the readings that do not say otherwise. */
export const lineKnownField = '~k';
/** Field of a history line that holds which readings were repeated when. */
export const confirmedField = '~c';
/** Names the latest claim of any site. */
export const latestClaimField = '~l';

/** What a field that belongs to a meter holds: its value, or what is not the default. Ids have no `~`. */
export type FieldPart = 'value' | 'flags' | 'known' | 'revision';
const suffixes = { value: '', flags: '~f', known: '~k', revision: '~r' } as const satisfies Record<
  FieldPart,
  string
>;

/** The field of an id; `time` is reserved in InfluxDB. */
export function fieldOf(id: string, part: FieldPart = 'value'): string {
  return id === 'time' && part === 'value' ? 'time~v' : `${id}${suffixes[part]}`;
}

/** Whose field it is, and what it holds; undefined for fields of the line. */
export function readField(field: string): { id: string; part: FieldPart } | undefined {
  const tilde = field.indexOf('~');
  if (tilde < 0) return field === 'time' ? undefined : { id: field, part: 'value' };
  if (tilde === 0) return undefined;
  const id = field.slice(0, tilde);
  switch (field.slice(tilde)) {
    case '~f':
      return { id, part: 'flags' };
    case '~k':
      return { id, part: 'known' };
    case '~r':
      return { id, part: 'revision' };
    case '~v':
      return { id, part: 'value' };
    default:
      return undefined;
  }
}

/** A measurement as line protocol spells it. */
export function measurementText(name: string): string {
  return escape.measurement(name);
}

/** A tag's key or value, or a field's key, as line protocol spells it. */
export function keyText(name: string): string {
  return escape.tag(name);
}

/** A text as the value of a field in line protocol. */
export function stringText(value: string): string {
  return escape.quoted(value);
}
