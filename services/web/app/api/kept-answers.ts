const keptMax = 80;
/** Answers of before, so that a screen that was seen is there at once and then made new. */
const answers = new Map<string, unknown>();

export function keptAnswer(key: string): unknown {
  return answers.get(key);
}

export function keepAnswer(key: string, data: unknown): void {
  answers.delete(key);
  answers.set(key, data);
  const oldest = answers.keys().next();
  if (answers.size > keptMax && oldest.done === false) answers.delete(oldest.value);
}

/** What was kept for another reader is not for this one. */
export function forgetAnswers(): void {
  answers.clear();
}
