/**
 * What a counter's reading is found to be, together with the consumption since the one before:
 *
 * - `normal`: the register has climbed, or stood still;
 * - `bridged`: it has, over readings that were left out;
 * - `rollover`: it ran over its width and began again;
 * - `reset`: it was set back to zero; what it shows was consumed since, and more may have been;
 * - `swap-declared`: the registry says that the meter was swapped;
 * - `swap-undeclared`: it stands where consumption cannot have brought it, and stays there: nothing is booked;
 * - `held`: the same or a drop, and too few readings follow to tell which: nothing is booked yet;
 * - `start`: no reading to be believed came before it, or none for longer than is bridged: nothing is booked;
 * - `glitch`: the reading is left out; what was consumed is told by those around it.
 */
export const counterVerdicts = [
  'normal',
  'bridged',
  'rollover',
  'reset',
  'swap-declared',
  'swap-undeclared',
  'held',
  'start',
  'glitch',
] as const;
export type CounterVerdict = (typeof counterVerdicts)[number];

export const confidences = ['low', 'medium', 'high'] as const;
export type Confidence = (typeof confidences)[number];

/** What is found of the time between two readings. */
export interface Judged {
  readonly verdict: CounterVerdict;
  /** In register units; null: nothing is booked. */
  readonly amount: number | null;
  readonly confidence: Confidence;
}

/** Before the first reading that is believed. */
export const start: Judged = { verdict: 'start', amount: null, confidence: 'high' };

/** How many times as fast as all around a single rise may be and still be believed, without a rating. */
export const steepnessMax = 100;

/** Valid readings that have to follow a drop, or a rise that is doubted, before it is believed. */
export const followersMin = 2;
