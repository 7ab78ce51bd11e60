import { currentLanguage } from './text.js';

/** The server wants a key, or does not take the one that it was given. */
export class KeyNeeded extends Error {}

/** The server refused, in words of its own. */
export class Refused extends Error {
  constructor(status, problem) {
    super(problem.detail ?? problem.title ?? `HTTP ${status}`);
    this.status = status;
    this.code = problem.code;
  }
}

const keyName = 'songma.key';

export const key = {
  get: () => sessionStorage.getItem(keyName),
  set: (token) => sessionStorage.setItem(keyName, token),
  forget: () => sessionStorage.removeItem(keyName),
};

function headers(more = {}) {
  const token = key.get();
  return {
    'accept-language': currentLanguage(),
    ...(token === null ? {} : { authorization: `Bearer ${token}` }),
    ...more,
  };
}

async function ask(path, accept, more = {}) {
  const response = await fetch(path, {
    headers: headers({ accept, ...more.headers }),
    signal: more.signal ?? null,
  });
  if (response.ok) return response;
  const problem = await response.json().catch(() => ({}));
  if (response.status === 401 || problem.code === 'host_refused') throw new KeyNeeded(problem.detail);
  throw new Refused(response.status, problem);
}

/** The answer to a GET. @throws KeyNeeded, Refused, TypeError when there is no answer */
export async function get(path) {
  return (await ask(path, 'application/json')).json();
}

/** Every item of a collection, page by page, up to `itemsMax`. */
export async function getAll(path, itemsMax = 5000) {
  const items = [];
  const join = path.includes('?') ? '&' : '?';
  for (let cursor = ''; ;) {
    const page = await get(`${path}${join}limit=1000${cursor}`);
    items.push(...page.items);
    if (page.next === null || items.length >= itemsMax) return items;
    cursor = `&cursor=${encodeURIComponent(page.next)}`;
  }
}

/** The answer as a file for the reader to keep. */
export async function download(path, name) {
  const blob = await (await ask(path, 'text/csv')).blob();
  const link = document.createElement('a');
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

/**
 * Follows the live stream and calls `onEvent(type)`; comes back by itself, from the last event on.
 * Not by EventSource, which cannot send a key.
 */
export async function follow(onEvent, signal) {
  let lastId;
  while (!signal.aborted) {
    try {
      const response = await ask('/v1/events', 'text/event-stream', {
        signal,
        headers: lastId === undefined ? {} : { 'last-event-id': lastId },
      });
      const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
      let rest = '';
      for (;;) {
        const { value, done } = await reader.read();
        if (done) break;
        const blocks = (rest + value).split('\n\n');
        rest = blocks.pop();
        for (const block of blocks) {
          const id = /^id: (.*)$/m.exec(block)?.[1];
          const type = /^event: (.*)$/m.exec(block)?.[1];
          if (id !== undefined) lastId = id;
          if (type !== undefined) onEvent(type);
        }
      }
    } catch (error) {
      if (signal.aborted || error instanceof KeyNeeded) return;
    }
    await new Promise((resolve) => setTimeout(resolve, 3000));
  }
}
