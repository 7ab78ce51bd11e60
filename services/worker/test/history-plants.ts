import { shardOf, shards } from '@songma/domain';
import type { EditedKind, PlantEvent, PlantLife } from './history-events.ts';
import { dayMs, minuteMs, type KnownPush, type Row } from './worker-world.ts';

/** Of one shard: what is due of one of them is computed together with the others'. */
export const plantIds = Array.from({ length: 4_000 }, (_, i) => `p${i}`).filter(
  (id) => shardOf(id) === shards[0],
);

const power = {
  name: 'second',
  quantity: 'electricity',
  kind: 'interval',
  unit: 'kWh',
  intervalMs: 15 * minuteMs,
};
/** The meter that may be added to a plant, by how the plant reports. */
const water = { name: 'second', quantity: 'water', kind: 'interval', unit: 'm3', intervalMs: dayMs };
const secondMeter = { hourly: power, derived: power, daily: water, shifts: water } as const;

/** What is told of a plant in a round. */
export type Told =
  | {
      readonly is: 'push';
      readonly push: Omit<KnownPush, 'knownUs'>;
      readonly late: number;
      readonly again: number | null;
    }
  | { readonly is: 'void'; readonly body: { readonly id: string } }
  | { readonly is: 'restore'; readonly id: string }
  | {
      readonly is: 'second';
      readonly id: string;
      /** Null: it is retired. */
      readonly body: object | null;
      /** The meter that it follows, which ends where it begins. */
      readonly follows?: string;
    }
  | { readonly is: 'edit'; readonly kind: EditedKind; readonly id: string; readonly fields: object };

/** A plant and what was told of it so far: events refer to earlier ones. */
export class Plant {
  readonly id: string;
  private readonly life: PlantLife;
  private readonly pushed: (readonly Row[])[] = [];
  private readonly voids: string[] = [];

  constructor(id: string, life: PlantLife) {
    this.id = id;
    this.life = life;
  }

  get reports(): PlantLife['reports'] {
    return this.life.reports;
  }

  /** To be asked for each round once, in order. */
  eventsOf(round: number): Told[] {
    const event = this.life.history[round] ?? null;
    const told = event === null ? undefined : this.told(event, round);
    return told === undefined ? [] : [told];
  }

  private told(event: PlantEvent, round: number): Told | undefined {
    switch (event.is) {
      case 'push': {
        const rows = event.rows.map((row) => ({ ...row, meter: `${this.id}-${row.meter}` }));
        return this.push(rows, event.transport);
      }
      case 'correct': {
        const earlier = this.pushed[event.which % Math.max(1, this.pushed.length)];
        const rows = earlier
          ?.filter((_, i) => i % event.every === 0)
          .map((row) => ({ ...row, value: row.value + event.by }));
        return rows === undefined ? undefined : this.push(rows, event.transport);
      }
      case 'void': {
        const body = {
          ...{ id: `${this.id}-v${round}`, meter: `${this.id}-${event.meter}`, reason: 'test' },
          ...{ from: event.from, to: event.to },
        };
        this.voids.push(body.id);
        return { is: 'void', body };
      }
      case 'restore': {
        const [id] = this.voids.splice(event.which % Math.max(1, this.voids.length), 1);
        return id === undefined ? undefined : { is: 'restore', id };
      }
      case 'second': {
        const id = `${this.id}-second`;
        if (event.fields === null) return { is: 'second', id, body: null };
        const body = { ...secondMeter[this.life.reports], ...event.fields, id, site: `${this.id}-site` };
        const follows = event.follows === null ? {} : { follows: `${this.id}-${event.follows}` };
        return { is: 'second', id, body, ...follows };
      }
      case 'edit':
        return {
          is: 'edit',
          kind: event.kind,
          id: [this.id, ...(event.name === '' ? [] : [event.name])].join('-'),
          fields: event.fields,
        };
    }
  }

  private push(rows: readonly Row[], { late, again }: { late: number; again: number | null }): Told {
    this.pushed.push(rows);
    return { is: 'push', push: { site: `${this.id}-site`, rows }, late, again };
  }
}
