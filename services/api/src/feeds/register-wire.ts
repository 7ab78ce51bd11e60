import type { RegisterDoubts } from '@songma/domain';
import { z } from 'zod';

/** What is told of a suspicion, by what is suspected. */
export const suspectedResetsTexts = {
  daily: {
    vi: 'Công tơ có vẻ được đặt về 0 mỗi ngày: nếu đúng, hãy khai báo "resets": "daily".',
    en: 'The register seems to begin again with each day: declare "resets": "daily" if it does.',
  },
  monthly: {
    vi: 'Công tơ có vẻ được đặt về 0 mỗi tháng: nếu đúng, hãy khai báo "resets": "monthly".',
    en: 'The register seems to begin again with each month: declare "resets": "monthly" if it does.',
  },
} as const;

export const registerSchema = z
  .object({
    suspectedResets: z
      .enum(['daily', 'monthly'])
      .nullable()
      .meta({ description: 'Resets that lie where days or months begin, and are not declared.' }),
    text: z.object({ vi: z.string(), en: z.string() }).nullable(),
    held: z
      .int()
      .nonnegative()
      .meta({ description: 'Readings with which nothing is booked until more follows.' }),
    glitches: z.int().nonnegative().meta({ description: 'Readings that are left out as false.' }),
    unexplained: z.int().nonnegative().meta({
      description: 'Readings at which the register stands where consumption cannot have brought it.',
    }),
  })
  .meta({ description: 'What is not sure about the register of a counter; null for other meters.' });

export function registerWire(doubts: RegisterDoubts | undefined): z.infer<typeof registerSchema> | null {
  if (doubts === undefined) return null;
  const { suspectedResets } = doubts;
  return { ...doubts, text: suspectedResets === null ? null : suspectedResetsTexts[suspectedResets] };
}
