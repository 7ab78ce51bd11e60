export { RefusedError, createClient } from './client.ts';
export type { ClientOptions, FileReceipt, Problem, SongmaClient } from './client.ts';
export type { BatchFate, PushReceipt, PushRow } from './wire.ts';
