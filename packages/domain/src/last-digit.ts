/** What the last decimal place is worth in which either of two values shows a digit; 1 when neither has decimals. */
export function lastDigit(a: number, b: number): number {
  let worth = 1;
  for (let places = 0; places < 9; places++, worth /= 10) {
    const scale = 1 / worth;
    if (isNearInteger(a * scale) && isNearInteger(b * scale)) break;
  }
  return worth;
}

function isNearInteger(value: number): boolean {
  return Math.abs(value - Math.round(value)) < 1e-6 * Math.max(1, Math.abs(value) * 1e-6);
}
