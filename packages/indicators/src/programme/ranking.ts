import { roundTo15Digits, type Bilingual, type Indicator } from '@songma/domain';

/** An enterprise with its value in a group of those that make one product in one sector. */
export interface GroupMember {
  readonly enterprise: string;
  readonly value: number;
}

export type BetterIs = 'lower' | 'higher';
export type Quartile = 1 | 2 | 3 | 4;

export interface RankedMember extends GroupMember {
  /** Value over the group's median; null where that is zero. */
  readonly relative: number | null;
  /** From 1, the best; equal values share one, and the next is as many behind. */
  readonly rank: number;
  /** 1 is the best. Equal values share one. */
  readonly quartile: Quartile;
}

export interface Ranking {
  /** Best first, equal ones by id. */
  readonly members: readonly RankedMember[];
  /** Of the values, ascending whatever is better; null when there are no members. So also the next. */
  readonly quartiles: readonly [q1: number, median: number, q3: number] | null;
  /** Distance of the outer quartiles over the median; null also where that is zero. */
  readonly spread: number | null;
}

/** Fewest enterprises of a group of which one may learn its place: below, the others could be told from it. */
export const membersMin = 5;

/** Above this share of spread amounts a value is not compared with others. */
export const estimatedShareMax = 0.1;

/** Why an enterprise is in no ranking. */
export const unrankedReasons = {
  'no-product': {
    en: 'No meter of its production names a product.',
    vi: 'Chưa có công tơ sản lượng nào nêu tên sản phẩm.',
  },
  'several-products': {
    en: 'It makes several products, and does not state how they share what serves all.',
    vi: 'Sản xuất nhiều sản phẩm nhưng chưa khai báo cách phân bổ phần dùng chung.',
  },
  'not-published': {
    en: 'The indicator is not published for the window.',
    vi: 'Chỉ số chưa được công bố cho khoảng thời gian này.',
  },
  withheld: {
    en: 'The indicator is withheld.',
    vi: 'Chỉ số chưa có giá trị.',
  },
  estimated: {
    en: 'More than a tenth of it is spread over gaps.',
    vi: 'Hơn một phần mười được phân bổ qua các khoảng thiếu số liệu.',
  },
  'other-unit': {
    en: 'Its production is told in another unit than that of most of its group.',
    vi: 'Sản lượng được tính theo đơn vị khác với đa số trong nhóm.',
  },
} as const satisfies Record<string, Bilingual>;
export type UnrankedReason = keyof typeof unrankedReasons;

/** Whether a published value is good enough to be compared; null: it is. */
export function unrankedFor(
  indicator: Pick<Indicator, 'value' | 'estimatedShare'> | undefined,
): UnrankedReason | null {
  if (indicator === undefined) return 'not-published';
  if (indicator.value === null) return 'withheld';
  return (indicator.estimatedShare ?? 0) > estimatedShareMax ? 'estimated' : null;
}

/** The unit of most values of a group, of equally many the first; undefined when there is none. */
export function unitOfMost(units: readonly string[]): string | undefined {
  const counts = [...Map.groupBy(units, (unit) => unit)].map(([unit, { length }]) => ({ unit, length }));
  return counts.toSorted((a, b) => b.length - a.length || (a.unit < b.unit ? -1 : 1))[0]?.unit;
}

/** Ranks a group, each enterprise being in it once; the order in which they are given does not matter. */
export function rankGroup(members: readonly GroupMember[], betterIs: BetterIs): Ranking {
  if (members.length === 0) return { members: [], quartiles: null, spread: null };
  const sign = betterIs === 'lower' ? 1 : -1;
  const ascending = members.map(({ value }) => value).toSorted((a, b) => a - b);
  const quartiles = [0.25, 0.5, 0.75].map((share) => quantile(ascending, share)) as [number, number, number];
  const [q1, median, q3] = quartiles;
  const bounds = betterIs === 'lower' ? quartiles : quartiles.toReversed();
  const ordered = members.toSorted(
    (a, b) => sign * (a.value - b.value) || (a.enterprise < b.enterprise ? -1 : 1),
  );
  const ranked: RankedMember[] = [];
  for (const [i, { enterprise, value }] of ordered.entries()) {
    const before = ranked.at(-1);
    const rank = before?.value === value ? before.rank : i + 1;
    const quartile = (1 + bounds.filter((bound) => sign * (value - bound) > 0).length) as Quartile;
    ranked.push({ enterprise, value, relative: over(value, median), rank, quartile });
  }
  return { members: ranked, quartiles, spread: over(q3 - q1, median) };
}

/** What one enterprise learns of its group. */
export interface OwnPlace {
  /** How many are ranked. */
  readonly size: number;
  /** Null when it is not ranked itself, or the group is too small. */
  readonly quartile: Quartile | null;
  /** To two digits, since with few members a quartile is the value of one; null in a group that is too small. */
  readonly quartiles: Ranking['quartiles'];
}

/** The place of an enterprise, without anything that tells who or what its neighbours are. */
export function ownPlace({ members, quartiles }: Ranking, enterprise: string): OwnPlace {
  const size = members.length;
  if (size < membersMin || quartiles === null) return { size, quartile: null, quartiles: null };
  const [q1, median, q3] = quartiles.map((bound) => Number(bound.toPrecision(2))) as [number, number, number];
  const own = members.find((member) => member.enterprise === enterprise);
  return { size, quartile: own?.quartile ?? null, quartiles: [q1, median, q3] };
}

/**
 * Between the two values next to it, by distance.
 * @see Hyndman and Fan (1996), Sample Quantiles in Statistical Packages, definition 7
 */
function quantile(ascending: readonly number[], share: number): number {
  const at = (ascending.length - 1) * share;
  const below = ascending[Math.floor(at)]!;
  const above = ascending[Math.ceil(at)]!;
  return roundTo15Digits(below + (above - below) * (at - Math.floor(at)));
}

function over(value: number, median: number): number | null {
  return median === 0 ? null : roundTo15Digits(value / median);
}
