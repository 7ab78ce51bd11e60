import { setting } from '@songma/runtime';
import { z } from 'zod';

const urlSchema = z.url({ protocol: /^https?$/ }).transform((text) => text.replace(/\/+$/, ''));

/** Settings of the gateway. */
export const webSettings = {
  ingestUrl: setting('INGEST_URL', urlSchema.default('http://127.0.0.1:8081'), {
    description: 'Address of the ingest service behind the gateway.',
  }),
  apiUrl: setting('API_URL', urlSchema.default('http://127.0.0.1:8084'), {
    description: 'Address of the api behind the gateway.',
  }),
};
