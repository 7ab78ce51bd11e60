import { readFile } from 'node:fs/promises';
import { isDeepStrictEqual } from 'node:util';
import { RefusedError, type SongmaClient } from '@songma/client';
import { entitySchemas, type EntityKind } from '@songma/domain';
import { parse } from 'yaml';
import { z } from 'zod';
import { issueLines, notYaml, unreadable, UsageError, wholeFile } from './usage-error.ts';

/** Collections in the order in which they refer to each other, and what is in them. */
const kinds = {
  enterprises: 'enterprise',
  sites: 'site',
  sources: 'source',
  meters: 'meter',
  limits: 'limit',
  factors: 'factor',
  baselines: 'baseline',
  officers: 'officer',
  persons: 'person',
  channels: 'channel',
  rosters: 'roster',
  policies: 'policy',
  outages: 'outage',
  duties: 'duty',
} as const satisfies Record<string, EntityKind>;
type Collection = keyof typeof kinds;
const collections = Object.keys(kinds) as Collection[];

const entitySchema = z.looseObject({ id: z.string() });
const fileSchema = z.partialRecord(z.enum(collections as [Collection]), z.array(entitySchema).nullable());

/** Largest registry file, bytes. */
const fileBytesMax = 16 * 1024 * 1024;

/** One field that is not as it was; undefined: it was not there, or is not any more. */
export interface FieldChange {
  readonly field: string;
  readonly before: unknown;
  readonly after: unknown;
}

export interface Applied {
  readonly collection: Collection;
  readonly id: string;
  readonly did: 'created' | 'changed' | 'unchanged';
  readonly changes: readonly FieldChange[];
}

export interface ApplyOptions {
  /** Says what would be done, and does nothing. */
  readonly isTrial?: boolean;
  /** Told of each entity as soon as it is registered. */
  readonly onApplied?: (applied: Applied) => void;
}

/**
 * Registers what a YAML file lists, collection by collection; what exists is changed if nobody changed it meanwhile,
 * and left as it is where nothing differs.
 * @throws UsageError for an unusable file; RefusedError with the server's reasons
 */
export async function applyFile(
  client: SongmaClient,
  path: string,
  options: ApplyOptions = {},
): Promise<Applied[]> {
  const entities = parseRegistryFile(path, await readRegistryFile(path));
  const applied: Applied[] = [];
  for (const collection of collections) {
    for (const entity of entities[collection] ?? []) {
      const address = `/v1/${collection}/${encodeURIComponent(entity.id)}`;
      const standing = await standingOf(client, address);
      const changes = standing === undefined ? [] : changesOf(kinds[collection], standing.body, entity);
      const did = standing === undefined ? 'created' : changes.length > 0 ? 'changed' : 'unchanged';
      if (did !== 'unchanged' && options.isTrial !== true) {
        const precondition =
          standing === undefined ? ({ ifNoneMatch: '*' } as const) : { ifMatch: standing.version };
        await client.put(address, entity, precondition);
      }
      const done: Applied = { collection, id: entity.id, did, changes };
      options.onApplied?.(done);
      applied.push(done);
    }
  }
  return applied;
}

async function readRegistryFile(path: string): Promise<string> {
  const content = await readFile(path).catch((error: unknown) => {
    throw unreadable(path, error);
  });
  if (content.length > fileBytesMax)
    throw new UsageError({
      en: `${path} has more than ${fileBytesMax} bytes`,
      vi: `${path} lớn hơn ${fileBytesMax} byte`,
    });
  return content.toString('utf8');
}

function parseRegistryFile(path: string, text: string): z.infer<typeof fileSchema> {
  let raw: unknown;
  try {
    raw = parse(text);
  } catch (error) {
    throw notYaml(path, error);
  }
  const parsed = fileSchema.safeParse(raw);
  if (parsed.success) return parsed.data;
  const { en, vi } = issueLines(parsed.error.issues, (place) => {
    const fields = place.join('.');
    return fields === '' ? wholeFile : { en: fields, vi: fields };
  });
  const known = `(${collections.join(', ')})`;
  throw new UsageError({
    en: `${path} is not a registry file ${known}:\n${en}`,
    vi: `${path} không phải tệp đăng ký ${known}:\n${vi}`,
  });
}

async function standingOf(
  client: SongmaClient,
  address: string,
): Promise<{ version: string; body: Readonly<Record<string, unknown>> } | undefined> {
  try {
    const { etag, body } = await client.get(address);
    if (etag === undefined)
      throw new UsageError({
        en: `${address} was answered without its version: is this Songma?`,
        vi: `${address} được trả lời mà không có phiên bản: đây có phải Songma không?`,
      });
    return { version: etag, body: z.looseObject({}).parse(body) };
  } catch (error) {
    if (error instanceof RefusedError && error.status === 404) return undefined;
    throw error;
  }
}

/** What every answer adds to an entity. */
const stampFields = new Set(['id', 'version', 'changedAt', 'changedBy']);

/** How the entity of the file differs from the one that stands, with what is left out filled as the server fills it. */
export function changesOf(
  kind: EntityKind,
  standing: Readonly<Record<string, unknown>>,
  entity: Readonly<Record<string, unknown>>,
): FieldChange[] {
  const wanted = withDefaults(kind, entity);
  const fields = new Set([...Object.keys(standing), ...Object.keys(wanted)]);
  const changes: FieldChange[] = [];
  for (const field of fields) {
    if (stampFields.has(field)) continue;
    const before = standing[field];
    const after = wanted[field];
    if (!isDeepStrictEqual(comparable(before), comparable(after))) changes.push({ field, before, after });
  }
  return changes;
}

function withDefaults(kind: EntityKind, entity: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const shape: Readonly<Record<string, z.ZodType>> = entitySchemas[kind].shape;
  const filled: Record<string, unknown> = { ...entity };
  for (const [field, schema] of Object.entries(shape)) {
    const parsed = schema.safeParse(entity[field]);
    // What has another form on the wire, such as times, stays as it is in the file.
    if (parsed.success && parsed.data !== undefined) filled[field] = parsed.data;
  }
  return filled;
}

const isoTime = /^\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d)$/;

/** Times are told in the server's zone: what counts is the instant. Fields without a value are as if they were absent. */
function comparable(value: unknown): unknown {
  if (typeof value === 'string') return isoTime.test(value) ? { instant: Date.parse(value) } : value;
  if (Array.isArray(value)) return value.map(comparable);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, part]) => part !== undefined)
      .map(([field, part]) => [field, comparable(part)]),
  );
}
