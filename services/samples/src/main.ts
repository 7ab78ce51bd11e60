import { join } from 'node:path';
import { createLogger, loadConfigOrExit, run } from '@songma/runtime';
import { samplesSettings } from './config.ts';
import { historyProgress } from './progress.ts';
import { startSamples } from './samples.ts';

const config = loadConfigOrExit(samplesSettings, process.env);
const logger = createLogger({ service: 'samples', level: config.logLevel });

// A child of the standalone process must not outlive it.
process.on('disconnect', () => process.exit());

await run(logger, async (life) => {
  await life.open('sample plants', () =>
    startSamples(
      { logger, now: Date.now, progress: historyProgress(process.stderr) },
      {
        url: config.url,
        keysFile: join(config.data, 'keys.env'),
        stateFile: join(config.data, 'samples', 'state.json'),
      },
    ),
  );
});
