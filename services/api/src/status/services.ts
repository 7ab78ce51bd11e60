import { askChecks, type ReadyCheck } from '@songma/runtime';
import { z } from 'zod';

/** A service with whether it can do its work. */
export interface ServiceState {
  readonly name: string;
  readonly ready: boolean;
  /** What does not answer, by name. */
  readonly problems: readonly { readonly name: string; readonly error: string }[];
}

/** A service of this process, asked directly. */
export interface LocalService {
  readonly name: string;
  readonly checks: readonly ReadyCheck[];
}

/** A service that runs apart, asked by its `/health/ready`. */
export interface RemoteService {
  readonly name: string;
  readonly url: string;
}

const askTimeoutMs = 2_000;
const answerSchema = z.object({
  checks: z.array(z.object({ name: z.string(), ok: z.boolean(), error: z.string().optional() })),
});

/** Asks every service at once; one that does not answer is not ready. */
export function askServices(
  local: readonly LocalService[],
  remote: readonly RemoteService[],
): Promise<ServiceState[]> {
  return Promise.all([...local.map(askLocal), ...remote.map(askRemote)]);
}

async function askLocal({ name, checks }: LocalService): Promise<ServiceState> {
  return stateOf(name, await askChecks(checks, askTimeoutMs));
}

async function askRemote({ name, url }: RemoteService): Promise<ServiceState> {
  try {
    const response = await fetch(`${url}/health/ready`, { signal: AbortSignal.timeout(askTimeoutMs) });
    return stateOf(name, answerSchema.parse(await response.json()).checks);
  } catch {
    // Whatever it is, what counts is that the service did not say that it is ready; its own log has the cause.
    return { name, ready: false, problems: [{ name: 'service', error: 'does not answer' }] };
  }
}

function stateOf(
  name: string,
  results: readonly { name: string; ok: boolean; error?: string | undefined }[],
): ServiceState {
  const problems = results
    .filter(({ ok }) => !ok)
    .map((result) => ({ name: result.name, error: result.error ?? 'not ready' }));
  return { name, ready: problems.length === 0, problems };
}
