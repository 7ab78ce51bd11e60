import type { Bilingual } from '@songma/domain';
import { indicatorDefinitions, pollutantIntensity } from '@songma/indicators';
import { z } from 'zod';
import { spokenBy } from '../routes.ts';

const names = indicatorDefinitions.map(({ name }) => name);
const ofPollutant = `${pollutantIntensity}:`;
const nameLengthMax = 64;

/** Name of an indicator in a query: one that is computed, or that of a pollutant. */
export const indicatorNameSchema = z
  .string()
  .superRefine(spokenBy(nameProblem))
  .meta({ examples: ['electricity-intensity'] });

function nameProblem(name: string): Bilingual | undefined {
  const isOfPollutant = name.startsWith(ofPollutant) && name.length > ofPollutant.length;
  if (name.length <= nameLengthMax && (isOfPollutant || names.includes(name))) return undefined;
  const shown = name.slice(0, nameLengthMax);
  const known = [...names, `${ofPollutant}NOx`].join(', ');
  return {
    en: `no indicator is called "${shown}": use one of ${known} (or another pollutant)`,
    vi: `không có chỉ số "${shown}": hãy dùng một trong ${known} (hoặc chất ô nhiễm khác)`,
  };
}
