/**
 * `later - earlier` with no more decimals than the registers can carry: 15 significant digits. The plain difference of
 * two large registers ends in digits that no meter has shown.
 */
export function registerDifference(later: number, earlier: number): number {
  const difference = later - earlier;
  const digits = Math.ceil(Math.log10(Math.max(Math.abs(later), Math.abs(earlier), 1)));
  const scale = 10 ** (15 - digits);
  const rounded = Math.round(difference * scale) / scale;
  return Number.isFinite(rounded) ? rounded : difference;
}
