export { RefusedError, createClient } from './client.ts';
export type { ClientOptions, Problem, SongmaClient } from './client.ts';
export type { BatchFate, PushReceipt, PushRow } from './wire.ts';
