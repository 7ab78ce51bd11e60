import { z } from 'zod';
import { sourceShape } from './assurance.ts';
import { caseKinds } from './case-kinds.ts';
import { dateSchema, idSchema, instantSchema, nameSchema } from './fields.ts';
import { severities } from './limit.ts';
import { roleSchema } from './roles.ts';

export const languages = ['vi', 'en'] as const;
export type Language = (typeof languages)[number];
const languageSchema = z.enum(languages);

/** Kinds of places that somebody answers for, the narrowest first. */
export const territoryKinds = ['site', 'enterprise', 'zone', 'ward', 'province'] as const;
/** A place: the id of a site or an enterprise, or the name of a zone, a ward or a province. */
export const territorySchema = z
  .strictObject({ kind: z.enum(territoryKinds), name: z.string().trim().min(1).max(200) })
  .meta({ title: 'Territory' });
export type Territory = z.infer<typeof territorySchema>;

/** A person who signs in, is told, and acts by name. */
export const personSchema = z.object({
  id: idSchema,
  name: nameSchema,
  role: roleSchema,
  /** Where messages go, unless channels of this person say otherwise. */
  mail: z.email().max(254).optional(),
  language: languageSchema.default('vi'),
  /** Whose plant it is; required for role `plant`. */
  enterprise: idSchema.optional(),
  /** What this person answers for; of a plant's the sites. Empty: everything that the role may see. */
  territory: z.array(territorySchema).max(200).default([]),
});
export type Person = z.infer<typeof personSchema>;

/** An officer as builds until 2026-11 registered them; nobody is told by it: register persons. */
export const officerSchema = z.object({
  id: idSchema,
  name: nameSchema,
  email: z.email().optional(),
  language: languageSchema.default('vi'),
  /** Wards or sites that this officer answers for; empty means the whole province. */
  territory: z.array(z.string().min(1).max(200)).max(200).default([]),
});
export type Officer = z.infer<typeof officerSchema>;

/** A time of the clock, such as `07:30`. */
export const clockSchema = z
  .string()
  .regex(/^(?:[01]\d|2[0-3]):[0-5]\d$/, 'a time of the clock such as 07:30')
  .meta({ title: 'Clock', examples: ['07:30'] });

/** Hours of the week, from one time of the clock to another; past midnight where `to` is not after `from`. */
export const dutyHoursSchema = z
  .strictObject({
    /** Days on which they begin, Monday 1 to Sunday 7; every day unless told. */
    weekdays: z.array(z.int().min(1).max(7)).min(1).max(7).optional(),
    from: clockSchema,
    to: clockSchema,
  })
  .meta({ title: 'DutyHours' });
export type DutyHours = z.infer<typeof dutyHoursSchema>;

/** Persons who take turns, counted in calendar dates of the roster's zone, so that no change of clocks moves a turn. */
export const rosterLayerSchema = z
  .strictObject({
    /** Date on which the first person's first turn begins. */
    from: dateSchema,
    /** Date on which the last turn ends; absent: they go on. */
    to: dateSchema.optional(),
    persons: z.array(idSchema).min(1).max(50),
    /** Dates that a turn lasts: 1 by day, 7 by week. */
    days: z.int().min(1).max(366),
    /** Time of the clock at which a turn passes to the next person; `07:30` unless told. */
    handOffAt: clockSchema.optional(),
    /** When this layer is on duty; absent: always. */
    hours: dutyHoursSchema.optional(),
  })
  .meta({ title: 'RosterLayer' });
export type RosterLayer = z.infer<typeof rosterLayerSchema>;

/** A change of the roster for a while: who comes, who is away. */
export const rosterOverrideSchema = z.strictObject({
  /** Epoch milliseconds, inclusive. */
  from: instantSchema,
  /** Epoch milliseconds, exclusive. */
  to: instantSchema,
  add: z.array(idSchema).max(20).optional(),
  remove: z.array(idSchema).max(20).optional(),
  reason: z.string().trim().min(1).max(500),
});
export type RosterOverride = z.infer<typeof rosterOverrideSchema>;

/** Who is on duty when: the persons of all layers that are on; where that is nobody, the last one. */
export const rosterSchema = z.object({
  id: idSchema,
  name: nameSchema,
  timeZone: z.string().min(1).max(64).default('Asia/Ho_Chi_Minh'),
  layers: z.array(rosterLayerSchema).max(20).default([]),
  overrides: z.array(rosterOverrideSchema).max(500).default([]),
  /** Who is on duty when nobody else is. */
  last: idSchema,
});
export type Roster = z.infer<typeof rosterSchema>;

/** Who is told: whoever is on duty, one person, or the persons of the plant. */
export const recipientSchema = z
  .strictObject({ kind: z.enum(['roster', 'person', 'plant']), id: idSchema.optional() })
  .meta({ title: 'Recipient' });
export type Recipient = z.infer<typeof recipientSchema>;

/** Minutes that a policy may wait: four weeks at most. */
const minutesSchema = z.int().max(40_320);

/** One step of an escalation. */
export const policyStepSchema = z
  .strictObject({
    /** Minutes after the step before; of the first one after the case was known. */
    afterMin: minutesSchema.min(0),
    to: z.array(recipientSchema).min(1).max(10),
    /** `office`: what falls due outside of office hours waits for them; `always` unless told. */
    hours: z.enum(['always', 'office']).optional(),
  })
  .meta({ title: 'PolicyStep' });
export type PolicyStep = z.infer<typeof policyStepSchema>;

/** Who is told of a case, after how long, until somebody takes it up. The narrowest policy that matches is taken. */
export const policySchema = z.object({
  id: idSchema,
  name: nameSchema,
  /** What it is for; a field that is absent takes everything. */
  select: z
    .strictObject({
      kinds: z.array(z.enum(caseKinds)).min(1).max(20).optional(),
      severityMin: z.enum(severities).optional(),
      territory: territorySchema.optional(),
    })
    .default({}),
  steps: z.array(policyStepSchema).min(1).max(10),
  /** How often the steps begin again when nobody has taken it up. */
  repeat: z.int().min(0).max(3).default(0),
  /** After so many minutes an acknowledgement lapses while the case is open; absent: never. */
  ackLapseMin: minutesSchema.min(5).optional(),
  /** The plant is asked with the first step, and its answer is due after so many minutes; absent: not asked. */
  askPlantMin: minutesSchema.min(5).optional(),
  /** False as long as nobody has compared it with what the province has ordered. */
  verified: z.boolean().default(false),
});
export type Policy = z.infer<typeof policySchema>;

/** A way to a person. Somebody without one is reached by the mail address of the person. */
export const channelSchema = z.object({
  id: idSchema,
  person: idSchema,
  kind: z.enum(['smtp', 'webhook']),
  /** Of kind `smtp`; that of the person unless told. */
  address: z.email().max(254).optional(),
  /** Of kind `webhook`. */
  url: z
    .url({ protocol: /^https?$/ })
    .max(1000)
    .optional(),
  /** That of the person unless told. */
  language: languageSchema.optional(),
  /** Zone of its clock. */
  timeZone: z.string().min(1).max(64).default('Asia/Ho_Chi_Minh'),
  /** What goes this way; everything unless told. */
  kinds: z.array(z.enum(caseKinds)).min(1).max(20).optional(),
  severityMin: z.enum(severities).optional(),
  /** Times of the clock between which nothing is sent but what breaks through; it is sent together afterwards. */
  quiet: z
    .strictObject({
      from: clockSchema,
      to: clockSchema,
      /** Band from which a case is told all the same; `from-3` unless told. */
      breakFrom: z.enum(severities).optional(),
    })
    .meta({ title: 'QuietHours' })
    .optional(),
  /** A summary of what is open, new and owed. */
  digest: z
    .strictObject({
      at: clockSchema,
      /** By the week on Mondays. */
      every: z.enum(['day', 'week']),
    })
    .meta({ title: 'Digest' })
    .optional(),
  /** Raised to sign with another secret; of kind `webhook`. */
  secretVersion: z.int().min(1).max(1_000_000).default(1),
});
export type Channel = z.infer<typeof channelSchema>;

/** A time in which a site, a source or a meter is out of service, as somebody has approved: cases of it are not told. */
export const outageSchema = z.object({
  id: idSchema,
  site: idSchema.optional(),
  source: idSchema.optional(),
  meter: idSchema.optional(),
  /** Epoch milliseconds, inclusive. */
  from: instantSchema,
  /** Epoch milliseconds, exclusive. */
  to: instantSchema,
  reason: z.string().trim().min(1).max(500),
  approvedBy: idSchema,
});
export type Outage = z.infer<typeof outageSchema>;

/** What somebody owes by law when something happens. */
export const dutySchema = z.object({
  id: idSchema,
  name: nameSchema,
  trigger: z.enum(caseKinds),
  /** Who owes it, in words. */
  who: nameSchema,
  what: z.string().trim().min(1).max(1000),
  withinHours: z.number().min(0).max(8784).optional(),
  /** How it is owed: in writing, by mail, by telephone. */
  channel: nameSchema.optional(),
  source: z.strictObject(sourceShape(200)),
});
export type Duty = z.infer<typeof dutySchema>;
