import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Logger } from '@songma/runtime';

/**
 * The sample plants in a process of their own, so that they come through the public door like any other plant. Their
 * end is told and does not end Songma.
 */
export function startSampleProcess(
  { logger }: { readonly logger: Logger },
  env: Readonly<Record<string, string>>,
): { close(): Promise<void> } {
  const main = fileURLToPath(import.meta.resolve('@songma/samples/main'));
  // In a group of its own: Ctrl-C reaches this process alone, which then ends the plants in order.
  const child = fork(main, [], { env: { ...process.env, ...env }, detached: true });
  let isStopping = false;
  const ended = once(child, 'exit').then(([code, signal]) => {
    if (!isStopping)
      logger.error({ code: code as unknown, signal: signal as unknown }, 'the sample plants have stopped');
  });
  return {
    async close() {
      isStopping = true;
      child.kill('SIGTERM');
      await ended;
    },
  };
}
