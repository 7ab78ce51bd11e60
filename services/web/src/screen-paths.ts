/**
 * The addresses of the screens, as the server gives them out and as the page's router knows them: a person may open,
 * reload or send any of them. `:id` is one part of an address.
 */
export const screenPaths = {
  overview: '/',
  alerts: '/alerts',
  alert: '/alerts/:id',
  cases: '/cases',
  case: '/cases/:id',
  takeUp: '/a',
  explore: '/explore',
  plant: '/plant',
  send: '/send',
  mend: '/mend',
  account: '/account',
} as const;

export type ScreenName = keyof typeof screenPaths;
