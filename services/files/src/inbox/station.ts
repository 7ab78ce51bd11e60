import { hash } from 'node:crypto';
import type { Logger } from '@songma/runtime';
import type { FilesDoor } from '../door.ts';
import { StationFault } from '../faults.ts';
import type { FilesMetrics } from '../files-metrics.ts';
import type { FileReceipt } from '../receipt.ts';
import { isUnchanged, lookAt, type FirstSeen, type Look, type LookBounds } from './candidate-file.ts';
import { TimesUnderWay, timesIn } from './file-times.ts';
import { listFolder, type Candidate } from './folder.ts';
import { pushFile, tagOf, type StationFile } from './push-candidate.ts';
import { StationShelves } from './shelf.ts';
import type { Slots } from './slots.ts';
import { stationKey } from './station-key.ts';

export interface StationDeps {
  readonly door: FilesDoor;
  readonly slots: Slots;
  readonly metrics: FilesMetrics;
  readonly logger: Logger;
  readonly signal: AbortSignal;
  readonly now: () => number;
}

export interface StationOptions extends LookBounds {
  readonly station: string;
  readonly folder: string;
  readonly keys: string;
  /** Files that are listed at one look. */
  readonly namesMax: number;
}

/** What a turn left in the folder, to be looked at again. */
export interface TurnResult {
  readonly waiting: number;
}

/**
 * One station's folder. In a turn every file that has stopped growing is pushed, in the order of the stamps in the
 * names, and moved to `done` or `refused` when the log has it. Files that speak of the same time wait for one another.
 */
export class Station {
  readonly #deps: StationDeps;
  readonly #options: StationOptions;
  readonly #shelves: StationShelves;
  /** A file that cannot be read holds up no other one: told when the turn is over. */
  #unreadable: StationFault | undefined;
  #seen: FirstSeen = new Map();

  constructor(deps: StationDeps, options: StationOptions) {
    this.#deps = deps;
    this.#options = options;
    this.#shelves = new StationShelves(options.folder);
  }

  /** @throws StationFault when the station cannot be taken from now; what is under way has ended then */
  async turn(): Promise<TurnResult> {
    const { folder, keys, station, namesMax } = this.#options;
    const candidates = await listFolder(folder, namesMax);
    if (candidates.length === 0) {
      this.#seen.clear();
      return { waiting: 0 };
    }
    const token = await stationKey(keys, station);
    this.#unreadable = undefined;
    this.#shelves.forget();
    const underWay = new TimesUnderWay();
    const faults: unknown[] = [];
    let waiting = 0;
    const stillSeen: FirstSeen = new Map();
    try {
      for (const candidate of candidates) {
        if (faults.length > 0 || this.#deps.signal.aborted) break;
        const isTaken = await this.#take(candidate, token, underWay, faults);
        if (isTaken) continue;
        waiting++;
        const id = candidate.path.toString('latin1');
        const known = this.#seen.get(id);
        if (known !== undefined) stillSeen.set(id, known);
      }
    } finally {
      await underWay.all();
    }
    this.#seen = stillSeen;
    if (faults.length > 0) throw faults[0];
    if (this.#unreadable !== undefined) throw this.#unreadable;
    return { waiting };
  }

  /** @returns false when the file has to be looked at again */
  async #take(
    candidate: Candidate,
    token: string,
    underWay: TimesUnderWay,
    faults: unknown[],
  ): Promise<boolean> {
    const { slots, now } = this.#deps;
    const look = await this.#look(candidate);
    if (look.kind === 'gone') return true;
    if (look.kind === 'growing') return false;
    if (look.kind === 'refused') {
      const { station } = this.#options;
      const at = new Date(now()).toISOString();
      const receipt = {
        station,
        file: candidate.name,
        at,
        outcome: 'refused',
        problem: look.problem,
      } as const;
      await this.#shelve(
        candidate,
        receipt,
        hash('sha256', `${at} ${candidate.path.toString('latin1')}`, 'hex'),
      );
      return true;
    }
    const { content, state } = look;
    const times = timesIn(content);
    await underWay.free(times);
    const release = await slots.take(content.length);
    const file = { station: this.#options.station, name: candidate.name, content };
    const pushed = this.#push(candidate, file, token, () => isUnchanged(candidate.path, state))
      .catch((error: unknown) => faults.push(error))
      .finally(release);
    underWay.add(times, pushed);
    return true;
  }

  async #look(candidate: Candidate): Promise<Look> {
    try {
      return await lookAt(candidate, this.#seen, this.#options, this.#deps.now());
    } catch (error) {
      if (!(error instanceof StationFault)) throw error;
      this.#unreadable = error;
      return { kind: 'growing' };
    }
  }

  async #push(
    candidate: Candidate,
    file: StationFile,
    token: string,
    isStillThere: () => Promise<boolean>,
  ): Promise<void> {
    const { door, signal, now } = this.#deps;
    const tag = tagOf(file);
    const receipt = await pushFile(door, file, tag, { token, signal, now });
    // What grew meanwhile after all is pushed whole at the next look.
    if (await isStillThere()) await this.#shelve(candidate, receipt, tag);
  }

  async #shelve({ path }: Candidate, receipt: FileReceipt, tag: string): Promise<void> {
    const { logger, metrics } = this.#deps;
    await this.#shelves.put(receipt.outcome === 'refused' ? 'refused' : 'done', path, receipt, tag);
    metrics.taken(receipt.outcome);
    const { station, file, outcome, batch, accepted, refused, problem } = receipt;
    const seen = { station, file, outcome, batch, accepted };
    if (outcome === 'refused') logger.warn({ ...seen, code: problem?.code }, 'a file was refused');
    else if (refused !== undefined)
      logger.info({ ...seen, refused: refused.length }, 'rows of a file were refused');
    else logger.debug(seen, 'a file was taken');
  }
}

export function isStationFault(error: unknown): error is StationFault {
  return error instanceof StationFault;
}
