import { execFile } from 'node:child_process';
import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { createConfig, lintFromString } from '@redocly/openapi-core';
import { Document, Spectral } from '@stoplight/spectral-core';
import { Json } from '@stoplight/spectral-parsers';
import { oas } from '@stoplight/spectral-rulesets';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { furnishings } from '../support/furnishings.ts';
import { startSystem, type System } from '../support/system.ts';

const run = promisify(execFile);
/** The generator and a compiler that it works with. */
const modules = resolve(import.meta.dirname, 'node_modules');
/** What a browser opens, and a person reads, in a moment. */
const descriptionBytesMax = 250_000;

/** A program of somebody who has nothing but the description. */
const program = `
import createClient from 'openapi-fetch';
import type { paths } from './songma.ts';

const [baseUrl, key] = process.argv.slice(2);
const client = createClient<paths>({ baseUrl: baseUrl!, headers: { 'x-api-key': key! } });

const made = await client.PUT('/v1/enterprises/{id}', {
  params: { path: { id: 'works' }, header: { 'if-none-match': '*' } },
  body: { name: 'Xi măng Thử', sector: '2394' },
});
if (made.error !== undefined) throw new Error(made.error.code);
const name: string = made.data.name;
const listed = await client.GET('/v1/enterprises', { params: { query: { limit: 1 } } });
if (listed.error !== undefined) throw new Error(listed.error.code);
if (typeof listed.data === 'string') throw new Error('JSON was asked for');
const versions: number[] = listed.data.items.map(({ version }) => version);
const missing = await client.GET('/v1/enterprises/{id}', { params: { path: { id: 'nobody' } } });
console.log(JSON.stringify([name, versions, missing.error?.code]));
`;

describe.each(await furnishings())('The description of the system $title', ({ furnishing, isAvailable }) => {
  let system: System;
  let text: string;
  beforeAll(async () => {
    if (!isAvailable) return;
    system = await startSystem({ furnishing });
    text = await (await fetch(`${system.url}/openapi.json`)).text();
  });
  afterAll(async () => {
    if (!isAvailable) return;
    await system.stop();
    await system.remove();
  });

  it.runIf(isAvailable)('is small enough to open', () => {
    expect(Buffer.byteLength(text)).toBeLessThan(descriptionBytesMax);
  });

  it.runIf(isAvailable)('has no error by the rules of Redocly', async () => {
    const config = await createConfig({ extends: ['recommended'] });
    const problems = await lintFromString({ source: text, absoluteRef: '/openapi.json', config });
    expect(problems.map(({ ruleId, message }) => `${ruleId}: ${message}`)).toEqual([]);
  });

  it.runIf(isAvailable)('has no error by the rules of Spectral', async () => {
    const spectral = new Spectral();
    // What is only a warning there is somebody to write to, which a program that anybody runs does not have.
    spectral.setRuleset({ extends: [[oas as never, 'recommended']], rules: { 'info-contact': 'off' } });
    const problems = await spectral.run(new Document(text, Json, '/openapi.json'));
    expect(problems.map(({ code, message, path }) => `${code}: ${message} ${path.join('.')}`)).toEqual([]);
  });

  it.runIf(isAvailable)('makes a client in TypeScript that compiles and calls', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'songma-client-'));
    try {
      await writeFile(join(folder, 'openapi.json'), text);
      await writeFile(join(folder, 'program.ts'), program);
      await writeFile(join(folder, 'package.json'), '{"type":"module"}');
      await symlink(modules, join(folder, 'node_modules'));
      const node = (...args: string[]) => run(process.execPath, args, { cwd: folder });
      await node(join(modules, 'openapi-typescript/bin/cli.js'), 'openapi.json', '-o', 'songma.ts');
      const options = '--strict --noEmit --skipLibCheck --module nodenext --target es2024 --types node';
      const flags = [...options.split(' '), '--allowImportingTsExtensions', 'program.ts'];
      await node(join(modules, 'typescript/bin/tsc'), ...flags);
      const { stdout } = await node('program.ts', system.url, system.adminToken);
      expect(JSON.parse(stdout)).toEqual(['Xi măng Thử', [1], 'not_found']);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
});
