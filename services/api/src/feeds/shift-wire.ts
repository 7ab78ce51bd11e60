import {
  fillText,
  shiftEvidenceKinds,
  type Bilingual,
  type ShiftDiagnosis,
  type ShiftEvidence,
  type ShiftEvidenceKind,
} from '@songma/domain';
import { z } from 'zod';
import { isoInZone } from '../iso-time.ts';
import { isoTimeSchema } from '../routes.ts';

/** What each finding says. Places are filled from its measures, milliseconds as minutes. */
export const shiftEvidenceTexts: Record<ShiftEvidenceKind, Bilingual> = {
  'arrives-early': {
    en: 'The quickest readings come {early} minutes before what they describe is over: their times cannot be right.',
    vi: 'Số liệu đến nhanh nhất xuất hiện trước khi khoảng đo của nó kết thúc {early} phút: thời gian ghi không thể đúng.',
  },
  'arrives-late': {
    en: 'Even the quickest readings come {quickest} minutes after what they describe is over; those of the other meters of the site: {peers}.',
    vi: 'Ngay cả số liệu đến nhanh nhất cũng đến sau khi khoảng đo kết thúc {quickest} phút; của các công tơ khác tại cơ sở: {peers}.',
  },
  'profile-of-peers': {
    en: '{peers} of {compared} meters of the site run like this one, but at other times: its stamps lie {shift} minutes after theirs (negative: before).',
    vi: '{peers} trong {compared} công tơ của cơ sở diễn biến giống công tơ này nhưng lệch giờ: thời gian nó ghi sau các công tơ đó {shift} phút (số âm: trước).',
  },
  'profile-moved': {
    en: 'From a date on its day has the same shape {shift} minutes later (negative: earlier) than before, and no other meter of the site moved with it.',
    vi: 'Từ một ngày trở đi, diễn biến trong ngày giữ nguyên dạng nhưng muộn hơn trước {shift} phút (số âm: sớm hơn), trong khi các công tơ khác không đổi.',
  },
  midnight: {
    en: 'The row of midnight comes {midnight} minutes after its time, the rows before and after it {before} and {after}.',
    vi: 'Dòng số liệu lúc nửa đêm đến sau thời gian của nó {midnight} phút, các dòng ngay trước và ngay sau là {before} và {after}.',
  },
};

export const shiftSchema = z.object({
  suspected: z.boolean().nullable().meta({
    description: 'Null: the data cannot tell, as where a course is flat or nobody can be compared.',
  }),
  shiftMs: z.int().nullable().meta({
    description: 'Stored times minus true ones: positive where stamps run ahead. Nothing is corrected by it.',
  }),
  confidence: z.number().min(0).max(1),
  since: isoTimeSchema
    .nullable()
    .meta({ description: 'From when on, where the feed itself shows a change.' }),
  midnightOnly: z.boolean().meta({ description: 'Only the rows stamped at midnight are shifted.' }),
  peersInStep: z.int().nonnegative(),
  peersShifted: z.int().nonnegative(),
  evidence: z.array(
    z.object({
      kind: z.enum(shiftEvidenceKinds),
      shiftMs: z.int(),
      weight: z.number().min(0).max(1),
      measures: z.record(z.string(), z.number()),
      text: z.object({ en: z.string(), vi: z.string() }),
    }),
  ),
});
export type ShiftWire = z.infer<typeof shiftSchema>;

export function shiftWire(diagnosis: ShiftDiagnosis, zone: string): ShiftWire {
  const { since, evidence, ...rest } = diagnosis;
  return {
    ...rest,
    since: since === null ? null : isoInZone(since, zone),
    evidence: evidence.map((one) => ({
      kind: one.kind,
      shiftMs: one.shiftMs,
      weight: one.weight,
      measures: Object.fromEntries(
        Object.entries(one.measures).map(([name, value]) => [name, Math.round(value * 1000) / 1000]),
      ),
      text: evidenceText(one),
    })),
  };
}

function evidenceText({ kind, shiftMs, measures }: ShiftEvidence): { en: string; vi: string } {
  const minutes = (ms: number) => Math.round(ms / 60_000);
  const parameters: Record<string, number> = { shift: minutes(shiftMs) };
  for (const [name, value] of Object.entries(measures)) {
    if (name.endsWith('Ms')) parameters[name.slice(0, -2)] = minutes(value);
    else parameters[name] = value;
  }
  if (measures['quickestMs'] !== undefined) parameters['early'] = minutes(-measures['quickestMs']);
  const text = shiftEvidenceTexts[kind];
  return { en: fillText(text, 'en', parameters), vi: fillText(text, 'vi', parameters) };
}
