const fiveFields = /^[^\t]*\t[^\t]*\t[^\t]*\t[ ]*(\d{14})[ ]*\t[^\t]*\t*$/;

/** Different times of a file that are kept apart; one that speaks of more waits for all others. */
const timesMax = 1_000;

/**
 * The times that a five-field file speaks of, as it prints them; undefined where that is not known, as of every other
 * file. Of two values of one meter and time the one that the door is given later stands: so files that speak of the
 * same time must be pushed one after the other, and only those.
 */
export function timesIn(content: Buffer): ReadonlySet<string> | undefined {
  const times = new Set<string>();
  for (const line of content.toString('latin1').split('\n')) {
    if (line.trim() === '') continue;
    const time = fiveFields.exec(line.endsWith('\r') ? line.slice(0, -1) : line)?.[1];
    if (time === undefined || times.size === timesMax) return undefined;
    times.add(time);
  }
  return times;
}

/** Files of one station that are being pushed. Each waits for those before it that speak of a time of its own. */
export class TimesUnderWay {
  readonly #pushes = new Set<{ times: ReadonlySet<string> | undefined; done: Promise<unknown> }>();

  /** Resolves when none that was added before speaks of one of these times. */
  async free(times: ReadonlySet<string> | undefined): Promise<void> {
    const before = [...this.#pushes].filter(
      (push) => times === undefined || push.times === undefined || haveCommon(times, push.times),
    );
    await Promise.all(before.map(({ done }) => done));
  }

  /** @param done settles, and never rejects, when the file is pushed */
  add(times: ReadonlySet<string> | undefined, done: Promise<unknown>): void {
    const push = { times, done };
    this.#pushes.add(push);
    void done.then(() => this.#pushes.delete(push));
  }

  async all(): Promise<void> {
    await Promise.all([...this.#pushes].map(({ done }) => done));
  }
}

function haveCommon(a: ReadonlySet<string>, b: ReadonlySet<string>): boolean {
  for (const time of a) if (b.has(time)) return true;
  return false;
}
