import { entitySchemas, type EntityKind, type RegistryCommand } from '@songma/domain';
import { type Entity, entityProblems } from './entity-rules.ts';
import { parsedEntity } from './parsed-entity.ts';
import { schemaProblems } from './problems.ts';
import { RegisteredEntities } from './registered-entities.ts';
import type { Problem, SubmitResult } from './registry.ts';
import type { RegistryChange } from './registry-view.ts';

/** Referrers that a refused retirement names; the rest are counted. */
const REFERRERS_NAMED_MAX = 5;

type Refusal = Extract<SubmitResult, { ok: false }>;
type Judgement = { readonly ok: true; readonly body: Entity['body'] | null } | Refusal;
type Decision =
  | { readonly ok: true; readonly version: number; readonly change: RegistryChange }
  | (Refusal & {
      /** What is wrong with a fact that was accepted when it was logged: this build passes over it. */
      readonly passedOver?: readonly Problem[];
    });

/**
 * Decides the registry's commands, one after the other in the log's order. What it decides depends on the commands
 * before and on nothing else (no clock, no zone or unit tables), so every reader of the log decides alike.
 */
export class RegistryFold {
  readonly entities = new RegisteredEntities();
  /**
   * Ids of refused commands. A producer's retry may log a command twice; the second copy of an accepted one is
   * refused by its version, that of a refused one by this, though it might fit by now: its sender was told no.
   */
  readonly #refused = new Set<string>();

  /**
   * Decides the next command of the log and puts it in force when it is accepted.
   * @param position the command's offset
   */
  apply(command: RegistryCommand, position: number): Decision {
    const judgement = this.judge(command);
    const { kind, entity: id } = command;
    const before = this.entities.get(kind, id);
    if (!judgement.ok) {
      if (judgement.reason !== 'invalid' || !this.#isUnreadable(command)) {
        this.#refused.add(command.id);
        return judgement;
      }
      this.#put(command, before?.body ?? null, position);
      return { ...judgement, passedOver: judgement.problems };
    }
    const version = this.#put(command, judgement.body, position);
    const change = { kind, id, position, before, after: this.entities.get(kind, id) } as RegistryChange;
    return { ok: true, version, change };
  }

  #put(
    { kind, entity: id, by, at: sentAt }: RegistryCommand,
    body: Entity['body'] | null,
    position: number,
  ): number {
    const last = this.entities.last(kind, id);
    const version = (last?.version ?? 0) + 1;
    const at = Math.max(sentAt, last?.at ?? sentAt);
    this.entities.put(kind, { id, version, body, at, by, position });
    return version;
  }

  /**
   * Whether the body does not fit the schema. Nothing of the kind is logged, since `submit` looks first: so the build
   * that logged it took more than this one, and accepted it. Its version is counted, and what stood goes on standing.
   */
  #isUnreadable({ kind, body }: RegistryCommand): boolean {
    return body !== null && !parsedEntity(kind, body).success;
  }

  /** What {@link apply} would decide now, and the body it would put in force. */
  judge(command: RegistryCommand): Judgement {
    const { kind, entity: id } = command;
    const standing = this.entities.get(kind, id);
    const isRepeat = this.#refused.has(command.id);
    if (isRepeat || command.expectedVersion !== (this.entities.last(kind, id)?.version ?? 0)) {
      return { ok: false, reason: 'conflict', version: standing?.version ?? 0 };
    }
    return command.body === null ? this.#judgeRetirement(kind, id) : this.#judgeBody(command);
  }

  #judgeRetirement(kind: EntityKind, id: string): Judgement {
    if (this.entities.get(kind, id) === undefined) {
      return invalid('', `no ${kind} "${id}" is registered: there is nothing to retire`);
    }
    const referrers = this.entities.referrersOf(kind, id);
    if (referrers.length === 0) return { ok: true, body: null };
    const named = referrers.slice(0, REFERRERS_NAMED_MAX).join(', ');
    const more = referrers.length - REFERRERS_NAMED_MAX;
    const who = more > 0 ? `${named} and ${more} more` : named;
    return invalid('', `it is referred to by ${who}: retire them first, or let them refer to another`);
  }

  #judgeBody({ kind, entity: id, body, at }: RegistryCommand): Judgement {
    const parsed = parsedEntity(kind, body);
    if (!parsed.success) {
      const fields = Object.keys(entitySchemas[kind].shape);
      return { ok: false, reason: 'invalid', problems: schemaProblems(parsed.error, fields) };
    }
    if (parsed.data.id !== id)
      return invalid('id', `is "${parsed.data.id}", but "${id}" is submitted: make them equal`);
    const entity = { kind, body: parsed.data } as Entity;
    const problems = entityProblems(entity, this.entities.lastBody(kind, id), this.entities, at);
    return problems.length === 0
      ? { ok: true, body: entity.body }
      : { ok: false, reason: 'invalid', problems };
  }
}

function invalid(path: string, problem: string): Refusal {
  return { ok: false, reason: 'invalid', problems: [{ path, problem }] };
}
