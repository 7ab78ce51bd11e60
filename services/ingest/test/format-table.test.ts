import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { textOf } from '../src/body.ts';
import type { Format } from '../src/formats/format.ts';
import { formats, mediaTypesOf } from '../src/formats/formats.ts';
import { checkLines, withoutMark } from '../src/formats/lines.ts';
import { makeDataDir, openDoor, push, pushed, quarantinedOf, type DoorWorld } from './door-world.ts';

// The three places of a new format. Its file:
const piped: Format = {
  name: 'piped',
  mediaTypes: ['text/x-piped'],
  extensions: ['.pip'],
  title: { en: 'a piped file', vi: 'tệp gạch đứng' },
  needsFileName: true,
  *read({ body, fileName, lineMax }, draft) {
    yield* checkLines(withoutMark(textOf(body)), draft, lineMax, (line, row) => {
      const [time = '', value = ''] = line.split('|');
      return draft.take(row, fileName, Number(value), value, undefined, time, undefined);
    });
    return { context: fileName };
  },
  replay: (raw, context) => ({ format: piped, text: raw, fileName: context }),
};
// its row:
const withPiped = [...formats, piped];
// and its paragraph:
const paragraph = '| `text/x-piped` | `piped`: a meter a file, time and value |';

const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');

/** Format names and Content-Types that the README's table names. */
function documented(text: string): string[] {
  const section = text.split(/^#{2,3} /m).find((part) => part.startsWith('Formats\n')) ?? '';
  const rows = section.split('\n').filter((line) => line.startsWith('| `'));
  return rows.flatMap((row) => [...row.matchAll(/`([^`]+)`/g)].map(([, name]) => name!)).toSorted();
}

const named = (known: readonly Format[]) =>
  [...known.map(({ name }) => name), ...mediaTypesOf(known)].toSorted();

describe('the README', () => {
  it('names every format and its Content-Types, and no other', () => {
    expect(documented(readme)).toEqual(named(formats));
    expect(documented(readme)).not.toEqual(named(withPiped));
    const heading = '| Content-Type';
    expect(documented(readme.replace(heading, `${paragraph}\n${heading}`))).toEqual(named(withPiped));
  });
});

describe('a format that is a file, a row and a paragraph', () => {
  let world: DoorWorld;
  let dir: Awaited<ReturnType<typeof makeDataDir>>;
  beforeAll(async () => {
    dir = await makeDataDir();
    world = await openDoor({ dataDir: dir.path, formats: withPiped });
  });
  afterAll(async () => {
    await world.close();
    await dir.remove();
  });

  const options = { type: 'text/x-piped', query: '?file=kiln-pm' };
  const authorization = () => ({ authorization: `Bearer ${world.tokens.cement}` });

  it('is taken under its Content-Type', async () => {
    expect(await pushed(world, '2026-11-23T11:55:00|38.2\n', options)).toMatchObject({ accepted: 1 });
  });

  it('is known by the end of the name of a file whose type nobody tells', async () => {
    const untyped = { type: 'application/octet-stream', query: '?file=kiln-pm.PIP' };
    const answer = await push(world, '2026-11-23T11:55:00|38.2\n', untyped);
    // It was read: this format takes the name as the meter.
    expect(answer.json()).toMatchObject({ code: 'rows_all_refused', refused: [{ code: 'meter_unknown' }] });
    const unknown = await push(world, 'x', { ...untyped, query: '?file=notes.doc' });
    expect(unknown.statusCode).toBe(415);
    expect(unknown.json()).toMatchObject({ code: 'file_extension_unknown' });
    expect(unknown.json<{ detail: string }>().detail).toContain('.txt');
    const nameless = await push(world, 'x', { type: 'application/octet-stream' });
    expect(nameless.json()).toMatchObject({ code: 'media_type_unsupported' });
  });

  it('is asked for its file name in its own words', async () => {
    const answer = await push(world, '2026-11-23T11:55:00|38.2', { type: 'text/x-piped', language: 'vi' });
    expect(answer.json()).toMatchObject({ code: 'file_name_missing' });
    expect(answer.json<{ detail: string }>().detail).toContain('tệp gạch đứng');
  });

  it('is in what the 415 and the description of the API name', async () => {
    const refused = await push(world, '', { type: 'text/html' });
    expect(refused.statusCode).toBe(415);
    expect(refused.json<{ detail: string }>().detail).toContain(mediaTypesOf(withPiped).join(', '));
    const description = (await world.app.inject('/openapi.json')).json<{
      paths: Record<string, { post: { requestBody: { content: object } } }>;
    }>();
    expect(Object.keys(description.paths['/v1/readings']!.post.requestBody.content)).toEqual([
      ...mediaTypesOf(withPiped),
      'application/octet-stream',
    ]);
    expect(JSON.stringify(description.paths)).toContain('"piped"');
  });

  it('has its refused rows replayed', async () => {
    const { batch } = await pushed(world, '2026-11-23T11:50:00|38.2\n2026-11-23T11:50|x\n', options);
    const items = await quarantinedOf(world, batch);
    expect(items).toMatchObject([{ format: 'piped', raw: '2026-11-23T11:50|x', context: 'kiln-pm' }]);
    const answer = await world.app.inject({
      method: 'POST',
      url: `/v1/quarantine/${items[0]!.id}/replay`,
      headers: authorization(),
      payload: { raw: '2026-11-23T11:45|39' },
    });
    expect(answer.json()).toMatchObject({ accepted: 1 });
  });
});
