import type { Bilingual, Enterprise, Resource } from '@songma/domain';
import type { BaselineWithheld } from '../baselines/model.ts';

export const resourceWords: { readonly [R in Resource]: Bilingual } = {
  electricity: { en: 'electricity', vi: 'điện' },
  fuel: { en: 'fuel', vi: 'nhiên liệu' },
  heat: { en: 'heat', vi: 'nhiệt' },
  energy: { en: 'energy', vi: 'năng lượng' },
  water: { en: 'water', vi: 'nước' },
  'waste-water': { en: 'waste water', vi: 'nước thải' },
  material: { en: 'materials', vi: 'nguyên vật liệu' },
};

const sizeWords: { readonly [S in NonNullable<Enterprise['size']>]: Bilingual } = {
  micro: { en: 'micro', vi: 'siêu nhỏ' },
  small: { en: 'small', vi: 'nhỏ' },
  medium: { en: 'medium', vi: 'vừa' },
  large: { en: 'large', vi: 'lớn' },
};

const withheldWords: { readonly [W in BaselineWithheld]: Bilingual } = {
  'no-baseline-periods': { en: 'no period of it counts', vi: 'không có kỳ nào tính được' },
  'no-production-reported': { en: 'no production is reported', vi: 'chưa có số liệu sản lượng' },
  'zero-production': { en: 'nothing was made', vi: 'không sản xuất' },
};

/** What a place of a text says in words, where its value is a code: by the name of the place, then the code. */
export const placeWords: Readonly<Record<string, Readonly<Record<string, Bilingual>>>> = {
  resource: resourceWords,
  size: sizeWords,
  withheld: withheldWords,
};
