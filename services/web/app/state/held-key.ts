import { signal } from '@preact/signals';

const name = 'songma.key';

/** The key that the reader has given to this tab of the browser; undefined where nobody needs one. */
export const heldKey = signal(sessionStorage.getItem(name) ?? undefined);

export function holdKey(token: string): void {
  sessionStorage.setItem(name, token);
  heldKey.value = token;
}

export function forgetKey(): void {
  sessionStorage.removeItem(name);
  heldKey.value = undefined;
}
