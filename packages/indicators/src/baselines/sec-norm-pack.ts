import type { Bilingual } from '@songma/domain';
import type { NormBound, SecNorm } from './sec-norms.ts';

interface Circular {
  readonly document: string;
  readonly year: number;
}

const steel = { document: '20/2016/TT-BCT', year: 2016 };
const beverages = { document: '19/2016/TT-BCT', year: 2016 };
const paper = { document: '24/2017/TT-BCT', year: 2017 };
const seafood = { document: '52/2018/TT-BCT (VBHN 25/2020)', year: 2018 };

/**
 * Norms of specific energy consumption, as far as their values were found, in pages that tell of the
 * circulars. Seafood and sugar have norms for 2026 to
 * 2030, and plastics from 2025-04-01, whose values were not: none is given.
 */
export const secNorms: readonly SecNorm[] = [
  twoStages('steel-sinter', 'iron-ore sinter', 'thiêu kết quặng sắt', 'MJ/t', 2350, 1960, steel),
  twoStages('steel-blast-furnace', 'blast-furnace iron', 'gang lò cao', 'MJ/t', 14_000, 12_400, steel),
  twoStages('steel-converter', 'converter billet', 'phôi thép lò chuyển', 'MJ/t', 150, 100, steel),
  twoStages('steel-arc', 'electric-arc billet', 'phôi thép lò điện hồ quang', 'MJ/t', 2600, 2500, steel),
  twoStages('steel-induction', 'induction billet', 'phôi thép lò cảm ứng', 'MJ/t', 2600, 2500, steel),
  twoStages('steel-hot-rolled', 'hot-rolled long steel', 'thép dài cán nóng', 'MJ/t', 1650, 1600, steel),
  twoStages('steel-cold-rolled', 'cold-rolled sheet', 'thép tấm lá cán nguội', 'MJ/t', 1600, 1500, steel),
  twoStages(
    'beer-large',
    'beer, over 100 million litres a year',
    'bia, trên 100 triệu lít/năm',
    'MJ/hL',
    140,
    129,
    beverages,
  ),
  twoStages(
    'beer-medium',
    'beer, 20 to 100 million litres a year',
    'bia, 20 đến 100 triệu lít/năm',
    'MJ/hL',
    215,
    196,
    beverages,
  ),
  twoStages(
    'beer-small',
    'beer, under 20 million litres a year',
    'bia, dưới 20 triệu lít/năm',
    'MJ/hL',
    306,
    286,
    beverages,
  ),
  twoStages(
    'soft-drink-carbonated',
    'soft drinks, carbonated or both kinds',
    'nước giải khát có ga, hoặc cả có ga và không ga',
    'MJ/hL',
    55,
    52,
    beverages,
  ),
  twoStages(
    'soft-drink-still',
    'soft drinks, still only, water not among them',
    'nước giải khát không ga, không kể nước uống',
    'MJ/hL',
    111,
    107,
    beverages,
  ),
  lastStage(
    'paper-packaging-large',
    'packaging paper, over 50,000 t a year',
    'giấy bao bì, trên 50.000 t/năm',
    6713,
  ),
  lastStage(
    'paper-packaging-medium',
    'packaging paper, 10,000 to 50,000 t a year',
    'giấy bao bì, 10.000 đến 50.000 t/năm',
    6744,
  ),
  lastStage(
    'paper-packaging-small',
    'packaging paper, under 10,000 t a year',
    'giấy bao bì, dưới 10.000 t/năm',
    5482,
  ),
  lastStage(
    'paper-tissue-medium',
    'tissue, 10,000 to 50,000 t a year',
    'giấy tissue, 10.000 đến 50.000 t/năm',
    14_572,
  ),
  lastStage('paper-tissue-small', 'tissue, under 10,000 t a year', 'giấy tissue, dưới 10.000 t/năm', 13_169),
  lastStage(
    'paper-printing-large',
    'printing and writing paper, integrated, over 50,000 t a year',
    'giấy in, giấy viết, liên hợp bột giấy, trên 50.000 t/năm',
    13_639,
  ),
  lastStage(
    'paper-printing-medium',
    'printing and writing paper, 10,000 to 50,000 t a year',
    'giấy in, giấy viết, 10.000 đến 50.000 t/năm',
    9455,
  ),
  toEndOf2025('seafood-pangasius', 'pangasius, by fish equivalent', 'cá da trơn, quy đổi theo cá', 1050),
  toEndOf2025('seafood-shrimp', 'shrimp', 'tôm', 2050),
];

function norm(
  id: string,
  product: Bilingual,
  unit: string,
  bounds: readonly NormBound[],
  circular: Circular,
): SecNorm {
  return { id, product, unit, bounds, ...circular, assurance: 'press', verified: false };
}

/** To the end of 2020, then to the end of 2025. */
function twoStages(
  id: string,
  en: string,
  vi: string,
  unit: string,
  first: number,
  second: number,
  circular: Circular,
): SecNorm {
  const bounds = [
    { value: first, validFrom: null, validTo: '2021-01-01' },
    { value: second, validFrom: '2021-01-01', validTo: '2026-01-01' },
  ];
  return norm(id, { en, vi }, unit, bounds, circular);
}

/** Paper from 2021: the values before were not found. */
function lastStage(id: string, en: string, vi: string, value: number): SecNorm {
  const bounds = [{ value, validFrom: '2021-01-01', validTo: '2026-01-01' }];
  return norm(id, { en, vi }, 'MJ/t', bounds, paper);
}

function toEndOf2025(id: string, en: string, vi: string, value: number): SecNorm {
  return norm(id, { en, vi }, 'kWh/t', [{ value, validFrom: null, validTo: '2026-01-01' }], seafood);
}
