import type { Assurance, Bilingual, Resource } from '@songma/domain';

/** A saving per unit of product that a programme asks for, over the dates in which it does. */
export interface TargetBand {
  readonly id: string;
  readonly title: Bilingual;
  /** Shares of the baseline's use, both ends within the band. */
  readonly min: number;
  readonly max: number;
  /** Dates, the last exclusive. */
  readonly validFrom: string;
  readonly validTo: string;
  /** What the text names; for others the band is a comparison only. */
  readonly covers: readonly Resource[];
  readonly document: string;
  /** How sure it is, and whether it has been compared with the decision itself. */
  readonly assurance: Assurance;
  readonly verified: boolean;
}

const energyAndMaterials = ['electricity', 'fuel', 'heat', 'energy', 'material'] as const;
const materialsAndFuels = ['fuel', 'material'] as const;

/** Every target band that is known. None names a base year: the baseline is the enterprise's own. */
export const targetBands: readonly TargetBand[] = [
  {
    id: '1419-2015',
    title: {
      en: 'Cleaner production in industry to 2020, stage to 2015',
      vi: 'Sản xuất sạch hơn trong công nghiệp đến năm 2020, giai đoạn đến 2015',
    },
    min: 0.05,
    max: 0.08,
    validFrom: '2009-09-07',
    validTo: '2016-01-01',
    covers: energyAndMaterials,
    document: '1419/QĐ-TTg, 2009-09-07',
    assurance: 'press',
    verified: false,
  },
  {
    id: '1419-2020',
    title: {
      en: 'Cleaner production in industry to 2020, stage 2016 to 2020',
      vi: 'Sản xuất sạch hơn trong công nghiệp đến năm 2020, giai đoạn 2016–2020',
    },
    min: 0.08,
    max: 0.13,
    validFrom: '2016-01-01',
    validTo: '2021-01-01',
    covers: energyAndMaterials,
    document: '1419/QĐ-TTg, 2009-09-07, art. 1 II',
    assurance: 'memory',
    verified: false,
  },
  {
    id: '160-thanh-hoa-2020',
    title: {
      en: 'Cleaner production in industry in Thanh Hóa, 2017 to 2020',
      vi: 'Sản xuất sạch hơn trong công nghiệp tỉnh Thanh Hóa, 2017–2020',
    },
    min: 0.08,
    max: 0.13,
    validFrom: '2017-09-15',
    validTo: '2021-01-01',
    covers: energyAndMaterials,
    document: '160/KH-UBND (Thanh Hóa), 2017-09-15',
    assurance: 'press',
    verified: false,
  },
  {
    id: '889-2025',
    title: {
      en: 'Sustainable production and consumption, 2021 to 2025',
      vi: 'Sản xuất và tiêu dùng bền vững, giai đoạn 2021–2025',
    },
    min: 0.05,
    max: 0.08,
    validFrom: '2021-01-01',
    validTo: '2026-01-01',
    covers: materialsAndFuels,
    document: '889/QĐ-TTg, 2020-06-24',
    assurance: 'press',
    verified: false,
  },
  {
    id: '889-2030',
    title: {
      en: 'Sustainable production and consumption, 2026 to 2030',
      vi: 'Sản xuất và tiêu dùng bền vững, giai đoạn 2026–2030',
    },
    min: 0.07,
    max: 0.1,
    validFrom: '2026-01-01',
    validTo: '2031-01-01',
    covers: materialsAndFuels,
    document: '889/QĐ-TTg, 2020-06-24',
    assurance: 'press',
    verified: false,
  },
];

export interface TargetJudgement {
  readonly band: TargetBand;
  /** Whether the text names this resource. */
  readonly isCovered: boolean;
  /** Null when there is no saving to judge. */
  readonly verdict: 'below' | 'within' | 'above' | null;
}

/** Judges a saving share against every band in force on the date (`2018-12-31`). */
export function judgeTargets(
  savingShare: number | null,
  resource: Resource,
  date: string,
): TargetJudgement[] {
  return targetBands
    .filter(({ validFrom, validTo }) => validFrom <= date && date < validTo)
    .map((band) => ({
      band,
      isCovered: band.covers.includes(resource),
      verdict:
        savingShare === null
          ? null
          : savingShare < band.min
            ? 'below'
            : savingShare <= band.max
              ? 'within'
              : 'above',
    }));
}
