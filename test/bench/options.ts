/** A positive whole number that was given on the command line. @throws Error */
export function parseCount(name: string, text: string): number {
  const count = Number(text);
  if (Number.isInteger(count) && count > 0) return count;
  throw new Error(`${name} is a positive whole number, not ${text}`);
}
