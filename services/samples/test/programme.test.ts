import { assessmentSchema, participationSchema } from '@songma/domain';
import { describe, expect, it } from 'vitest';
import { samplePlants } from '../src/plants.ts';
import { sampleAssessments, sampleParticipations } from '../src/programme.ts';

describe('the sample plants in the programme', () => {
  const plants = samplePlants.map(({ enterprise }) => enterprise.id);

  it('are plants that there are, each once, with facts that the registry takes', () => {
    for (const [schema, entities] of [
      [participationSchema, sampleParticipations],
      [assessmentSchema, sampleAssessments],
    ] as const) {
      const ids = entities.map(({ id }) => id);
      expect(new Set(ids).size).toBe(ids.length);
      expect(plants).toEqual(expect.arrayContaining(ids));
      for (const entity of entities) expect(schema.strict().parse(entity)).toEqual(entity);
    }
    for (const { tasks } of sampleAssessments) {
      expect(new Set(tasks.map(({ task }) => task)).size).toBe(tasks.length);
    }
  });

  it('show a yes, a no and an unknown', () => {
    const applying = plants.map((id) => sampleParticipations.find((one) => one.id === id)?.applying?.holds);
    expect(new Set(applying)).toEqual(new Set([true, false, undefined]));
  });
});
