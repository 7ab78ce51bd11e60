import { z } from 'zod';
import { setting } from './settings.ts';

/** TCP port as text; 0 lets the system choose. */
export const portSchema = z.coerce.number().int().min(0).max(65_535);

/** How much is logged. */
export const logLevelSetting = setting(
  'LOG_LEVEL',
  z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']).default('info'),
  { description: 'Least severe level that is logged: fatal, error, warn, info, debug, trace or silent.' },
);

/** Where a process listens. */
export function listenSettings(portDefault: number) {
  return {
    host: setting('HOST', z.string().min(1).default('127.0.0.1'), {
      description: 'Address to listen on. 0.0.0.0 opens the door to the network.',
    }),
    port: setting('PORT', portSchema.default(portDefault), {
      description: 'TCP port to listen on.',
    }),
  };
}
