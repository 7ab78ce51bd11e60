import { logLevelSetting, setting } from '@songma/runtime';
import { z } from 'zod';

export const samplesSettings = {
  logLevel: logLevelSetting,
  url: setting('SONGMA_URL', z.url().default('http://127.0.0.1:8080'), {
    description: 'Address of the door that the sample plants push through.',
  }),
  data: setting('SONGMA_DATA', z.string().min(1).default('./data'), {
    description: 'Directory of everything that Songma keeps.',
  }),
};
