import { createLogger, loadConfigOrExit, run } from '@songma/runtime';
import { parseArguments, usage } from './arguments.ts';
import { banner } from './banner.ts';
import { standaloneSettings } from './config.ts';
import { startSampleProcess } from './sample-process.ts';
import { openStandalone } from './standalone.ts';

// A person looks at this process's terminal: warnings only, unless told.
const config = loadConfigOrExit(standaloneSettings, { LOG_LEVEL: 'warn', ...process.env });
const logger = createLogger({ service: 'standalone', level: config.logLevel });

await run(logger, async (life) => {
  const { empty, rebuild, help } = parseArguments(process.argv.slice(2));
  if (help) {
    console.log(usage);
    process.exit();
  }
  const { keysFile, url, mqtt } = await openStandalone(life, { logger, now: Date.now }, config, {
    rebuild,
    samples: !empty,
  });
  process.stdout.write(banner({ url, mqtt, keysFile, samples: !empty }));
  if (!empty) {
    await life.open('sample plants', () =>
      startSampleProcess({ logger }, { SONGMA_URL: url, SONGMA_DATA: config.data, ...trusting(config.tls) }),
    );
  }
});

/** The sample plants come through the same door, and know its certificate though nobody else may have signed it. */
function trusting({ certFile }: { readonly certFile: string | undefined }): Record<string, string> {
  return certFile === undefined ? {} : { NODE_EXTRA_CA_CERTS: certFile };
}
