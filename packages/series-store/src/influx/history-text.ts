import type { History, Version } from '../judge.ts';

/**
 * Most confirmations that are kept of one reading. The oldest go first: then a value that arrives late, between two
 * of them, is taken to have stood a little longer in the past. What stands now is not affected.
 */
export const confirmationsMax = 32;

/** All versions of a reading as one text: `knownUs:value:flags:revision`, joined by `;`. No value: empty. */
export function versionsText(versions: readonly Version[]): string {
  return versions
    .map(({ knownUs, value, flags, revision }) =>
      [knownUs, Number.isNaN(value) ? '' : value, flags, revision].join(':'),
    )
    .join(';');
}

/** Reads what {@link versionsText} wrote. */
export function parseVersions(text: string): Version[] {
  return text.split(';').map((version) => {
    const [knownUs = '', value = '', flags = '', revision = ''] = version.split(':');
    return {
      knownUs: Number(knownUs),
      value: value === '' ? NaN : Number(value),
      flags: Number(flags),
      revision: Number(revision),
    };
  });
}

/**
 * The confirmations of a line's readings as one text: `knownUs:meter,meter`, joined by `;`, a `=` for the same meters
 * as before it: a file that is sent again and again confirms the same meters each time.
 */
export function confirmationsText(histories: Iterable<readonly [string, History]>): string {
  const meters = new Map<number, string[]>();
  for (const [meter, { confirmedUs }] of histories) {
    for (const knownUs of confirmedUs) {
      const confirmed = meters.get(knownUs);
      if (confirmed === undefined) meters.set(knownUs, [meter]);
      else confirmed.push(meter);
    }
  }
  let before = '';
  return [...meters]
    .toSorted(([a], [b]) => a - b)
    .map(([knownUs, confirmed]) => {
      const list = confirmed.join(',');
      const shown = list === before ? '=' : list;
      before = list;
      return `${knownUs}:${shown}`;
    })
    .join(';');
}

/** Reads what {@link confirmationsText} wrote: per meter, ascending. */
export function parseConfirmations(text: string): Map<string, number[]> {
  const confirmed = new Map<string, number[]>();
  let meters: string[] = [];
  for (const entry of text.split(';')) {
    const colon = entry.indexOf(':');
    const list = entry.slice(colon + 1);
    if (list !== '=') meters = list.split(',');
    for (const meter of meters) {
      const times = confirmed.get(meter);
      const knownUs = Number(entry.slice(0, colon));
      if (times === undefined) confirmed.set(meter, [knownUs]);
      else times.push(knownUs);
    }
  }
  return confirmed;
}
