/**
 * Patterns of names from outside (measurements, tags, topics, columns), and templates that are filled from them.
 *
 * A pattern is text in levels that `/` parts. `*` stands for any characters of a level, `{name}` for at least one, which
 * is then known by that name, and `**` as the last level for all that follow. `\` takes the next character as it is.
 */
export interface NamePattern {
  readonly levels: readonly Level[];
  /** The last level was `**`: any further levels, none too. */
  readonly isOpen: boolean;
  /** Names of its `{name}` places. */
  readonly places: readonly string[];
}

/** Texts, and between each two of them what may be anything. */
interface Level {
  readonly texts: readonly string[];
  readonly gaps: readonly { readonly name: string | undefined }[];
}

export interface PatternProblem {
  readonly problem: string;
}

/** What a `{name}` in a pattern may be called. */
const placePattern = /^[a-z][A-Za-z0-9_]{0,31}$/;

export function parsePattern(text: string): NamePattern | PatternProblem {
  const levels: Level[] = [];
  const places: string[] = [];
  const parts = levelsOf(text);
  const isOpen = parts.at(-1) === '**';
  for (const part of isOpen ? parts.slice(0, -1) : parts) {
    const level = parseLevel(part);
    if ('problem' in level) return level;
    for (const { name } of level.gaps) {
      if (name === undefined) continue;
      if (places.includes(name)) return { problem: `has {${name}} twice: give each place a name of its own` };
      places.push(name);
    }
    levels.push(level);
  }
  return { levels, isOpen, places };
}

/** @returns what stands in its places, or undefined when the text does not match. Costs its length at most. */
export function matchPattern(
  { levels, isOpen }: NamePattern,
  text: string,
): ReadonlyMap<string, string> | undefined {
  const parts = text.split('/');
  if (isOpen ? parts.length < levels.length : parts.length !== levels.length) return undefined;
  const found = new Map<string, string>();
  return levels.every((level, i) => matchLevel(level, parts[i]!, found)) ? found : undefined;
}

/** A text with places: `{tag.host}-{field}`. */
export interface NameTemplate {
  readonly parts: readonly (string | { readonly place: string })[];
  readonly places: readonly string[];
}

export function parseTemplate(text: string): NameTemplate | PatternProblem {
  const parts: (string | { readonly place: string })[] = [];
  const places: string[] = [];
  for (const [, literal, place] of text.matchAll(/([^{}]+)|\{([^{}]+)\}/g)) {
    parts.push(place === undefined ? literal! : { place });
    if (place !== undefined) places.push(place);
  }
  const told = parts.reduce(
    (sum, part) => sum + (typeof part === 'string' ? part.length : part.place.length + 2),
    0,
  );
  if (told !== text.length) return { problem: 'has a brace that opens or closes no place, such as {field}' };
  return { parts, places };
}

/** @returns undefined when a place is not known */
export function fillTemplate(
  { parts }: NameTemplate,
  known: (place: string) => string | undefined,
): string | undefined {
  let text = '';
  for (const part of parts) {
    const filled = typeof part === 'string' ? part : known(part.place);
    if (filled === undefined) return undefined;
    text += filled;
  }
  return text;
}

/** A name as ids are written: `Lò nung 1` is `lo-nung-1`. Empty when nothing of it can be in an id. */
export function idTextOf(name: string): string {
  return name
    .replace(/[đĐ]/g, 'd')
    .normalize('NFD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[^a-z0-9_-]+/g, '-')
    .replace(/^[-_]+|-+$/g, '');
}

/** Parted at each `/` that is not taken as it is. */
function levelsOf(text: string): string[] {
  const levels = [''];
  for (let i = 0; i < text.length; i++) {
    const char = text[i]!;
    if (char === '/') levels.push('');
    else levels[levels.length - 1] += char === '\\' ? char + (text[++i] ?? '') : char;
  }
  return levels;
}

function parseLevel(text: string): Level | PatternProblem {
  const texts = [''];
  const gaps: { name: string | undefined }[] = [];
  let wasGap = false;
  for (let i = 0; i < text.length; i++) {
    const char = text[i]!;
    if (char !== '*' && char !== '{') {
      if (char === '}') return { problem: 'has a "}" without "{": write \\} for the character' };
      if (char === '\\' && i + 1 === text.length)
        return { problem: 'ends with \\: write \\\\ for the character' };
      texts[texts.length - 1] += char === '\\' ? text[++i]! : char;
      wasGap = false;
      continue;
    }
    if (wasGap) {
      const problem =
        'has two wildcards side by side: put what is between them there (** may be the last level only)';
      return { problem };
    }
    wasGap = true;
    if (char === '*') gaps.push({ name: undefined });
    else {
      const end = text.indexOf('}', i);
      const name = end === -1 ? '' : text.slice(i + 1, end);
      if (!placePattern.test(name)) {
        return {
          problem: `"{${name}" is no place: write {name}, of letters, digits and _, or \\{ for the character`,
        };
      }
      gaps.push({ name });
      i = end;
    }
    texts.push('');
  }
  return { texts, gaps };
}

/** Each gap takes as little as it can, the last one what is left: no way back is ever tried. */
function matchLevel({ texts, gaps }: Level, text: string, found: Map<string, string>): boolean {
  if (gaps.length === 0) return text === texts[0];
  if (!text.startsWith(texts[0]!)) return false;
  let at = texts[0]!.length;
  for (const [i, { name }] of gaps.entries()) {
    const least = at + (name === undefined ? 0 : 1);
    const next = texts[i + 1]!;
    const isLast = i === gaps.length - 1;
    const lastEnd = text.endsWith(next) ? text.length - next.length : -1;
    const end = isLast ? lastEnd : text.indexOf(next, least);
    if (end < least) return false;
    if (name !== undefined) found.set(name, text.slice(at, end));
    at = end + next.length;
  }
  return true;
}
