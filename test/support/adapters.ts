import { setTimeout as wait } from 'node:timers/promises';
import { probeServers, type NativeServers, type ServerName } from '../../infra/native/servers.ts';

/** Whether tests can run on a real server, and how it is reached. */
export type AdapterAvailability<Name extends ServerName> =
  | { readonly available: true; readonly settings: NativeServers[Name] }
  /** `reason` completes a test's title: "skipped: …". */
  | { readonly available: false; readonly reason: string };

/** How long a server that is required is asked again: on a busy machine one that is there may be slow to answer. */
const patienceMs = 15_000;

/**
 * Asks (in less than a second, unless it is required) whether a server can be tested against; never starts one.
 *
 * A test file awaits it at its top and skips with the reason in the title:
 * ```ts
 * const kafka = await adapterAvailability('kafka');
 * describe.skipIf(!kafka.available)(titleOf('KafkaEventLog', kafka), () => …);
 * ```
 * @throws Error when the server is missing although `REQUIRE_ADAPTERS` (a comma list of kafka, influx, redis) names it.
 */
export async function adapterAvailability<Name extends ServerName>(
  name: Name,
): Promise<AdapterAvailability<Name>> {
  const isRequired = requiredAdapters().has(name);
  const deadline = performance.now() + (isRequired ? patienceMs : 0);
  let { [name]: probe } = await probeServers();
  while (!probe.reachable && performance.now() < deadline) {
    await wait(500);
    ({ [name]: probe } = await probeServers());
  }
  if (probe.reachable) return { available: true, settings: probe.settings };
  const reason = `${name} at ${probe.address} is out of reach (${probe.reason})`;
  if (isRequired) {
    throw new Error(`${reason}, and REQUIRE_ADAPTERS asks for it: start it with \`pnpm infra:native up\``);
  }
  return { available: false, reason };
}

/** A suite's title, with the reason when it is skipped. */
export function titleOf(adapter: string, availability: AdapterAvailability<ServerName>): string {
  return availability.available ? adapter : `${adapter}, skipped: ${availability.reason}`;
}

function requiredAdapters(): Set<string> {
  const names = (process.env.REQUIRE_ADAPTERS ?? '').split(',').map((name) => name.trim());
  return new Set(names.filter((name) => name !== ''));
}
