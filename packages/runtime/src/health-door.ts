import { doorOptions, listen } from './door.ts';
import { createHttpApp, type HttpAppOptions } from './http.ts';
import type { Life } from './lifecycle.ts';
import type { listenSettings } from './process-settings.ts';
import type { SettingsOf } from './settings.ts';

/** Nothing is sent to it. */
const bodyBytesMax = 1024;

/**
 * Opens the door of a service that is asked for nothing but its health and its metrics, by the same settings as every
 * other door: TLS too.
 * @throws ConfigError when the address or a file of TLS cannot be used
 */
export async function openHealthDoor(
  life: Life,
  config: SettingsOf<ReturnType<typeof listenSettings>>,
  options: Pick<HttpAppOptions, 'logger' | 'metrics' | 'checks' | 'title'>,
): Promise<void> {
  const app = createHttpApp({ ...options, door: doorOptions(config), bodyBytesMax });
  await life.open('health', async () => {
    await listen(app, config);
    return { close: () => app.close() };
  });
}
