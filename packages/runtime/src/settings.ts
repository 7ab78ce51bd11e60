import type { ZodType } from 'zod';
import { ConfigError, type SettingProblem } from './errors.ts';

/** What a person has to know to set a setting. */
export interface SettingDoc {
  readonly description: string;
  readonly example?: string;
  /** Its value is never printed. */
  readonly secret?: boolean;
}

/** One environment variable with the schema that its text is parsed by. */
export interface Setting<T> {
  readonly kind: 'setting';
  readonly env: string;
  readonly schema: ZodType<T>;
  readonly doc: SettingDoc;
}

/** Settings by name; groups nest. */
export interface Settings {
  // oxlint-disable-next-line typescript/no-explicit-any -- a group holds settings of every type
  readonly [name: string]: Setting<any> | Settings;
}

/** The values that {@link loadConfig} makes of settings. */
export type SettingsOf<S extends Settings> = {
  readonly [K in keyof S]: S[K] extends Setting<infer T>
    ? T
    : S[K] extends Settings
      ? SettingsOf<S[K]>
      : never;
};

/**
 * Declares a setting. The schema is given the variable's text, or undefined where it is unset or empty; a default
 * in the schema is the default of the setting.
 */
export function setting<T>(env: string, schema: ZodType<T>, doc: SettingDoc): Setting<T> {
  return { kind: 'setting', env, schema, doc };
}

/**
 * Parses every setting.
 * @throws ConfigError with every problem, when there is one
 */
export function loadConfig<S extends Settings>(settings: S, env: NodeJS.ProcessEnv): SettingsOf<S> {
  const problems: SettingProblem[] = [];
  const values = parseGroup(settings, env, problems);
  if (problems.length > 0) throw new ConfigError(problems);
  return values as SettingsOf<S>;
}

function parseGroup(settings: Settings, env: NodeJS.ProcessEnv, problems: SettingProblem[]): unknown {
  const values: Record<string, unknown> = {};
  for (const [name, entry] of Object.entries(settings)) {
    if (!isSetting(entry)) {
      values[name] = parseGroup(entry as Settings, env, problems);
      continue;
    }
    const text = env[entry.env];
    const result = entry.schema.safeParse(text === '' ? undefined : text);
    if (result.success) {
      values[name] = result.data;
    } else {
      const given = text === undefined || text === '' ? 'is not set' : `is ${shown(entry, text)}`;
      const { example } = entry.doc;
      problems.push({
        setting: entry.env,
        problem: `${given}: ${result.error.issues.map((issue) => issue.message).join('; ')}`,
        remedy: `${entry.doc.description}${example === undefined ? '' : ` Example: ${entry.env}=${example}`}`,
      });
    }
  }
  return values;
}

/** A setting as documentation shows it. */
export interface SettingDescription extends SettingDoc {
  readonly env: string;
  /** The default as text; absent when there is none. */
  readonly default?: string;
}

/** Every setting once, in the order of declaration: for `.env.example` and for documentation. */
export function describeSettings(settings: Settings): SettingDescription[] {
  const described = new Map<string, SettingDescription>();
  for (const entry of Object.values(settings)) {
    const found = isSetting(entry) ? [describe(entry)] : describeSettings(entry as Settings);
    for (const one of found) if (!described.has(one.env)) described.set(one.env, one);
  }
  return [...described.values()];
}

function describe(entry: Setting<unknown>): SettingDescription {
  const byDefault = entry.schema.safeParse(undefined);
  const value: unknown = byDefault.success ? byDefault.data : undefined;
  return { env: entry.env, ...entry.doc, ...(value === undefined ? {} : { default: textOf(value) }) };
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function isSetting(entry: Setting<unknown> | Settings): entry is Setting<unknown> {
  return (entry.kind as unknown) === 'setting';
}

function shown(entry: Setting<unknown>, text: string): string {
  return entry.doc.secret === true ? 'not usable' : `"${text}"`;
}
