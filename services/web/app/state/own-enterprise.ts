import { useDirectory } from './names.ts';
import { useMe } from './me.ts';
import { place } from './router.ts';

/** Whose plant is looked at: the reader's own, else the one that is chosen, else the first. */
export function useOwnEnterprise(): { readonly enterprise: string | undefined; readonly isOwn: boolean } {
  const own = useMe().data?.enterprise ?? undefined;
  const first = useDirectory().data?.enterprises[0]?.id;
  return { enterprise: own ?? place.value.query.get('enterprise') ?? first, isOwn: own !== undefined };
}
