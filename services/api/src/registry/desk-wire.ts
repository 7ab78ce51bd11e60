import {
  channelSchema,
  dutySchema,
  outageSchema,
  personSchema,
  policySchema,
  rosterOverrideSchema,
  rosterSchema,
  type EntityOf,
} from '@songma/domain';
import { z } from 'zod';
import { houseZone, isoInZone } from '../iso-time.ts';
import { boundedTimeSchema } from '../routes.ts';

/** The shapes of the desk's entities on the wire: as registered, with times as text. */
export const deskShapes = {
  person: personSchema.shape,
  roster: {
    ...rosterSchema.shape,
    overrides: z
      .array(
        rosterOverrideSchema
          .extend({ from: boundedTimeSchema, to: boundedTimeSchema })
          .meta({ title: 'RosterOverride' }),
      )
      .max(500)
      .default([]),
  },
  policy: policySchema.shape,
  channel: channelSchema.shape,
  outage: {
    ...outageSchema.shape,
    from: boundedTimeSchema.meta({ description: 'Inclusive.' }),
    to: boundedTimeSchema.meta({ description: 'Exclusive.' }),
  },
  duty: dutySchema.shape,
} as const;

export const deskExamples = {
  person: {
    id: 'nguyen-an',
    name: 'Nguyễn An',
    role: 'officer',
    mail: 'an@example.vn',
    language: 'vi',
    territory: [{ kind: 'ward', name: 'Bỉm Sơn' }],
  },
  roster: {
    id: 'centre',
    name: 'Trung tâm quan trắc',
    timeZone: 'Asia/Ho_Chi_Minh',
    layers: [{ from: '2026-01-05', persons: ['nguyen-an', 'le-binh'], days: 7, handOffAt: '07:30' }],
    overrides: [
      {
        from: '2026-02-16T00:00:00+07:00',
        to: '2026-02-20T00:00:00+07:00',
        add: ['le-binh'],
        remove: ['nguyen-an'],
        reason: 'Nghỉ Tết',
      },
    ],
    last: 'tran-chi',
  },
  policy: {
    id: 'exceedances',
    name: 'Vượt ngưỡng',
    select: { kinds: ['exceedance'], severityMin: 'from-1.5' },
    steps: [
      { afterMin: 0, to: [{ kind: 'plant' }, { kind: 'roster', id: 'centre' }] },
      { afterMin: 120, to: [{ kind: 'person', id: 'tran-chi' }] },
    ],
    repeat: 1,
    ackLapseMin: 1440,
    askPlantMin: 1440,
    verified: false,
  },
  channel: {
    id: 'nguyen-an-mail',
    person: 'nguyen-an',
    kind: 'smtp',
    timeZone: 'Asia/Ho_Chi_Minh',
    quiet: { from: '22:00', to: '06:00' },
    digest: { at: '07:30', every: 'day' },
    secretVersion: 1,
  },
  outage: {
    id: 'kiln-1-overhaul',
    source: 'lam-son-stack-1',
    from: '2026-03-01T00:00:00+07:00',
    to: '2026-03-15T00:00:00+07:00',
    reason: 'Đại tu lò số 1',
    approvedBy: 'nguyen-an',
  },
  duty: {
    id: 'silence-notice',
    name: 'Báo gián đoạn truyền dữ liệu',
    trigger: 'long-silence',
    who: 'Cơ sở',
    what: 'Thông báo nguyên nhân và thời gian khắc phục',
    channel: 'Văn bản và thư điện tử',
    source: { document: 'Quy định của tỉnh', verified: false },
  },
} as const;

/** A roster's overrides with their times as text. */
export function rosterToWire({ overrides }: EntityOf<'roster'>): Record<string, unknown> {
  return {
    overrides: overrides.map(({ from, to, ...rest }) => ({
      from: isoInZone(from, houseZone),
      to: isoInZone(to, houseZone),
      ...rest,
    })),
  };
}

/** Reads those times, in place. */
export function rosterFromWire(entity: Record<string, unknown>): void {
  const overrides = entity['overrides'] as readonly { from: string; to: string }[] | undefined;
  if (overrides === undefined) return;
  entity['overrides'] = overrides.map(({ from, to, ...rest }) => ({
    ...rest,
    from: Date.parse(from),
    to: Date.parse(to),
  }));
}
