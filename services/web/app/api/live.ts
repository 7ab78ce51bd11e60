import { signal } from '@preact/signals';
import { request, SignInNeeded } from './client.ts';

/** How the live stream stands: `cut` is told to the reader, because what is shown may then be old. */
export const liveState = signal<'off' | 'opening' | 'live' | 'cut'>('off');

type Listener = (type: string) => void;
const listeners = new Set<Listener>();
const againAfterMs = 3_000;
/** The server shows life every 15 s. */
const silenceMaxMs = 40_000;

/** Calls `listener` with the type of each event; gives what ends it. */
export function onLive(listener: Listener): () => void {
  listeners.add(listener);
  return () => void listeners.delete(listener);
}

let following: AbortController | undefined;

/** Opens the stream, and again whenever it ends; from the last event on, so that nothing is missed. */
export function followLive(): void {
  if (following !== undefined) return;
  following = new AbortController();
  liveState.value = 'opening';
  void follow(following.signal);
}

export function leaveLive(): void {
  following?.abort();
  following = undefined;
  liveState.value = 'off';
}

/** Not by EventSource, which cannot send a key. */
async function follow(left: AbortSignal): Promise<void> {
  let lastId: string | undefined;
  while (!left.aborted) {
    const silent = new AbortController();
    try {
      const response = await request('/v1/events', {
        signal: AbortSignal.any([left, silent.signal]),
        headers: {
          accept: 'text/event-stream',
          ...(lastId === undefined ? {} : { 'last-event-id': lastId }),
        },
      });
      liveState.value = 'live';
      const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
      for (let rest = ''; ;) {
        const watch = setTimeout(() => silent.abort(), silenceMaxMs);
        const { value, done } = await reader.read().finally(() => clearTimeout(watch));
        if (done) break;
        const blocks = (rest + value).split('\n\n');
        rest = blocks.pop() ?? '';
        for (const block of blocks) {
          lastId = /^id: (.*)$/m.exec(block)?.[1] ?? lastId;
          const type = /^event: (.*)$/m.exec(block)?.[1];
          if (type !== undefined) for (const listener of listeners) listener(type);
        }
      }
    } catch (error) {
      if (left.aborted || error instanceof SignInNeeded) return;
    }
    if (left.aborted) return;
    liveState.value = 'cut';
    await new Promise((resolve) => setTimeout(resolve, againAfterMs));
  }
}
