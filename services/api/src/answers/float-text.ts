/** A finite number as text that no reader takes for an integer. */
export function floatText(value: number): string {
  const text = String(value);
  // From 1e21 on it has an exponent.
  return Number.isInteger(value) && !text.includes('e') ? `${text}.0` : text;
}
