interface Question {
  readonly answer: Promise<unknown>;
  readonly leaving: AbortController;
  askers: number;
}

/** Questions that are under way: several parts of a screen that ask the same wait for one answer. */
const underWay = new Map<string, Question>();

/** The answer to a question, asked once for all who ask it meanwhile; given up when the last of them leaves. */
export function sharedQuestion<T>(
  key: string,
  ask: (signal: AbortSignal) => Promise<T>,
): { readonly answer: Promise<T>; readonly leave: () => void } {
  let question = underWay.get(key);
  if (question === undefined) {
    const leaving = new AbortController();
    const answer = ask(leaving.signal).finally(() => {
      if (underWay.get(key)?.leaving === leaving) underWay.delete(key);
    });
    question = { answer, leaving, askers: 0 };
    underWay.set(key, question);
  }
  const asked = question;
  asked.askers += 1;
  const leave = () => {
    asked.askers -= 1;
    if (asked.askers > 0 || underWay.get(key) !== asked) return;
    underWay.delete(key);
    asked.leaving.abort();
  };
  return { answer: asked.answer as Promise<T>, leave };
}
