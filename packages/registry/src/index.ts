export { authenticate, bearerToken, createApiKey, type Authentication, type NewApiKey } from './api-keys.ts';
export { openRegistry, type RegistryDeps } from './open-registry.ts';
export type { Problem, Registry, Submission, SubmitResult } from './registry.ts';
export type { MeterContext, RegistryChange, RegistryView, Versioned } from './registry-view.ts';
