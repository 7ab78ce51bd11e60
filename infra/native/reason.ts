/**
 * What an error says, for people: the message of its innermost cause, since `fetch` says no more than
 * "fetch failed" itself.
 */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { cause } = error;
  return cause instanceof Error && reasonOf(cause) !== '' ? reasonOf(cause) : error.message;
}
