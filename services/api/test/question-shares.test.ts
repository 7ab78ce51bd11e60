import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { QuestionShares } from '../src/question-shares.ts';
import { inTurns } from '../src/work-turns.ts';
import { openApi, type ApiWorld } from './api-world.ts';

const limits = { openMax: 4, openPerKeyMax: 2, waitingPerKeyMax: 3, waitMsMax: 60_000 };

describe('the shares of questions', () => {
  it('leave room for others, whatever one key asks', async () => {
    const shares = new QuestionShares(limits);
    for (let i = 0; i < 2; i++) await shares.enter('greedy');
    const waiting = Array.from({ length: 3 }, () => shares.enter('greedy'));
    await expect(shares.enter('greedy')).rejects.toThrow('too_many_questions');
    const leave = await shares.enter('modest');
    expect(shares.open).toBe(3);
    leave();
    expect(shares.open).toBe(2);
    void waiting;
  });

  it('let keys take turns when there is room again', async () => {
    const shares = new QuestionShares({ ...limits, openMax: 2 });
    const order: string[] = [];
    const open = [await shares.enter('a'), await shares.enter('a')];
    const ask = (key: string) =>
      shares.enter(key).then((leave) => {
        order.push(key);
        return leave;
      });
    const answers = [ask('a'), ask('a'), ask('b'), ask('b')];
    for (const leave of open) leave();
    for (const answer of answers.slice(0, 1)) (await answer)();
    (await answers[2]!)();
    await Promise.all(answers);
    expect(order.slice(0, 2).toSorted()).toEqual(['a', 'b']);
    expect(order).toHaveLength(4);
  });

  it('count a question once, however often its end is told', async () => {
    const shares = new QuestionShares(limits);
    const leave = await shares.enter('a');
    leave();
    leave();
    expect(shares.open).toBe(0);
  });

  it('refuse what has waited too long', async () => {
    const shares = new QuestionShares({ ...limits, waitMsMax: 5 });
    for (let i = 0; i < 2; i++) await shares.enter('a');
    await expect(shares.enter('a')).rejects.toThrow('too_many_questions');
  });
});

describe('work in turns', () => {
  async function* busy(items: number, msEach: number): AsyncGenerator<number> {
    for (let i = 0; i < items; i++) {
      const until = performance.now() + msEach;
      while (performance.now() < until);
      yield i;
    }
  }

  it('lets the event loop go round while items are made without waiting for anything', async () => {
    let turns = 0;
    const timer = setInterval(() => turns++, 1);
    for await (const item of inTurns(busy(200, 1), 10_000)) void item;
    clearInterval(timer);
    expect(turns).toBeGreaterThan(5);
  });

  it('ends what never would: the process stays responsive and the question is refused', async () => {
    const endless = inTurns(busy(Number.POSITIVE_INFINITY, 1), 100);
    await expect(Array.fromAsync(endless)).rejects.toThrow('question_too_long');
  });

  it('lets go of what it reads when its reader leaves early', async () => {
    let isReleased = false;
    async function* source() {
      try {
        for (let i = 0; ; i++) yield i;
      } finally {
        isReleased = true;
      }
    }
    for await (const item of inTurns(source(), 1_000)) if (item === 3) break;
    expect(isReleased).toBe(true);
  });
});

describe('a question', () => {
  let world: ApiWorld;
  beforeAll(async () => {
    world = await openApi();
  });
  afterAll(() => world.close());

  it('gives its share back when it is answered or refused', async () => {
    for (let i = 0; i < 40; i++) {
      const path = i % 2 === 0 ? '/v1/meters' : '/v1/meters/absent';
      expect((await world.ask(path)).statusCode).toBe(i % 2 === 0 ? 200 : 404);
    }
  });

  it('of a key that asks two hundred times at once is answered or told to wait, and never fails', async () => {
    const answers = await Promise.all(Array.from({ length: 200 }, () => world.ask('/v1/meters')));
    const codes = new Set(answers.map(({ statusCode }) => statusCode));
    expect([...codes].toSorted((a, b) => a - b)).toEqual([200, 429]);
    expect(answers.find(({ statusCode }) => statusCode === 429)?.headers['retry-after']).toBe('2');
  });
});
