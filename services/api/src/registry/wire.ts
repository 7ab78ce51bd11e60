import {
  assessmentSchema,
  baselineSchema,
  enterpriseSchema,
  factorSchema,
  idSchema,
  limitSchema,
  officerSchema,
  participationSchema,
  siteSchema,
  sourceMappingSchema,
  sourceSchema,
  voidedRangeSchema,
  type EntityKind,
  type EntityOf,
} from '@songma/domain';
import type { Versioned } from '@songma/registry';
import { z } from 'zod';
import { houseZone, isoInZone } from '../iso-time.ts';
import { boundedTimeSchema, isoTimeSchema } from '../routes.ts';
import { deskExamples, deskShapes, rosterFromWire, rosterToWire } from './desk-wire.ts';
import { keyShape } from './key-wire.ts';
import { checkInterval, meterFromWire, meterShape, meterToWire } from './meter-wire.ts';

/** Kinds whose whole body a client writes; a key is made by the server. */
export type WritableKind = Exclude<EntityKind, 'key'>;

/** What every answer adds to the entity; sent back with a PUT it is ignored, so that what was read can be edited. */
const stampShape = {
  version: z
    .int()
    .positive()
    .meta({ description: 'Also the ETag.', examples: [3] }),
  changedAt: isoTimeSchema,
  changedBy: z.string().meta({ description: 'Id of the key, or name of the service.', examples: ['admin'] }),
};
const ignoredStamp = {
  version: z.unknown().optional(),
  changedAt: z.unknown().optional(),
  changedBy: z.unknown().optional(),
};

const limitShape = {
  ...limitSchema.shape,
  validFrom: boundedTimeSchema.meta({ description: 'Inclusive.', examples: ['2026-01-01T00:00:00+07:00'] }),
  validTo: boundedTimeSchema.optional().meta({ description: 'Exclusive.' }),
};
const voidShape = {
  ...voidedRangeSchema.shape,
  from: boundedTimeSchema.meta({ description: 'Inclusive.', examples: ['2026-01-31T13:00:00+07:00'] }),
  to: boundedTimeSchema.meta({ description: 'Exclusive.', examples: ['2026-01-31T15:30:00+07:00'] }),
};

/** The body of a PUT: the entity without its id, which the address holds. An unknown field is refused. */
const input = <S extends z.ZodRawShape>(title: string, shape: S, example: Record<string, unknown>) =>
  z
    .strictObject({ ...shape, id: idSchema.optional(), ...ignoredStamp })
    .meta({ title: `${title}Input`, examples: [example] });

const output = <S extends z.ZodRawShape>(title: string, shape: S, example: Record<string, unknown>) =>
  z.object({ ...shape, ...stampShape }).meta({ title, examples: [{ ...example, ...stampExample }] });

const stampExample = { version: 1, changedAt: '2026-01-31T13:45:00+07:00', changedBy: 'admin' };

const examples = {
  enterprise: {
    id: 'lam-son',
    name: 'Xi măng Lam Sơn',
    nameEn: 'Lam Son Cement',
    sector: '2394',
    size: 'large',
  },
  site: {
    id: 'lam-son-1',
    enterprise: 'lam-son',
    name: 'Nhà máy số 1',
    province: 'Thanh Hóa',
    ward: 'Bỉm Sơn',
    timeZone: 'Asia/Ho_Chi_Minh',
    station: 'TH_LAMS_KHILO1',
  },
  source: { id: 'lam-son-stack-1', site: 'lam-son-1', name: 'Ống khói lò 1', kind: 'stack' },
  meter: {
    id: 'lam-son-kwh',
    site: 'lam-son-1',
    name: 'Điện tổng',
    quantity: 'electricity',
    kind: 'counter',
    unit: 'kWh',
    intervalMs: 900_000,
    multiplier: 40,
    registerWidth: 1_000_000,
    ratePerHourMax: 4_000,
    swaps: [{ at: '2026-01-12T09:30:00+07:00', finalOld: 48_211.5, initialNew: 0 }],
    time: { zone: 'Asia/Ho_Chi_Minh', stamp: 'closes', midnight: 'begins-day' },
  },
  limit: {
    id: 'lam-son-dust',
    meter: 'lam-son-pm',
    parameter: 'PM',
    averaging: 'PT1H',
    unit: 'mg/Nm3',
    value: 100,
    factors: { kp: 0.8, kv: 1.2 },
    validShareMin: 0.75,
    source: { document: 'QCVN 23:2009/BTNMT, bảng 1, cột B2', verified: false },
    validFrom: '2015-01-01T00:00:00+07:00',
  },
  baseline: {
    id: 'lam-son-power-2025',
    name: 'Điện theo clinker, 2025',
    enterprise: 'lam-son',
    resource: 'electricity',
    productionUnit: 't',
    meters: [],
    period: 'P1M',
    from: '2025-01-01',
    to: '2026-01-01',
    model: 'regression',
    drivers: ['production'],
    coverageMin: 0.9,
    acceptance: { r2Min: 0.75, cvRmseMax: 0.2, driverPMax: 0.1 },
    adjustments: [
      {
        from: '2026-03-01',
        to: '2026-04-01',
        amount: 12_000,
        unit: 'kWh',
        reason: 'Chạy thử máy nghiền mới, không có sản phẩm',
        by: 'Nguyễn An',
      },
    ],
    reason: '12 tháng trước khi đánh giá sản xuất sạch hơn',
  },
  factor: {
    id: 'vn-grid-2023',
    name: 'Hệ số phát thải lưới điện Việt Nam 2023',
    kind: 'grid',
    value: 0.6592,
    unit: 'tCO2',
    per: 'MWh',
    source: { document: '1726/BĐKH-PTCBT, 2024-12', verified: false },
    validFrom: '2023-01-01',
    validTo: '2024-01-01',
  },
  officer: {
    id: 'nguyen-an',
    name: 'Nguyễn An',
    email: 'an@example.vn',
    language: 'vi',
    territory: ['Bỉm Sơn'],
  },
  void: {
    id: 'lam-son-kwh-swap',
    meter: 'lam-son-kwh',
    from: '2026-01-31T13:00:00+07:00',
    to: '2026-01-31T15:30:00+07:00',
    reason: 'Đồng hồ bị tháo để kiểm định / meter taken out for verification',
  },
  participation: {
    id: 'lam-son',
    applying: { holds: true, since: '2024-03-01', evidence: 'Quyết định 12/QĐ-LS về tổ sản xuất sạch hơn' },
    dedicatedUnit: { holds: true, since: '2024-03-01', evidence: 'Quyết định 12/QĐ-LS' },
    training: {
      trained: 2,
      of: 3,
      on: '2025-06-30',
      who: 'Tổ sản xuất sạch hơn, do Sở Công Thương tập huấn',
      evidence: 'Chứng nhận tháng 6/2025',
    },
    baselines: ['lam-son-power-2025'],
  },
  assessment: {
    id: 'lam-son',
    tasks: [{ task: 1, state: 'done', on: '2025-01-10', evidence: 'Biên bản thành lập đội' }],
  },
  mapping: {
    id: 'lam-son-plc',
    enterprise: 'lam-son',
    name: 'PLC lò qua Telegraf',
    door: 'line-protocol',
    match: { measurement: 'modbus', 'tag.host': 'plc-{line}', field: '{what}_kwh' },
    meter: 'lam-son-{line}-{what}',
    unit: 'kWh',
    precedence: 0,
  },
  ...deskExamples,
  key: {
    id: 'lam-son-gateway',
    name: 'Lam Sơn gateway',
    role: 'plant',
    enterprise: 'lam-son',
    sites: [],
    createdAt: '2026-01-31T13:45:00+07:00',
  },
} as const satisfies Record<EntityKind, Record<string, unknown>>;

/** Bodies that a PUT takes. */
export const inputSchemas = {
  enterprise: input('Enterprise', enterpriseSchema.shape, examples.enterprise),
  site: input('Site', siteSchema.shape, examples.site),
  source: input('Source', sourceSchema.shape, examples.source),
  meter: input('Meter', meterShape, examples.meter).check(checkInterval),
  limit: input('Limit', limitShape, examples.limit),
  baseline: input('Baseline', baselineSchema.shape, examples.baseline),
  factor: input('Factor', factorSchema.shape, examples.factor),
  officer: input('Officer', officerSchema.shape, examples.officer),
  void: input('Void', voidShape, examples.void),
  participation: input('Participation', participationSchema.shape, examples.participation),
  assessment: input('Assessment', assessmentSchema.shape, examples.assessment),
  mapping: input('SourceMapping', sourceMappingSchema.shape, examples.mapping),
  person: input('Person', deskShapes.person, examples.person),
  roster: input('Roster', deskShapes.roster, examples.roster),
  policy: input('Policy', deskShapes.policy, examples.policy),
  channel: input('Channel', deskShapes.channel, examples.channel),
  outage: input('Outage', deskShapes.outage, examples.outage),
  duty: input('Duty', deskShapes.duty, examples.duty),
} as const satisfies Record<WritableKind, z.ZodType>;

/** Entities as they are answered. */
export const outputSchemas = {
  enterprise: output('Enterprise', enterpriseSchema.shape, examples.enterprise),
  site: output('Site', siteSchema.shape, examples.site),
  source: output('Source', sourceSchema.shape, examples.source),
  meter: output('Meter', meterShape, examples.meter),
  limit: output('Limit', limitShape, examples.limit),
  baseline: output('Baseline', baselineSchema.shape, examples.baseline),
  factor: output('Factor', factorSchema.shape, examples.factor),
  officer: output('Officer', officerSchema.shape, examples.officer),
  void: output('Void', voidShape, examples.void),
  participation: output('Participation', participationSchema.shape, examples.participation),
  assessment: output('Assessment', assessmentSchema.shape, examples.assessment),
  mapping: output('SourceMapping', sourceMappingSchema.shape, examples.mapping),
  person: output('Person', deskShapes.person, examples.person),
  roster: output('Roster', deskShapes.roster, examples.roster),
  policy: output('Policy', deskShapes.policy, examples.policy),
  channel: output('Channel', deskShapes.channel, examples.channel),
  outage: output('Outage', deskShapes.outage, examples.outage),
  duty: output('Duty', deskShapes.duty, examples.duty),
  key: output('Key', keyShape, examples.key),
} as const satisfies Record<EntityKind, z.ZodType>;

/** The entity as it goes on the wire: times as text, and of a key never the hash. */
export function toWire(
  kind: EntityKind,
  versioned: Versioned<EntityOf<EntityKind>>,
): Record<string, unknown> {
  const wire: Record<string, unknown> = {
    ...versioned.body,
    version: versioned.version,
    changedAt: isoInZone(versioned.at, houseZone),
    changedBy: versioned.by,
  };
  if (kind === 'key') delete wire['hash'];
  for (const field of timeFields[kind] ?? []) {
    const time = wire[field];
    if (typeof time === 'number') wire[field] = isoInZone(time, houseZone);
  }
  if (kind === 'roster') return { ...wire, ...rosterToWire(versioned.body as EntityOf<'roster'>) };
  if (kind === 'meter') return meterToWire(wire, versioned.body as EntityOf<'meter'>);
  return wire;
}

/** The entity as the registry keeps it, out of a parsed PUT body. */
export function fromWire(
  kind: WritableKind,
  id: string,
  body: Record<string, unknown>,
): Record<string, unknown> {
  const { version: _version, changedAt: _at, changedBy: _by, ...entity } = body;
  for (const field of timeFields[kind] ?? []) {
    const text = entity[field];
    if (typeof text === 'string') entity[field] = Date.parse(text);
  }
  if (kind === 'meter') meterFromWire(entity);
  if (kind === 'roster') rosterFromWire(entity);
  return { ...entity, id };
}

const timeFields: Partial<Record<EntityKind, readonly string[]>> = {
  meter: ['from', 'to'],
  limit: ['validFrom', 'validTo'],
  void: ['from', 'to'],
  outage: ['from', 'to'],
  key: ['createdAt', 'expiresAt'],
};
