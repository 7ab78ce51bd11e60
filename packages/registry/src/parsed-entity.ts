import { entitySchemas, type EntityKind, type EntityOf } from '@songma/domain';
import type { z } from 'zod';

/**
 * A body as a command of the log has it. Fields that this build does not know are passed over, wherever they are: a
 * newer build may have logged them. The door refuses them by name.
 */
export function parsedEntity(kind: EntityKind, body: unknown): z.ZodSafeParseResult<EntityOf<EntityKind>> {
  const schema: z.ZodType<EntityOf<EntityKind>> = entitySchemas[kind];
  const parsed = schema.safeParse(body);
  if (parsed.success) return parsed;
  const unknown = parsed.error.issues.filter((issue) => issue.code === 'unrecognized_keys');
  if (unknown.length === 0) return parsed;
  const known = structuredClone(body);
  for (const { path, keys } of unknown) {
    const part = path.reduce<unknown>((whole, key) => (whole as Record<PropertyKey, unknown>)[key], known);
    for (const key of keys) delete (part as Record<string, unknown>)[key];
  }
  return schema.safeParse(known);
}
