import { describe, expect, expectTypeOf, it } from 'vitest';
import { z } from 'zod';
import { ConfigError, describeSettings, listenSettings, loadConfig, setting } from '../src/index.ts';

const settings = {
  brokers: setting('BROKERS', z.string().min(1), {
    description: 'Where the brokers are.',
    example: 'a:9092',
  }),
  token: setting('TOKEN', z.string().min(8), { description: 'The token.', secret: true }),
  limits: {
    rowsMax: setting('ROWS_MAX', z.coerce.number().int().positive().default(100), { description: 'Rows.' }),
  },
};

function problemsOf(env: NodeJS.ProcessEnv) {
  try {
    loadConfig(settings, env);
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  return [];
}

describe('loadConfig', () => {
  it('parses text by the schemas, keeps groups, and uses defaults', () => {
    const config = loadConfig(settings, { BROKERS: 'a:1', TOKEN: '12345678' });
    expect(config).toEqual({ brokers: 'a:1', token: '12345678', limits: { rowsMax: 100 } });
    expectTypeOf(config.limits.rowsMax).toEqualTypeOf<number>();
    expectTypeOf(config.brokers).toEqualTypeOf<string>();
  });

  it('takes an empty variable for an unset one', () => {
    expect(loadConfig(settings, { BROKERS: 'a', TOKEN: '12345678', ROWS_MAX: '' }).limits.rowsMax).toBe(100);
  });

  it('names every problem at once, with the way out', () => {
    const problems = problemsOf({ TOKEN: 'short', ROWS_MAX: 'many' });
    expect(problems.map((problem) => problem.setting)).toEqual(['BROKERS', 'TOKEN', 'ROWS_MAX']);
    expect(problems[0]?.problem).toContain('is not set');
    expect(problems[0]?.remedy).toContain('BROKERS=a:9092');
    expect(problems[2]?.problem).toContain('"many"');
  });

  it('never prints the value of a secret', () => {
    expect(JSON.stringify(problemsOf({ BROKERS: 'a', TOKEN: 's3cr3t' }))).not.toContain('s3cr3t');
  });
});

describe('describeSettings', () => {
  it('lists each variable once, with its default', () => {
    const described = describeSettings({ ...settings, again: settings.limits, ...listenSettings(8080) });
    expect(described.map((one) => one.env)).toEqual([
      ...['BROKERS', 'TOKEN', 'ROWS_MAX', 'HOST', 'PORT'],
      ...['TLS_CERT_FILE', 'TLS_KEY_FILE', 'TRUSTED_PROXIES', 'FAILED_KEYS_PER_MINUTE_MAX'],
    ]);
    expect(described[2]?.default).toBe('100');
    expect(described[0]).not.toHaveProperty('default');
    expect(described[1]?.secret).toBe(true);
  });
});
