import type { FastifyInstance } from 'fastify';

/** Something that must answer before work can be done. `check` rejects with the reason when it does not. */
export interface ReadyCheck {
  readonly name: string;
  check(): Promise<void>;
}

export interface CheckResult {
  readonly name: string;
  readonly ok: boolean;
  readonly error?: string;
}

const checkTimeoutMs = 3_000;

/** Asks every check; one that does not answer within three seconds has failed. */
export function askChecks(checks: readonly ReadyCheck[], timeoutMs = checkTimeoutMs): Promise<CheckResult[]> {
  return Promise.all(checks.map((check) => ask(check, timeoutMs)));
}

async function ask(check: ReadyCheck, timeoutMs: number): Promise<CheckResult> {
  const { name } = check;
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${timeoutMs} ms`)), timeoutMs);
  });
  try {
    await Promise.race([check.check(), late]);
    return { name, ok: true };
  } catch (error) {
    return { name, ok: false, error: error instanceof Error ? error.message : String(error) };
  } finally {
    clearTimeout(timer);
  }
}

/** `/health/live`: the process answers. `/health/ready`: so does everything that it needs, 503 otherwise. */
export function addHealthRoutes(app: FastifyInstance, checks: readonly ReadyCheck[]): void {
  app.get('/health/live', { schema: { hide: true } }, async () => ({ status: 'live' }));
  app.get('/health/ready', { schema: { hide: true } }, async (_request, reply) => {
    const results = await askChecks(checks);
    const ready = results.every((result) => result.ok);
    return reply
      .code(ready ? 200 : 503)
      .header('cache-control', 'no-store')
      .send({ status: ready ? 'ready' : 'not ready', checks: results });
  });
}
