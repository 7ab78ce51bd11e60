import type { Indicator, IndicatorEvent } from '@songma/domain';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { encodeCursor } from '../src/paging.ts';
import { firstKnownUs, noon, openApi, raised, refusalOf, type ApiWorld } from './api-world.ts';

/**
 * A cursor is not signed: whoever reads one can write one. The first of these, `owed` from 1e300 on, kept the process
 * busy for ever.
 */

const dayMs = 86_400_000;
const day = 'from=2026-11-20&to=2026-11-23';

let world: ApiWorld;
beforeAll(async () => {
  world = await openApi();
  const times = Array.from({ length: 60 }, (_, i) => noon - (60 - i) * 3_600_000);
  await world.store(
    'mill-power',
    times.map((time, i) => [time, i]),
    firstKnownUs,
  );
  await world.store(
    'kiln-pm',
    times.map((time, i) => [time, i]),
  );
  await world.publish(...[1, 2, 3].map((revision) => published(revision)));
  await world.alert(raised(2), raised(4));
});
afterAll(() => world.close());

const midnight = Date.parse('2026-11-20T00:00:00+07:00');

/** The publication of that number of one day's indicator. */
function published(revision: number): IndicatorEvent {
  const indicatorOf = (number: number): Indicator => ({
    id: `cement/electricity-intensity/P1D/${midnight}`,
    enterprise: 'cement',
    name: 'electricity-intensity',
    window: 'P1D',
    start: midnight,
    end: midnight + dayMs,
    value: 90 + number,
    unit: 'kWh/t',
    coverage: 1,
    withheld: null,
    numerator: 9000 + 100 * number,
    denominator: 100,
    revision: number,
    inputs: [{ meter: 'mill-power', revision: number }],
    publishedAt: midnight + dayMs + number,
  });
  const after = indicatorOf(revision);
  return {
    id: after.id,
    before: revision === 1 ? null : indicatorOf(revision - 1),
    after,
    cause: 'readings',
  };
}

interface Cursor {
  readonly query: string;
  readonly position: readonly (string | number)[];
}

/** The cursor of a route's second page, taken apart. */
async function cursorOf(url: string): Promise<Cursor> {
  const answer = await world.ask(`${url}limit=1`);
  const { next } = answer.json<{ next: string | null }>();
  if (next === null) throw new Error(`${url} has one page only: ${answer.body.slice(0, 200)}`);
  const [, query, position] = JSON.parse(Buffer.from(next, 'base64url').toString()) as [
    number,
    string,
    (string | number)[],
  ];
  return { query, position };
}

const made = ({ query }: Cursor, position: readonly unknown[]) =>
  Buffer.from(JSON.stringify([1, query, position])).toString('base64url');

const numbers = [1e300, -1e300, 9e15, -9e15, 8.64e15, noon + 0.5, -(2 ** 31), 2 ** 31, 2 ** 53 + 2];
const texts = ['', 'zzzz', '\u{0}', 'é'.repeat(60), '../..', "'; DROP"];

/** Routes whose positions are instants and numbers that work is done by. */
const worked = [
  `/v1/owed?${day}&`,
  '/v1/owed?',
  `/v1/owed?${day}&meter=kiln-pm&join=0&`,
  `/v1/series?meter=mill-power,kiln-pm&${day}&`,
  `/v1/series?meter=mill-power&${day}&window=PT1H&gaps=show&`,
  `/v1/series?meter=mill-power&${day}&window=PT15M&gaps=show&`,
  '/v1/series?meter=mill-power&from=1990-01-01&window=P1M&gaps=show&',
  `/v1/series?meter=mill-power&${day}&window=PT1H&asOf=2026-11-23T12:00:00%2B07:00&`,
  `/v1/availability?${day}&window=P1D&`,
  '/v1/availability?from=2025-11-20&meter=kiln-pm&window=P1M&',
  '/v1/feeds?',
  '/v1/restatements?filling=show&',
  `/v1/indicators/cement%2Felectricity-intensity%2FP1D%2F${midnight}/history?`,
];

/** Routes whose positions are only compared with what is there. */
const compared = [
  '/v1/meters?',
  '/v1/sites?',
  '/v1/keys?',
  '/v1/factors?',
  '/v1/limit-norms?',
  '/v1/alerts?',
];

describe('a cursor that somebody made up', () => {
  it.each(worked)('never moves %s out of the span of its query', async (url) => {
    const cursor = await cursorOf(url);
    for (const [place, found] of cursor.position.entries()) {
      for (const value of typeof found === 'number' ? numbers : texts) {
        const position = cursor.position.with(place, value);
        const answer = await world.ask(`${url}limit=3&cursor=${made(cursor, position)}`);
        const why = `${url} ${JSON.stringify(position)}`;
        // A text is compared with what there is: it may name nothing and do no harm.
        const isGuarded =
          typeof found === 'number' ? refusalOf(answer)[1] === 'cursor_invalid' : answer.statusCode < 500;
        expect([why, answer.statusCode, isGuarded]).toEqual([why, answer.statusCode, true]);
      }
    }
  });

  it.each(compared)('is compared with what %s lists and does no harm', async (url) => {
    const cursor = await cursorOf(url);
    for (const [place, found] of cursor.position.entries()) {
      for (const value of typeof found === 'number' ? numbers : texts) {
        const answer = await world.ask(
          `${url}limit=3&cursor=${made(cursor, cursor.position.with(place, value))}`,
        );
        expect([200, 400]).toContain(answer.statusCode);
      }
    }
  });

  it.each([...worked, ...compared])('of another shape is refused at %s', async (url) => {
    const cursor = await cursorOf(url);
    const shapes = [
      [],
      [null],
      [[]],
      cursor.position.slice(1),
      [{}, ...cursor.position.slice(1)],
      'x',
      1,
      null,
    ];
    for (const shape of shapes) {
      const answer = await world.ask(`${url}limit=3&cursor=${made(cursor, shape as unknown[])}`);
      expect(refusalOf(answer)).toEqual([400, 'cursor_invalid']);
    }
  });

  it('does not make one question out of a thousand: what was asked a month ago is asked anew', async () => {
    const cursor = await cursorOf('/v1/feeds?');
    const old = made(cursor, [noon - 31 * dayMs, 'a']);
    expect(refusalOf(await world.ask(`/v1/feeds?limit=3&cursor=${old}`))).toEqual([400, 'cursor_invalid']);
  });

  it('is refused where it is longer than any of ours', async () => {
    const long = encodeCursor('x', ['a'.repeat(2000)]);
    expect(refusalOf(await world.ask(`/v1/meters?cursor=${long}`))).toEqual([400, 'invalid_request']);
  });
});
