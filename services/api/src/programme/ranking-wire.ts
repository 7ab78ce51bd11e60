import { assuranceOf, assuranceSchema, leastAssured, withheldReasons } from '@songma/domain';
import { ownPlace, unrankedReasons, type UnrankedReason } from '@songma/indicators';
import { z } from 'zod';
import { mayKnow, type Reader } from '../access.ts';
import { isoTimeSchema } from '../routes.ts';
import type { Cells, Columns } from '../answers/cells.ts';
import { rankingWindows, type Candidate, type RankingGroup } from './ranking-groups.ts';

const amount = z.number().nullable();
const text = z.string().nullable();
const codes = Object.keys(unrankedReasons) as [UnrankedReason, ...UnrankedReason[]];

export const rankedSchema = z.object({
  enterprise: z.string(),
  name: z.string(),
  size: text,
  value: amount.meta({ description: 'In the indicator’s unit.' }),
  relative: amount.meta({ description: 'Over the group’s median; not told to a plant.' }),
  rank: amount.meta({ description: '1 is the best; equal values share one. Not told to a plant.' }),
  quartile: amount.meta({ description: '1 is the best.' }),
  coverage: amount,
  estimatedShare: amount,
  verified: z
    .boolean()
    .nullable()
    .meta({ description: 'Whether every factor that it was made with is verified.' }),
  assurance: assuranceSchema.nullable().meta({
    description: 'How sure the least sure of these factors is; null where none was needed.',
  }),
  revision: amount,
  unranked: z
    .object({ code: z.enum(codes), en: z.string(), vi: z.string() })
    .nullable()
    .meta({ description: 'Why it is not ranked.' }),
  withheld: z.enum(withheldReasons).nullable(),
});
type RankedWire = z.infer<typeof rankedSchema>;

export const groupSchema = z.object({
  sector: z.string().meta({ description: 'Class of VSIC: four digits, fewer where fewer are registered.' }),
  product: text.meta({
    description: 'Null: those of whom no one product can be told. None of them is ranked.',
  }),
  members: z.int().meta({ description: 'How many are ranked.' }),
  q1: amount.meta({
    description:
      'Quartiles of the values, ascending. To a plant to two digits, and from five ranked on only.',
  }),
  median: amount,
  q3: amount,
  spread: amount.meta({ description: '(q3 − q1)/median; not told to a plant.' }),
  items: z.array(rankedSchema).meta({ description: 'Ranked first. A plant finds itself only.' }),
});
export type GroupWire = z.infer<typeof groupSchema>;

export const rankingSchema = z.object({
  indicator: z.string(),
  unit: text,
  window: z.enum(rankingWindows),
  betterIs: z.enum(['lower', 'higher']),
  at: z.iso.date(),
  asOf: isoTimeSchema.nullable(),
  membersMin: z.int().meta({ description: 'Ranked enterprises from which on a plant learns its place.' }),
  groups: z.array(groupSchema),
});
export type RankingWire = z.infer<typeof rankingSchema>;

/** A group as this reader may see it; undefined when it holds nothing of a plant's. */
export function groupWire(group: RankingGroup, reader: Reader): GroupWire | undefined {
  const { enterprise } = reader;
  if (enterprise === undefined) return wholeGroup(group);
  if (!mayKnow(reader, { enterprise, site: undefined })) return undefined;
  const own = group.candidates.find((candidate) => candidate.enterprise.id === enterprise);
  if (own === undefined) return undefined;
  const { size, quartile, quartiles } = ownPlace(group.ranking, enterprise);
  const [q1 = null, median = null, q3 = null] = quartiles ?? [];
  const place = { relative: null, rank: null, quartile };
  const { sector, product } = group;
  return { sector, product, members: size, q1, median, q3, spread: null, items: [rankedWire(own, place)] };
}

function wholeGroup({ sector, product, candidates, ranking }: RankingGroup): GroupWire {
  const { members, quartiles, spread } = ranking;
  const [q1 = null, median = null, q3 = null] = quartiles ?? [];
  const of = new Map(candidates.map((candidate) => [candidate.enterprise.id, candidate]));
  const unranked = candidates.filter((candidate) => candidate.unranked !== null);
  const items = [
    ...members.map((member) => rankedWire(of.get(member.enterprise)!, member)),
    ...unranked.map((candidate) => rankedWire(candidate, unplaced)),
  ];
  return { sector, product, members: members.length, q1, median, q3, spread, items };
}

type Place = Pick<RankedWire, 'relative' | 'rank' | 'quartile'>;
const unplaced: Place = { relative: null, rank: null, quartile: null };

function rankedWire({ enterprise, indicator, unranked }: Candidate, place: Place): RankedWire {
  const { relative, rank, quartile } = place;
  return {
    enterprise: enterprise.id,
    name: enterprise.name,
    size: enterprise.size ?? null,
    value: indicator?.value ?? null,
    relative,
    rank,
    quartile,
    coverage: indicator?.coverage ?? null,
    estimatedShare: indicator?.estimatedShare ?? null,
    verified: indicator === undefined ? null : (indicator.factors ?? []).every(({ verified }) => verified),
    assurance: leastAssured((indicator?.factors ?? []).map(assuranceOf)) ?? null,
    revision: indicator?.revision ?? null,
    unranked: unranked === null ? null : { code: unranked, ...unrankedReasons[unranked] },
    withheld: indicator?.withheld ?? null,
  };
}

export const rankingColumns = {
  sector: 'text',
  product: 'text',
  members: 'integer',
  enterprise: 'text',
  name: 'text',
  size: 'text',
  value: 'number',
  relative: 'number',
  rank: 'integer',
  quartile: 'integer',
  q1: 'number',
  median: 'number',
  q3: 'number',
  coverage: 'number',
  estimatedShare: 'number',
  verified: 'boolean',
  assurance: 'text',
  revision: 'integer',
  unranked: 'text',
  withheld: 'text',
} as const satisfies Columns;

/** A row of the table: a group's facts beside each of its items. */
export type RankingRow = Omit<GroupWire, 'items'> & RankedWire;

export function rankingRows(groups: readonly GroupWire[]): RankingRow[] {
  return groups.flatMap(({ items, ...group }) => items.map((item) => ({ ...group, ...item })));
}

export function rankingCells({ unranked, ...row }: RankingRow): Cells {
  return { ...row, unranked: unranked?.code ?? null };
}
