/** Whether a VSIC code (`C2394`, `2394`) begins with another; letters of sections do not count. */
export function isInSector(sector: string, code: string): boolean {
  return digitsOf(sector).startsWith(digitsOf(code));
}

/** The class of a VSIC code, within which is ranked: its first four digits, all where it has fewer. */
export function sectorClass(sector: string): string {
  return digitsOf(sector).slice(0, 4);
}

function digitsOf(sector: string): string {
  return sector.replace(/^[A-Z]/, '');
}
