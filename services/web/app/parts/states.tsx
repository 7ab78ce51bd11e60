import type { ComponentChildren } from 'preact';
import { SignInNeeded } from '../api/client.ts';
import type { Asked } from '../api/asked.ts';
import { say } from '../state/language.ts';
import { common } from '../words/common.ts';

/** What a part of a screen shows: its data, or that they are on their way, absent or out of reach. */
export function Answer<T>({
  asked,
  isEmpty,
  empty,
  children,
}: {
  readonly asked: Asked<T>;
  readonly isEmpty?: (data: T) => boolean;
  /** What to do when there is nothing. */
  readonly empty?: ComponentChildren;
  readonly children: (data: T) => ComponentChildren;
}) {
  const { data, error, reload } = asked;
  const failure = error !== undefined && !(error instanceof SignInNeeded) && (
    <Failure error={error} onRetry={reload} />
  );
  if (data === undefined) return <>{failure || (error === undefined ? <Loading /> : null)}</>;
  return (
    <>
      {failure}
      {isEmpty?.(data) === true ? <p class="empty">{empty}</p> : children(data)}
    </>
  );
}

export function Loading() {
  return (
    <p class="empty loading" aria-live="polite">
      {say(common.loading)}
    </p>
  );
}

/** What went wrong, in the server's words, and a way to go on. */
export function Failure({ error, onRetry }: { readonly error: Error; readonly onRetry?: () => void }) {
  const isOffline = error instanceof TypeError;
  return (
    <div class="notice" role="status">
      <span>{isOffline ? say(common.disconnected) : say(common.failed, { reason: error.message })}</span>
      {onRetry !== undefined && (
        <button type="button" onClick={onRetry}>
          {say(common.tryAgain)}
        </button>
      )}
    </div>
  );
}
