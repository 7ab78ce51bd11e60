import { say, type Bilingual } from '../state/language.ts';

/** Every indicator that the api computes, but for those of pollutants. */
export const indicatorNames = {
  'electricity-intensity': { vi: 'Suất tiêu hao điện', en: 'Electricity intensity' },
  'final-energy-intensity': { vi: 'Suất tiêu hao năng lượng', en: 'Final energy intensity' },
  'oil-equivalent-intensity': { vi: 'Suất tiêu hao quy dầu', en: 'Oil equivalent intensity' },
  'water-intensity': { vi: 'Suất tiêu hao nước', en: 'Water intensity' },
  'waste-water-intensity': { vi: 'Suất nước thải', en: 'Waste water intensity' },
  'material-intensity': { vi: 'Suất tiêu hao nguyên liệu', en: 'Material intensity' },
  'ghg-scope-1-intensity': {
    vi: 'Cường độ khí nhà kính, phạm vi 1',
    en: 'Greenhouse gas intensity, scope 1',
  },
  'ghg-scope-2-intensity': {
    vi: 'Cường độ khí nhà kính, phạm vi 2',
    en: 'Greenhouse gas intensity, scope 2',
  },
  'ghg-scope-1-2-intensity': {
    vi: 'Cường độ khí nhà kính, phạm vi 1 và 2',
    en: 'Greenhouse gas intensity, scopes 1 and 2',
  },
  'energy-productivity': { vi: 'Năng suất năng lượng', en: 'Energy productivity' },
  'water-productivity': { vi: 'Năng suất nước', en: 'Water productivity' },
} as const satisfies Record<string, Bilingual>;

const pollutantIntensity: Bilingual = { vi: 'Tải lượng {substance}', en: '{substance} intensity' };

/** The name of an indicator in words; one that nobody has worded is shown by its id. */
export function indicatorWords(name: string): string {
  const words = (indicatorNames as Readonly<Record<string, Bilingual>>)[name];
  if (words !== undefined) return say(words);
  const [, substance] = /^pollutant-intensity:(.+)$/.exec(name) ?? [];
  return substance === undefined ? name : say(pollutantIntensity, { substance });
}

export const windowWords: Readonly<Record<string, Bilingual>> = {
  raw: { vi: 'số đọc', en: 'readings' },
  PT15M: { vi: '15 phút', en: '15 minutes' },
  PT1H: { vi: 'giờ', en: 'hour' },
  P1D: { vi: 'ngày', en: 'day' },
  P1M: { vi: 'tháng', en: 'month' },
  P1Y: { vi: 'năm', en: 'year' },
  R12M: { vi: '12 tháng gần nhất', en: 'rolling 12 months' },
};

const withheldReasons: Readonly<Record<string, Bilingual>> = {
  coverage: { vi: 'số liệu chưa đủ', en: 'too little data' },
  'no-production-reported': { vi: 'chưa có số liệu sản lượng', en: 'no production reported' },
  'production-mixed': {
    vi: 'sản lượng đo bằng các đơn vị không cộng được với nhau',
    en: 'production in units that do not add up',
  },
  'zero-production': { vi: 'không sản xuất', en: 'nothing was produced' },
  'no-energy-reported': { vi: 'chưa có số liệu năng lượng', en: 'no energy reported' },
  'no-water-reported': { vi: 'chưa có số liệu nước', en: 'no water reported' },
  'no-waste-water-reported': { vi: 'chưa có số liệu nước thải', en: 'no waste water reported' },
  'no-material-reported': { vi: 'chưa có số liệu nguyên liệu', en: 'no material reported' },
  'no-pollutant-reported': { vi: 'chưa có số liệu chất ô nhiễm', en: 'no pollutant reported' },
  'factor-missing': { vi: 'thiếu hệ số quy đổi', en: 'a factor is missing' },
  'allocation-missing': { vi: 'chưa khai cách phân bổ', en: 'no allocation stated' },
  'zero-resource': { vi: 'không tiêu thụ', en: 'nothing was used' },
  unfinished: { vi: 'kỳ chưa kết thúc', en: 'not over yet' },
  withdrawn: { vi: 'đã rút lại', en: 'withdrawn' },
};
const withheldWords: Bilingual = { vi: 'Không công bố', en: 'Withheld' };

/** Why there is no number. */
export function withheldText(reason: string | null): string {
  const words = withheldReasons[reason ?? ''];
  return `${say(withheldWords)}: ${words === undefined ? (reason ?? '') : say(words)}`;
}
