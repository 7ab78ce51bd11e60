import type { Metrics } from '@songma/runtime';
import { stationFaults, type StationFaultCode } from './faults.ts';
import { fileOutcomes, type FileOutcome } from './receipt.ts';

/** How the folders of the stations stand. */
export interface FolderStates {
  /** Files that were there at the last look and were not taken yet. */
  waiting(): number;
  /** Stations that cannot be taken from now, by why. */
  faults(): Iterable<StationFaultCode>;
}

export function createFilesMetrics(metrics: Metrics, states: FolderStates) {
  const files = metrics.counter('songma_files_total', 'Files by what became of them', ['outcome']);
  for (const outcome of fileOutcomes) files.inc({ outcome }, 0);
  metrics.gauge('songma_files_waiting', 'Files that were not taken at the last look', [], (gauge) =>
    gauge.set(states.waiting()),
  );
  const codes = Object.keys(stationFaults);
  metrics.gauge(
    'songma_files_stations_at_fault',
    'Stations that files cannot be taken from',
    ['code'],
    (gauge) => {
      for (const code of codes) gauge.set({ code }, 0);
      for (const code of states.faults()) gauge.inc({ code });
    },
  );
  return {
    taken: (outcome: FileOutcome) => files.inc({ outcome }),
  };
}
export type FilesMetrics = ReturnType<typeof createFilesMetrics>;
