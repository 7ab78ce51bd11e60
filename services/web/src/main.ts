import {
  createHttpApp,
  createLogger,
  createMetrics,
  doorOptions,
  listen,
  listenSettings,
  loadConfigOrExit,
  logLevelSetting,
  run,
} from '@songma/runtime';
import { webSettings } from './config.ts';
import { addGateway, gatewayChecks, mergedDescription } from './gateway.ts';
import { webPlugin } from './page.ts';

const config = loadConfigOrExit(
  { logLevel: logLevelSetting, ...listenSettings(8080), web: webSettings },
  process.env,
);
const logger = createLogger({ service: 'web', level: config.logLevel });
const bodyBytesMax = 64 * 1024 * 1024;

await run(logger, async (life) => {
  const app = createHttpApp({
    door: doorOptions(config),
    logger,
    metrics: createMetrics(),
    checks: gatewayChecks(config.web),
    title: 'Songma',
    // The limit that counts is ingest's own.
    bodyBytesMax,
    describe: () => mergedDescription(config.web),
  });
  await addGateway(app, config.web);
  await app.register(webPlugin);
  const { address } = await life.open('door', async () => ({
    address: await listen(app, config),
    close: () => app.close(),
  }));
  logger.info({ address }, 'listening');
});
