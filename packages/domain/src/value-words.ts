/** In what words devices and laboratories say that nothing was detected, without diacritics, in capitals. */
const notDetected = [
  ...['ND', 'N.D', 'N.D.', 'N/D', 'NOT DETECTED', 'NON-DETECT', 'NON DETECT'],
  ...['BDL', 'BLD', 'BQL', 'BLQ', 'BMDL', 'BELOW DETECTION', 'BELOW DETECTION LIMIT', 'BELOW LIMIT'],
  ...['KPH', 'KPHD', 'KHONG PHAT HIEN', 'KHONG PHAT HIEN DUOC'],
];
/** What stands for the detection limit itself: `<LOD`, `KPH (MDL = 0,5)`, `<GHPH`. */
const limitNames = ['LOD', 'LOQ', 'MDL', 'MQL', 'IDL', 'PQL', 'DL', 'QL', 'RL', 'LD', 'LQ', 'GHPH', 'GHDL'];

const escaped = (words: readonly string[]) =>
  words
    .toSorted((a, b) => b.length - a.length)
    .map((word) => word.replace(/[.]/g, '\\.'))
    .join('|');
/** A number in whatever convention; whoever knows that reads it. */
const number = String.raw`\+?[\d.,]*\d[\d.,]*(?:E[+-]?\d{1,3})?`;
const below = new RegExp(
  String.raw`^(?:(${escaped(notDetected)})|(?:<=?|≤))?` +
    String.raw`[\s([:;,]*(?:<=?|≤)?\s*(?:(${escaped(limitNames)})\s*[=:]?)?\s*(${number})?\s*[)\]]?$`,
);

/**
 * The detection limit in a text that says that a value lies below it: `0.5` of `<0.5`, `0,5` of `KPH (LOD=0,5)`, as it
 * is written; empty where none is told (`ND`, `<LOD`). Undefined for every other text.
 */
export function belowDetectionIn(text: string): string | undefined {
  const first = text.charCodeAt(0);
  // Numbers are the most, and what begins like one says nothing of this.
  if (first >= 43 && first <= 57) return undefined;
  const plain = withoutMarks(text);
  const found = below.exec(plain);
  if (found === null) return undefined;
  const [, word, name, limit = ''] = found;
  const isSaid = word !== undefined || /^[<≤]/.test(plain);
  return isSaid && (word !== undefined || name !== undefined || limit !== '') ? limit : undefined;
}

/** The text in capitals, in Latin letters without diacritics (also Đ), its spaces as one. */
function withoutMarks(text: string): string {
  return text
    .normalize('NFD')
    .replace(/\p{M}/gu, '')
    .toUpperCase()
    .replaceAll('Đ', 'D')
    .trim()
    .replace(/\s+/g, ' ');
}

/**
 * Whether a text tells no value at all, as `---`, `NaN`, `#N/A`, `ERR` do: it has no digit. What it means the status
 * says.
 */
export function isNoValue(text: string): boolean {
  return !/\d/.test(text);
}
