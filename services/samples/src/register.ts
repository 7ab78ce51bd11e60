import { RefusedError, type SongmaClient } from '@songma/client';
import type { Officer } from '@songma/domain';
import { z } from 'zod';
import { samplePlants } from './plants.ts';
import { samplePersons, samplePolicy, sampleRoster } from './sample-persons.ts';
import { sampleAssessments, sampleParticipations } from './programme.ts';

const dutyOfficer: Officer = {
  id: 'duty-officer',
  name: 'Cán bộ trực môi trường (mẫu)',
  language: 'vi',
  territory: [],
};

const createdKeySchema = z.looseObject({ token: z.string() });

/**
 * Registers every sample plant through the public API, and a key for each that has no token yet. What is registered
 * already stays as it is.
 * @param tokens tokens by plant id, as kept from an earlier start
 * @returns tokens of all plants
 */
export async function registerPlants(
  client: SongmaClient,
  tokens: ReadonlyMap<string, string>,
): Promise<Map<string, string>> {
  const all = new Map(tokens);
  for (const plant of samplePlants) {
    await create(client, 'enterprises', plant.enterprise);
    await create(client, 'sites', plant.site);
    for (const source of plant.sources) await create(client, 'sources', source);
    for (const factor of plant.factors) await create(client, 'factors', factor);
    for (const { meter } of plant.meters) await create(client, 'meters', meter);
    for (const meter of plant.derived) await create(client, 'meters', meter);
    for (const { validFrom, validTo, ...limit } of plant.limits) {
      const validity = {
        validFrom: new Date(validFrom).toISOString(),
        ...(validTo === undefined ? {} : { validTo: new Date(validTo).toISOString() }),
      };
      await create(client, 'limits', { ...limit, ...validity });
    }
    if (!all.has(plant.enterprise.id))
      all.set(plant.enterprise.id, await createKey(client, plant.enterprise.id));
  }
  for (const participation of sampleParticipations) await create(client, 'participations', participation);
  for (const assessment of sampleAssessments) await create(client, 'assessments', assessment);
  await create(client, 'officers', dutyOfficer);
  for (const person of samplePersons) await create(client, 'persons', person);
  await create(client, 'rosters', sampleRoster);
  await create(client, 'policies', samplePolicy);
  return all;
}

async function create(
  client: SongmaClient,
  collection: string,
  entity: { readonly id: string },
): Promise<void> {
  try {
    await client.put(`/v1/${collection}/${entity.id}`, entity, { ifNoneMatch: '*' });
  } catch (error) {
    if (!(error instanceof RefusedError) || (error.status !== 409 && error.status !== 412)) throw error;
  }
}

/** The token is shown once, so a plant whose token was lost gets a key of a new id. */
async function createKey(client: SongmaClient, plant: string): Promise<string> {
  const answer = await client.post('/v1/keys', {
    id: `${plant}-${Date.now().toString(36)}`,
    name: `${plant} gateway`,
    role: 'plant',
    enterprise: plant,
    sites: [],
  });
  return createdKeySchema.parse(answer.body).token;
}
