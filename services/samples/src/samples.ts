import { createClient, type SongmaClient } from '@songma/client';
import { pause, UnavailableError, type Logger } from '@songma/runtime';
import { readKeysFile, writeKeysFile } from './keys-file.ts';
import { samplePlants, type SamplePlant } from './plants.ts';
import { registerPlants } from './register.ts';
import { pushSpan } from './simulator.ts';
import { readState, writeState } from './state-file.ts';

const dayMs = 86_400_000;
const historyDays = 90;
const livePeriodMs = 5_000;

export { samplePersons } from './sample-persons.ts';
export { samplePlants, type SamplePlant } from './plants.ts';
export { keptAdminToken } from './keys-file.ts';

export interface SamplesConfig {
  readonly url: string;
  /** `NAME=token` lines; holds ADMIN_TOKEN, receives a token for each plant. */
  readonly keysFile: string;
  readonly stateFile: string;
}

export interface HistoryProgress {
  start(daysTotal: number): void;
  update(days: number, rows: number): void;
  stop(rows: number, seconds: number): void;
}

/** Environment-style name of a plant's token: `da-bac` gives `DA_BAC`. */
export const tokenName = (plant: string): string => plant.toUpperCase().replaceAll('-', '_');

/**
 * Six invented plants that push through the public door: ninety days of history as fast as it is taken, then live.
 * Started again they go on where they stopped: values are a pure function of time, and what was under way is sent again
 * under the same batch id.
 */
export async function startSamples(
  deps: { readonly logger: Logger; readonly now: () => number; readonly progress: HistoryProgress },
  config: SamplesConfig,
): Promise<{ close(): Promise<void>; readonly closed: Promise<void> }> {
  const tokens = await readKeysFile(config.keysFile);
  const adminToken = tokens.get('ADMIN_TOKEN');
  if (adminToken === undefined) throw new Error(`${config.keysFile} holds no ADMIN_TOKEN`);
  const held = new Map<string, string>();
  for (const { enterprise } of samplePlants) {
    const token = tokens.get(tokenName(enterprise.id));
    if (token !== undefined) held.set(enterprise.id, token);
  }
  const admin = createClient({ url: config.url, token: adminToken });
  const registered = await registerPlants(admin, held).finally(() => admin.close());
  await writeKeysFile(
    config.keysFile,
    new Map([...registered].map(([plant, token]) => [tokenName(plant), token])),
  );

  const stop = new AbortController();
  const running = runPlants(deps, config, registered, stop.signal).catch((error: unknown) => {
    if (!stop.signal.aborted) throw error;
  });
  return {
    closed: running,
    async close() {
      stop.abort();
      await running;
    },
  };
}

async function runPlants(
  { logger, now, progress }: { logger: Logger; now: () => number; progress: HistoryProgress },
  config: SamplesConfig,
  tokens: ReadonlyMap<string, string>,
  signal: AbortSignal,
): Promise<void> {
  const state = await readState(config.stateFile, now());
  await writeState(config.stateFile, state);
  const plants = samplePlants.map((plant) => ({
    plant,
    client: createClient({ url: config.url, token: tokens.get(plant.enterprise.id)!, connectionsMax: 1 }),
  }));
  const historyFrom = Math.floor((state.startedAt - historyDays * dayMs) / dayMs) * dayMs;
  const pushedUntil = (plant: SamplePlant) => state.pushedUntil[plant.site.id] ?? historyFrom;
  let saving = Promise.resolve();
  const advance = (plant: SamplePlant, until: number) => {
    state.pushedUntil[plant.site.id] = until;
    saving = saving.then(() => writeState(config.stateFile, state));
    return saving;
  };

  try {
    await catchUp();
    for (;;) {
      await pause(livePeriodMs, signal);
      await Promise.all(
        plants.map(({ plant, client }) =>
          pushUntil(client, plant, now()).catch((error: unknown) => {
            if (!(error instanceof UnavailableError)) throw error;
            logger.warn(
              { plant: plant.site.id, reason: error.message },
              'door closed; the plant keeps its readings',
            );
          }),
        ),
      );
    }
  } finally {
    await Promise.allSettled(plants.map(({ client }) => client.close()));
    await saving;
  }

  function pushUntil(
    client: SongmaClient,
    plant: SamplePlant,
    to: number,
    onRows: (rows: number) => void = () => {},
  ) {
    const span = { from: pushedUntil(plant), to, startedAt: state.startedAt };
    return pushSpan(
      client,
      plant,
      span,
      (rows, until) => {
        onRows(rows);
        return advance(plant, until);
      },
      signal,
    );
  }

  /** Brings every plant up to the present, showing how far it has come. */
  async function catchUp(): Promise<void> {
    const begun = now();
    const from = plants.map(({ plant }) => pushedUntil(plant));
    const daysMissing = () =>
      plants.reduce((sum, { plant }) => sum + Math.max(0, begun - pushedUntil(plant)) / dayMs, 0) /
      plants.length;
    const daysTotal = from.reduce((sum, at) => sum + Math.max(0, begun - at) / dayMs, 0) / plants.length;
    let rows = 0;
    progress.start(daysTotal);
    await Promise.all(
      plants.map(({ plant, client }) =>
        pushUntil(client, plant, begun, (pushed) => {
          rows += pushed;
          progress.update(daysTotal - daysMissing(), rows);
        }),
      ),
    );
    progress.stop(rows, (now() - begun) / 1000);
  }
}
