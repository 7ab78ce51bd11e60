import {
  resourceSchema,
  type Assurance,
  type Bilingual,
  type Enterprise,
  type Resource,
} from '@songma/domain';
import { targetBands, type TargetBand } from '../baselines/targets.ts';
import { resourceWords } from './words.ts';

/** What is counted of an enterprise as it was declared. */
export type Counted = 'aware' | 'applying' | 'dedicated-unit' | 'trained-staff';

interface TargetFacts {
  readonly id: string;
  readonly title: Bilingual;
  /** Share of those asked that shall be so, 0 to 1; null: the text names none. */
  readonly share: number | null;
  /** How sure the target is, and whether it, and how it is read here, has been compared with the text itself. */
  readonly assurance: Assurance;
  readonly verified: boolean;
}

/** A target of which Songma tells the share. */
export interface CountedTarget extends TargetFacts {
  readonly counts: Counted;
  /** Sizes of the enterprises that it asks; every one when absent. */
  readonly sizes?: readonly NonNullable<Enterprise['size']>[];
}

/** What the enterprises shall save of a resource per unit of product; the text names no share of them. */
export interface SavingTarget extends TargetFacts {
  readonly counts: 'saving';
  readonly resource: Resource;
  readonly band: TargetBand;
  /** Whether the text names this resource; else a comparison only. */
  readonly isCovered: boolean;
}

/** A target about what is not registered here (departments, parks, shops): told, and not counted. */
export interface UncountedTarget extends TargetFacts {
  readonly counts: null;
  /** Where a number of things is asked for, and no share. */
  readonly number?: { readonly min: number; readonly max: number };
}

export type ProgrammeTarget = CountedTarget | SavingTarget | UncountedTarget;

/** The targets of one document and stage. */
export interface TargetSet {
  readonly id: string;
  readonly title: Bilingual;
  readonly document: string;
  /** Dates, the last exclusive. */
  readonly validFrom: string;
  readonly validTo: string;
  /** Whose savings are asked for: of those that apply cleaner production, or of industries by VSIC code. */
  readonly savers: 'applying' | readonly string[];
  readonly targets: readonly ProgrammeTarget[];
}

const titles = {
  aware: {
    en: 'Establishments aware of what cleaner production is good for',
    vi: 'Cơ sở sản xuất nhận thức được lợi ích của sản xuất sạch hơn',
  },
  applying: {
    en: 'Establishments that apply cleaner production',
    vi: 'Cơ sở sản xuất áp dụng sản xuất sạch hơn',
  },
  'dedicated-unit': {
    en: 'Medium and large enterprises with a unit in charge of cleaner production',
    vi: 'Doanh nghiệp vừa và lớn có bộ phận chuyên trách về sản xuất sạch hơn',
  },
  'trained-staff': {
    en: 'Staff in charge of cleaner production that is trained',
    vi: 'Cán bộ phụ trách sản xuất sạch hơn được đào tạo',
  },
} as const satisfies Record<string, Bilingual>;

type CountedId = keyof typeof titles;
const counted = (id: CountedId, share: number, assurance: Assurance): CountedTarget => ({
  id,
  title: titles[id],
  counts: id,
  share,
  assurance,
  verified: assurance === 'text',
  ...(id === 'dedicated-unit' ? { sizes: ['medium', 'large'] } : {}),
});

const uncounted = (
  id: string,
  title: Bilingual,
  share: number | null,
  assurance: Assurance = 'press',
): UncountedTarget => ({
  id,
  title,
  counts: null,
  share,
  assurance,
  verified: assurance === 'text',
});

const departmentStaff: Bilingual = {
  en: 'Departments of Industry and Trade with qualified staff for it',
  vi: 'Sở Công Thương có cán bộ chuyên trách đủ năng lực về sản xuất sạch hơn',
};
const parksReached: Bilingual = {
  en: 'Industrial parks, clusters and craft villages reached',
  vi: 'Khu, cụm công nghiệp, làng nghề được phổ biến, hướng dẫn',
};
const provincesCampaigning: Bilingual = {
  en: 'Provinces that campaign for sustainable ways of living',
  vi: 'Tỉnh, thành phố tuyên truyền về lối sống bền vững',
};
const shops: Bilingual = {
  en: 'Supermarkets and malls with eco-friendly packaging',
  vi: 'Siêu thị, trung tâm thương mại dùng bao bì thân thiện môi trường',
};
const modelsApplied: Bilingual = {
  en: 'Models of sustainable production and consumption applied',
  vi: 'Mô hình sản xuất và tiêu dùng bền vững được áp dụng',
};
const provincesPlanning: Bilingual = {
  en: 'Provinces with a plan of action',
  vi: 'Tỉnh, thành phố có kế hoạch hành động',
};

/** Textile, steel, plastics, chemicals, cement, drinks, paper, seafood: as the text names them, by VSIC code. */
const industriesOf889 = ['13', '241', '222', '20', '2394', '11', '17', '102'];

/** A set over the band of the same id: the savings are asked of each resource apart. */
function setOf(id: string, savers: TargetSet['savers'], others: readonly ProgrammeTarget[]): TargetSet {
  const band = targetBands.find((one) => one.id === id)!;
  const { title, document, validFrom, validTo, assurance, verified } = band;
  const savings = resourceSchema.options.map((resource): SavingTarget => {
    const { en, vi } = resourceWords[resource];
    return {
      id: `saving-${resource}`,
      title: {
        en: `Saving of ${en} per unit of product`,
        vi: `Mức tiết kiệm ${vi} trên một đơn vị sản phẩm`,
      },
      counts: 'saving',
      share: null,
      resource,
      band,
      isCovered: band.covers.includes(resource),
      assurance,
      verified,
    };
  });
  return { id, title, document, validFrom, validTo, savers, targets: [...others, ...savings] };
}

/** Every target set that is known, oldest first. What was not found in a text is not here. */
export const targetSets: readonly TargetSet[] = [
  setOf('1419-2015', 'applying', [
    counted('aware', 0.5, 'press'),
    counted('applying', 0.25, 'press'),
    uncounted('department-staff', departmentStaff, 0.7),
  ]),
  setOf('1419-2020', 'applying', [
    counted('aware', 0.9, 'memory'),
    counted('applying', 0.5, 'memory'),
    counted('dedicated-unit', 0.9, 'memory'),
    uncounted('department-staff', departmentStaff, 0.9, 'memory'),
  ]),
  setOf('160-thanh-hoa-2020', 'applying', [
    counted('aware', 0.9, 'press'),
    counted('applying', 0.5, 'press'),
    counted('dedicated-unit', 0.9, 'press'),
    // The text says officials; counted is the staff that the enterprises name.
    counted('trained-staff', 1, 'memory'),
  ]),
  setOf('889-2025', industriesOf889, [
    uncounted('parks-reached', parksReached, 0.7),
    uncounted('provinces-campaigning', provincesCampaigning, 0.8),
    { ...uncounted('models-applied', modelsApplied, null), number: { min: 20, max: 30 } },
    uncounted('shops', shops, 0.85),
  ]),
  setOf('889-2030', industriesOf889, [
    uncounted('parks-reached', parksReached, 1),
    uncounted('provinces-campaigning', provincesCampaigning, 1),
    uncounted('shops', shops, 1),
    uncounted('provinces-planning', provincesPlanning, 0.9),
  ]),
];

/** The first set in force on the date, else the one that ended last before it, else the oldest. */
export function targetSetOn(date: string): TargetSet {
  const begun = targetSets.filter(({ validFrom }) => validFrom <= date);
  return begun.find(({ validTo }) => date < validTo) ?? begun.at(-1) ?? targetSets[0]!;
}

/** Targets of which a share is told. */
export function isCounted(target: ProgrammeTarget): target is CountedTarget | SavingTarget {
  return target.counts !== null;
}
