import { leavesOf, roleSchema, type VoidedRange } from '@songma/domain';
import type { Registry, Versioned } from '@songma/registry';
import { z } from 'zod';
import { isoInZone } from '../iso-time.ts';
import { isoTimeSchema } from '../routes.ts';

/** Readings that somebody declared void, beside a number that rests on what is left of them. */
export const declaredVoidSchema = z
  .object({
    id: z.string().meta({ description: 'Of `/v1/voids`.' }),
    meter: z.string(),
    from: isoTimeSchema,
    to: isoTimeSchema,
    reason: z.string(),
    declaredBy: z.string().meta({ description: 'Id of the key.' }),
    role: roleSchema.nullable().meta({ description: 'Of that key; null where it is not known any more.' }),
    declaredAt: isoTimeSchema,
  })
  .meta({ title: 'DeclaredVoid' });
export type DeclaredVoid = z.infer<typeof declaredVoidSchema>;

type VoidRegistry = Pick<Registry, 'get' | 'getAsOf' | 'metersOfSite' | 'voidsOfMeter'>;
export type KnownVoid = Versioned<VoidedRange>;

/**
 * What had been declared void by a time (epoch milliseconds, inclusive) of these meters, or of what they are made of,
 * within the span, both edges included: a void may end where what is left begins. In ascending time of declaration.
 */
export function voidsKnownAt(
  registry: VoidRegistry,
  meters: readonly string[],
  span: { readonly from: number; readonly to: number },
  at: number,
): KnownVoid[] {
  return withInputs(registry, meters)
    .flatMap((meter) => registry.voidsOfMeter(meter, at))
    .filter(({ body }) => body.from <= span.to && body.to >= span.from)
    .toSorted((a, b) => a.at - b.at || (a.id < b.id ? -1 : 1));
}

/** Derived meters have no readings of their own: those of their inputs are declared void. */
function withInputs(registry: VoidRegistry, meters: readonly string[]): string[] {
  const found = meters.flatMap((id) => registry.get('meter', id)?.body ?? []);
  if (found.every(({ formula }) => formula === undefined)) return [...meters];
  const sites = new Set(found.map(({ site }) => site));
  const known = [...sites]
    .flatMap((site) => registry.metersOfSite(site))
    .map((meter) => [meter.id, meter] as const);
  return [...leavesOf(new Map(known), meters)];
}

/** The role of whoever declared it, as it was then. */
export function roleOfDeclarer(registry: VoidRegistry, { by, at }: KnownVoid): DeclaredVoid['role'] {
  return registry.getAsOf('key', by, at)?.body.role ?? null;
}

export function declaredVoid(registry: VoidRegistry, declared: KnownVoid, zone: string): DeclaredVoid {
  const { id, body, by, at } = declared;
  return {
    ...{ id, meter: body.meter, reason: body.reason, declaredBy: by },
    from: isoInZone(body.from, zone),
    to: isoInZone(body.to, zone),
    role: roleOfDeclarer(registry, declared),
    declaredAt: isoInZone(at, zone),
  };
}

/** As a cell of a table: who, when and why. */
export function declaredVoidText({ id, declaredBy, declaredAt, reason }: DeclaredVoid): string {
  return `${id}: ${declaredBy} ${declaredAt}: ${reason}`;
}
