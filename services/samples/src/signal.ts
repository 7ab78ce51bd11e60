const dayMs = 86_400_000;
const hourMs = 3_600_000;
/** Local midnight in Viet Nam, from which every signal is counted: 2020-01-01T00:00+07:00. */
const originMs = Date.UTC(2019, 11, 31, 17);

/**
 * A made-up but lifelike quantity as a pure function of time: the same time always gives the same value, so that a
 * plant that starts again sends what it would have sent.
 *
 * `perHour` of a counter or interval is its mean rate; `mean` of a level its mean. `dailySwing` is the share by which
 * the day's wave moves it (0 to 0.9), `noise` the share of random scatter.
 */
export type Signal = { readonly seed: number; readonly dailySwing: number; readonly noise: number } & (
  | { readonly shape: 'counter'; readonly perHour: number; readonly decimals: number }
  | { readonly shape: 'interval'; readonly perHour: number; readonly decimals: number }
  | { readonly shape: 'level'; readonly mean: number; readonly decimals: number }
);

/** Value of the signal at `time` (epoch ms) for a meter that is read every `intervalMs`. */
export function signalAt(signal: Signal, time: number, intervalMs: number): number {
  const scatter = signal.noise * noiseAt(signal.seed, Math.floor(time / intervalMs));
  switch (signal.shape) {
    case 'level':
      return round(signal.mean * (1 + waveAt(signal, time) + scatter), signal.decimals);
    case 'interval': {
      const amount = (energyUpTo(signal, time + intervalMs) - energyUpTo(signal, time)) * signal.perHour;
      return round(amount * (1 + scatter), signal.decimals);
    }
    case 'counter': {
      // Scatter of less than half a step keeps the register climbing.
      const step = (intervalMs / hourMs) * (1 - signal.dailySwing);
      return round((energyUpTo(signal, time) + 0.5 * step * scatter) * signal.perHour, signal.decimals);
    }
  }
}

/** The day's wave, highest in the early afternoon. */
function waveAt(signal: Signal, time: number): number {
  return -signal.dailySwing * Math.cos((2 * Math.PI * (time - originMs - hourMs)) / dayMs);
}

/** Integral of `1 + wave` from the origin to `time`, in hours. */
function energyUpTo(signal: Signal, time: number): number {
  const elapsed = time - originMs;
  const phase = (2 * Math.PI * (elapsed - hourMs)) / dayMs;
  return elapsed / hourMs - ((signal.dailySwing * dayMs) / hourMs / (2 * Math.PI)) * Math.sin(phase);
}

/** White noise in [-1, 1) from a seed and a step, by an integer hash (Murmur3's finaliser). */
function noiseAt(seed: number, step: number): number {
  let h = (Math.imul(seed, 0x9e3779b1) ^ Math.imul(step | 0, 0x85ebca6b) ^ Math.floor(step / 2 ** 32)) | 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return ((h ^ (h >>> 16)) >>> 0) / 2 ** 31 - 1;
}

function round(value: number, decimals: number): number {
  const scale = 10 ** decimals;
  return Math.round(Math.max(0, value) * scale) / scale;
}
