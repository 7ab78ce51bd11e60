import { useAsked } from '../api/asked.ts';
import { get } from '../api/client.ts';
import { signIn } from './session.ts';
import { heldKey } from './held-key.ts';

const refreshMs = 60_000;

/** Who the reader is to the server: a person, a key, or nobody in particular. */
export function useMe() {
  // Another key is another reader.
  const key = signIn.value.needed ? undefined : `me ${heldKey.value === undefined ? '' : 'key'}`;
  return useAsked(key, (signal) => get('/v1/me', {}, { signal }), { everyMs: refreshMs });
}
