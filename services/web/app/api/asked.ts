import { useEffect, useRef, useState } from 'preact/hooks';
import { currentLanguage } from '../state/language.ts';
import { readerTurn, signInNeeded } from '../state/session.ts';
import { SignInNeeded } from './client.ts';
import { keepAnswer, keptAnswer } from './kept-answers.ts';
import { sharedQuestion } from './shared-question.ts';
import { onLive } from './live.ts';

/** A question of a screen, and how it stands. Old data stay while newer are on their way. */
export interface Asked<T> {
  readonly data: T | undefined;
  readonly error: Error | undefined;
  readonly isBusy: boolean;
  readonly reload: () => void;
}

export interface AskedOptions {
  /** Events after which it is asked again. */
  readonly live?: readonly ('alert' | 'indicator')[];
  /** It is also asked again after so long. */
  readonly everyMs?: number;
}

/** A burst of events is answered by asking once. */
const settleMs = 1_500;

/**
 * Asks when `key` changes and gives the answer; an undefined key asks nothing. `ask` may use anything that `key` tells.
 */
export function useAsked<T>(
  key: string | undefined,
  ask: (signal: AbortSignal) => Promise<T>,
  { live = [], everyMs }: AskedOptions = {},
): Asked<T> {
  // What the server says in words is in the reader's language.
  const fullKey = key === undefined ? undefined : `${currentLanguage()} ${readerTurn.value} ${key}`;
  const [answer, setAnswer] = useState<{ key: string; data: T | undefined; error: Error | undefined }>();
  const [turn, setTurn] = useState(0);
  const [isBusy, setBusy] = useState(false);
  const latest = useRef(ask);
  latest.current = ask;

  useEffect(() => {
    if (fullKey === undefined) return undefined;
    let hasLeft = false;
    setBusy(true);
    const { answer: coming, leave } = sharedQuestion(fullKey, (signal) => latest.current(signal));
    coming.then(
      (data) => {
        if (hasLeft) return;
        keepAnswer(fullKey, data);
        setAnswer({ key: fullKey, data, error: undefined });
        setBusy(false);
      },
      (error: Error) => {
        if (hasLeft) return;
        if (error instanceof SignInNeeded) signInNeeded(error.message);
        setAnswer({ key: fullKey, data: keptAnswer(fullKey) as T | undefined, error });
        setBusy(false);
      },
    );
    return () => {
      hasLeft = true;
      leave();
    };
  }, [fullKey, turn]);

  useEffect(() => {
    if (fullKey === undefined) return undefined;
    const again = () => setTurn((count) => count + 1);
    let settling: ReturnType<typeof setTimeout> | undefined;
    const stop =
      live.length === 0
        ? undefined
        : onLive((type) => {
            // `ready` and `gap` too: something may have happened that the stream did not tell.
            if (!['ready', 'gap', ...live].includes(type) || settling !== undefined) return;
            settling = setTimeout(() => {
              settling = undefined;
              again();
            }, settleMs);
          });
    const timer =
      everyMs === undefined ? undefined : setInterval(() => (document.hidden ? undefined : again()), everyMs);
    return () => {
      stop?.();
      clearTimeout(settling);
      clearInterval(timer);
    };
  }, [fullKey, live.join(), everyMs]);

  const isOfKey = answer !== undefined && answer.key === fullKey;
  const data = isOfKey
    ? answer.data
    : fullKey === undefined
      ? undefined
      : (keptAnswer(fullKey) as T | undefined);
  return {
    data,
    error: isOfKey ? answer.error : undefined,
    isBusy,
    reload: () => setTurn((count) => count + 1),
  };
}
