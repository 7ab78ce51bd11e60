import { hash } from 'node:crypto';
import type { DatabaseSync, SQLInputValue } from 'node:sqlite';
import { quarantinedRowSchema, type QuarantineEvent, type QuarantinedRow } from '@songma/domain';
import type { Pusher } from '../pusher.ts';

/** A refused row, and whether it has been replayed. */
export interface QuarantineEntry {
  /** Rises from entry to entry: what pages go by. */
  readonly seq: number;
  readonly row: QuarantinedRow;
  readonly replayed: { readonly at: number; readonly batch: string } | undefined;
}

export interface QuarantineQuery {
  readonly state: 'open' | 'replayed' | 'all';
  readonly batch: string | undefined;
  /** Only entries before this `seq`; pages go from the newest to the oldest. */
  readonly before: number | undefined;
  readonly limit: number;
}

const pruneRowsMax = 1_000;

/** Refused rows as the log's topic `quarantine` tells them. */
export function createQuarantine(database: DatabaseSync) {
  const insert = database.prepare(`
    INSERT INTO quarantine (id, batch, api_key, enterprise, site, received_at, entry) VALUES (?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT (id) DO NOTHING`);
  const replayed = database.prepare(
    'UPDATE quarantine SET replayed_at = ?, replayed_in = ? WHERE id = ? AND replayed_at IS NULL',
  );
  const prune = database.prepare(`
    DELETE FROM quarantine WHERE seq IN (
      SELECT seq FROM (SELECT seq, received_at FROM quarantine ORDER BY seq LIMIT ${pruneRowsMax})
      WHERE received_at < ?)`);

  const query = (pusher: Pusher, conditions: readonly [string, ...SQLInputValue[]][], limit: number) => {
    const all = [...visibleTo(pusher), ...conditions];
    const where = all.length === 0 ? '' : `WHERE ${all.map(([condition]) => `(${condition})`).join(' AND ')}`;
    return database
      .prepare(
        `SELECT seq, entry, replayed_at, replayed_in, (
           SELECT context FROM quarantine_contexts WHERE push = api_key || ' ' || batch
         ) AS context FROM quarantine ${where} ORDER BY seq DESC LIMIT ?`,
      )
      .all(...all.flatMap(([, ...values]) => values), limit)
      .map(entryOf);
  };

  const insertContext = database.prepare(
    'INSERT INTO quarantine_contexts (push, received_at, context) VALUES (?, ?, ?) ON CONFLICT (push) DO NOTHING',
  );
  const pruneContexts = database.prepare('DELETE FROM quarantine_contexts WHERE received_at < ?');
  const kept = database.prepare(
    'SELECT sum(length(entry)) AS characters FROM quarantine WHERE api_key = ? AND received_at >= ?',
  );

  const put = (row: QuarantinedRow): void => {
    const { id, batch, apiKey, enterprise = null, site = null, receivedAt } = row;
    insert.run(id, batch, apiKey, enterprise, site, receivedAt, JSON.stringify(row));
  };

  return {
    /** Characters of what was refused of a key since a time. */
    keptSince: (key: string, time: number): number => Number(kept.get(key, time)?.['characters'] ?? 0),
    /** One row of an event more is folded with each step. Folding the same again changes nothing. */
    *fold(event: QuarantineEvent): Generator<void, void> {
      if (event.event === 'refused') {
        const { event: _event, rows, context, ...push } = event;
        if (context !== undefined)
          insertContext.run(`${push.apiKey} ${push.batch}`, push.receivedAt, context);
        for (const [row, code, parameters, raw] of rows) {
          put({ ...push, id: rowIdOf(push, row), row, code, parameters, raw });
          yield;
        }
        return;
      }
      if (event.event === 'replayed') {
        replayed.run(event.at, event.batch, event.id);
        return;
      }
      put(event.row);
    },
    /** The entry, if the pusher may see it. */
    find: (pusher: Pusher, id: string): QuarantineEntry | undefined => query(pusher, [['id = ?', id]], 1)[0],
    /** From the newest to the oldest. */
    list({ state, batch, before, limit }: QuarantineQuery, pusher: Pusher): QuarantineEntry[] {
      const conditions: [string, ...SQLInputValue[]][] = [];
      if (state === 'open') conditions.push(['replayed_at IS NULL']);
      if (state === 'replayed') conditions.push(['replayed_at IS NOT NULL']);
      if (batch !== undefined) conditions.push(['batch = ?', batch]);
      if (before !== undefined) conditions.push(['seq < ?', before]);
      return query(pusher, conditions, limit);
    },
    /** Forgets rows received before `time`. @returns how many; call again until it is 0 */
    prune(time: number): number {
      pruneContexts.run(time);
      return Number(prune.run(time).changes);
    },
  };
}
export type Quarantine = ReturnType<typeof createQuarantine>;

/** A plant sees what was refused of its enterprise; a key bound to sites, only theirs and what it sent itself. */
function visibleTo(pusher: Pusher): [string, ...SQLInputValue[]][] {
  if (pusher.isAdmin) return [];
  const conditions: [string, ...SQLInputValue[]][] = [['enterprise = ?', pusher.enterprise ?? '']];
  if (pusher.sites !== undefined) {
    const sites = [...pusher.sites];
    const places = sites.map(() => '?').join(', ');
    conditions.push([`site IN (${places}) OR (site IS NULL AND api_key = ?)`, ...sites, pusher.key]);
  }
  return conditions;
}

/** The same refusal of the same batch is one entry, however often it is sent and whoever refused it. */
function rowIdOf({ apiKey, batch }: Pick<QuarantinedRow, 'apiKey' | 'batch'>, row: number): string {
  return hash('sha256', `${apiKey} ${batch} ${row}`, 'hex').slice(0, 32);
}

function entryOf(found: Record<string, unknown>): QuarantineEntry {
  const at = found['replayed_at'];
  const { context } = found;
  return {
    seq: Number(found['seq']),
    row: quarantinedRowSchema.parse({
      ...(typeof context === 'string' ? { context } : {}),
      ...(JSON.parse(String(found['entry'])) as object),
    }),
    replayed: typeof at === 'number' ? { at, batch: String(found['replayed_in']) } : undefined,
  };
}
