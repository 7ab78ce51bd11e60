import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Baseline } from '@songma/domain';
import {
  chooseBaseline,
  judgeDeclared,
  judgeSaving,
  programmeReasons,
  reasonText,
  savingFact,
  savingNotAsked,
  shareOf,
  targetSetOn,
  targetSets,
  targetStates,
  type CountedTarget,
  type EnterpriseFacts,
  type ProgrammeJudgement,
  type ProgrammeReason,
  type SavingTarget,
} from '../../src/index.ts';

const setOf = (id: string) => targetSets.find((set) => set.id === id)!;
const targetOf = (set: string, id: string) => setOf(set).targets.find((target) => target.id === id)!;
const counted = (id: string) => targetOf('160-thanh-hoa-2020', id) as CountedTarget;
const saving = (set: string, resource: string) => targetOf(set, `saving-${resource}`) as SavingTarget;

const enterprise = { id: 'mill', sector: '2394', size: 'large' } as const;
const facts = (
  participation: EnterpriseFacts['participation'],
  more: Partial<EnterpriseFacts['enterprise']> = {},
): EnterpriseFacts => ({ enterprise: { ...enterprise, ...more }, participation });
const holding = { holds: true, since: '2018-03-01', evidence: 'QĐ 1' };

describe('the target sets', () => {
  /** Decisions 1419/QĐ-TTg and 889/QĐ-TTg, Plan 160/KH-UBND of Thanh Hóa: what each asks, and the shares it names. */
  it.each([
    ['1419-2015', { aware: 0.5, applying: 0.25, 'department-staff': 0.7 }, [0.05, 0.08]],
    [
      '1419-2020',
      { aware: 0.9, applying: 0.5, 'dedicated-unit': 0.9, 'department-staff': 0.9 },
      [0.08, 0.13],
    ],
    [
      '160-thanh-hoa-2020',
      { aware: 0.9, applying: 0.5, 'dedicated-unit': 0.9, 'trained-staff': 1 },
      [0.08, 0.13],
    ],
    [
      '889-2025',
      { 'parks-reached': 0.7, 'provinces-campaigning': 0.8, 'models-applied': null, shops: 0.85 },
      [0.05, 0.08],
    ],
    [
      '889-2030',
      { 'parks-reached': 1, 'provinces-campaigning': 1, shops: 1, 'provinces-planning': 0.9 },
      [0.07, 0.1],
    ],
  ] as const)('%s ask what their text asks', (id, shares, band) => {
    const others = setOf(id).targets.filter(({ counts }) => counts !== 'saving');
    expect(Object.fromEntries(others.map((target) => [target.id, target.share]))).toEqual(shares);
    const savings = setOf(id).targets.filter((target): target is SavingTarget => target.counts === 'saving');
    expect(savings).toHaveLength(7);
    for (const {
      band: { min, max },
    } of savings)
      expect([min, max]).toEqual(band);
  });

  it('name a target once, and in both languages', () => {
    for (const { targets } of targetSets) {
      expect(new Set(targets.map(({ id }) => id)).size).toBe(targets.length);
      for (const { title } of targets) expect(title.vi).not.toBe(title.en);
    }
  });

  it('are found by date: the first in force, the last before it where none is', () => {
    const on = (date: string) => targetSetOn(date).id;
    expect(
      ['2009-01-01', '2015-12-31', '2016-01-01', '2020-12-31', '2026-11-23', '2031-01-01'].map(on),
    ).toEqual(['1419-2015', '1419-2015', '1419-2020', '1419-2020', '889-2030', '889-2030']);
  });
});

describe('what was declared', () => {
  const aware = (participation: EnterpriseFacts['participation'], date: string) =>
    judgeDeclared(counted('aware'), facts(participation), date);

  it('holds from its date on, did not before, and is unknown where nobody declared it', () => {
    expect(aware({ aware: holding }, '2018-03-01')).toEqual({
      state: 'yes',
      reason: null,
      since: '2018-03-01',
      evidence: 'QĐ 1',
    });
    expect(aware({ aware: holding }, '2018-02-28')).toMatchObject({
      state: 'no',
      reason: { code: 'not-yet' },
    });
    for (const nothing of [undefined, {}]) {
      expect(aware(nothing, '2020-01-01')).toEqual({
        state: 'unknown',
        reason: { code: 'not-declared', parameters: {} },
      });
    }
  });

  it('that it does not hold says nothing of the time before', () => {
    const not = { aware: { ...holding, holds: false } };
    expect(aware(not, '2018-03-01')).toMatchObject({ state: 'no', reason: { code: 'declared-not' } });
    expect(aware(not, '2018-02-28')).toMatchObject({ state: 'unknown' });
  });

  it('of a unit is asked of medium and large enterprises only', () => {
    const unit = (size: 'micro' | 'small' | 'medium' | 'large' | undefined) =>
      judgeDeclared(
        counted('dedicated-unit'),
        {
          enterprise: { id: 'mill', sector: '2394', ...(size && { size }) },
          participation: { dedicatedUnit: holding },
        },
        '2020-01-01',
      );
    expect(['medium', 'large'].map((size) => unit(size as 'medium').state)).toEqual(['yes', 'yes']);
    expect(['micro', 'small'].map((size) => unit(size as 'small').state)).toEqual(['not-asked', 'not-asked']);
    expect(unit(undefined)).toMatchObject({ state: 'unknown', reason: { code: 'size-unknown' } });
  });

  it('of training is met when everybody in charge is trained', () => {
    const training = { trained: 2, of: 3, on: '2019-05-01', who: 'Tổ SXSH', evidence: 'CN 5/2019' };
    const trained = (count: number, date: string) =>
      judgeDeclared(counted('trained-staff'), facts({ training: { ...training, trained: count } }), date);
    expect(trained(3, '2019-05-01')).toMatchObject({ state: 'yes', persons: { trained: 3, of: 3 } });
    expect(trained(2, '2019-05-01')).toMatchObject({ state: 'no', reason: { code: 'untrained' } });
    expect(trained(3, '2019-04-30')).toMatchObject({ state: 'unknown' });
  });
});

describe('a saving', () => {
  it('is asked of those that apply, or of the industries that the text names', () => {
    const asked = (set: string, participation: EnterpriseFacts['participation'], sector = '2394') =>
      savingNotAsked(setOf(set), facts(participation, { sector }), '2020-01-01')?.code ?? null;
    expect(asked('160-thanh-hoa-2020', { applying: holding })).toBeNull();
    expect(asked('160-thanh-hoa-2020', { applying: { ...holding, holds: false } })).toBe('not-applying');
    expect(asked('160-thanh-hoa-2020', undefined)).toBe('not-applying');
    expect(
      ['2394', 'C1104', '2410', '2220', '1702', '1020', '13'].map((one) => asked('889-2030', undefined, one)),
    ).toEqual(Array.from({ length: 7 }, () => null));
    expect(['2431', '1072', '2395'].map((one) => asked('889-2030', undefined, one))).toEqual(
      Array.from({ length: 3 }, () => 'sector-not-named'),
    );
  });

  it('meets its band at the lower end of it, and above', () => {
    const fuel = saving('160-thanh-hoa-2020', 'fuel');
    const judged = (share: number) => judgeSaving(fuel, { baseline: 'b', savingShare: share }).state;
    expect([0.0799, 0.08, 0.13, 0.2, -0.01].map(judged)).toEqual(['no', 'yes', 'yes', 'yes', 'no']);
    const below = judgeSaving(fuel, { baseline: 'fuel-2024', savingShare: 0.05125 });
    expect(reasonText(below.reason!).en).toBe(
      'It saves 5.13 % against baseline "fuel-2024"; 8 % is asked for.',
    );
  });

  it('is told in words, in the reader’s language', () => {
    const told = (reason: ProgrammeReason) => reasonText(reason).vi;
    expect(told({ code: 'no-baseline', parameters: { resource: 'waste-water' } })).toBe(
      'Chưa có đường cơ sở của cả doanh nghiệp cho nước thải.',
    );
    expect(told({ code: 'size-not-asked', parameters: { size: 'small' } })).toContain('quy mô nhỏ');
    const withheld = { baseline: 'b', withheld: 'zero-production' };
    expect(told({ code: 'baseline-withheld', parameters: withheld })).toContain('không sản xuất');
    expect(told({ code: 'saving-withheld', parameters: { baseline: 'b', counted: 0.8255 } })).toContain(
      '82,55 %',
    );
  });

  it('is compared with the band where the text does not name its resource', () => {
    expect(saving('1419-2015', 'water').isCovered).toBe(false);
    expect(saving('889-2030', 'fuel').isCovered).toBe(true);
    expect(saving('889-2030', 'electricity').isCovered).toBe(false);
  });

  const baseline = (id: string, more: Partial<Baseline> = {}) =>
    ({ id, resource: 'water', enterprise: 'mill', ...more }) as Baseline;
  const chosen = (baselines: readonly Baseline[], named: readonly string[] = []) => {
    const choice = chooseBaseline('water', baselines, named);
    return 'baseline' in choice ? choice.baseline.id : choice.missing.code;
  };

  it('is told against the baseline that is named, else the only one of the whole enterprise', () => {
    expect(chosen([])).toBe('no-baseline');
    expect(chosen([baseline('a'), baseline('b', { resource: 'fuel' })])).toBe('a');
    expect(chosen([baseline('a', { site: 's' })])).toBe('no-baseline');
    expect(chosen([baseline('a'), baseline('b')])).toBe('several-baselines');
    expect(chosen([baseline('a'), baseline('b')], ['b'])).toBe('b');
    expect(chosen([baseline('a', { site: 's' }), baseline('b')], ['a'])).toBe('a');
  });

  const month = (counts: boolean, flags: ('in-baseline' | 'zero-production')[] = []) =>
    ({ start: 0, end: 30, saving: counts ? 1 : null, flags }) as never;
  const told = (
    periods: readonly never[],
    savingShare: number | null = 0.1,
    withheld: 'zero-production' | null = null,
  ) => {
    const fact = savingFact(
      { id: 'b', to: '2026-01-01' },
      { withheld },
      { periods, totals: { savingShare } as never },
    );
    return 'missing' in fact ? fact.missing.code : fact.savingShare;
  };
  const months = (count: number, of = 12) => Array.from({ length: of }, (_, i) => month(i < count));

  it('is withheld unless nine tenths of the twelve months count', () => {
    expect(told(months(12))).toBe(0.1);
    expect(told(months(11))).toBe(0.1);
    expect(told(months(9, 10))).toBe(0.1);
    expect(told(months(10))).toBe('saving-withheld');
    expect(told([])).toBe('saving-withheld');
    expect(told(months(12), null)).toBe('saving-withheld');
  });

  it('is not told of months on which its own baseline was fitted, nor against none', () => {
    expect(told([...months(11, 11), month(true, ['in-baseline'])])).toBe('baseline-overlaps');
    expect(told(months(12), 0.1, 'zero-production')).toBe('baseline-withheld');
  });
});

describe('a share', () => {
  const judgement = (state: ProgrammeJudgement['state']): ProgrammeJudgement => ({
    state,
    reason:
      state === 'yes'
        ? null
        : { code: state === 'unknown' ? 'not-declared' : 'declared-not', parameters: {} },
  });
  const of = (states: string) =>
    states
      .split('')
      .map((letter) =>
        judgement(({ y: 'yes', n: 'no', u: 'unknown', a: 'not-asked' } as const)[letter as 'y']),
      );

  it('counts everybody asked, and tells what it would be at most', () => {
    expect(shareOf(counted('applying'), of('yyynua'))).toEqual({
      of: 'enterprises',
      numerator: 3,
      denominator: 5,
      share: 0.6,
      shareMax: 0.8,
      isReached: true,
      yes: 3,
      no: 1,
      unknown: 1,
      notAsked: 1,
      reasons: [
        { code: 'declared-not', enterprises: 2 },
        { code: 'not-declared', enterprises: 1 },
      ],
    });
  });

  it('is reached or missed only where what is unknown cannot turn it', () => {
    const isReached = (states: string) => shareOf(counted('applying'), of(states)).isReached;
    expect(['yn', 'ynn', 'ynnu', 'yu', 'ynu', 'u', 'a', ''].map(isReached)).toEqual([
      true,
      false,
      null,
      true,
      null,
      null,
      null,
      null,
    ]);
    expect(isReached('ynnnu')).toBe(false);
    expect(shareOf(saving('889-2030', 'fuel'), of('yyy')).isReached).toBeNull();
  });

  it('of staff counts persons', () => {
    const persons = (trained: number, all: number): ProgrammeJudgement => ({
      ...judgement(trained === all ? 'yes' : 'no'),
      persons: { trained, of: all },
    });
    expect(shareOf(counted('trained-staff'), [persons(1, 3), persons(2, 2)])).toMatchObject({
      of: 'persons',
      numerator: 3,
      denominator: 5,
      share: 0.6,
      isReached: false,
      yes: 1,
      no: 1,
    });
    expect(shareOf(counted('trained-staff'), [persons(2, 2), ...of('u')])).toMatchObject({
      share: 1,
      isReached: null,
    });
  });

  it('does not depend on the order, and what becomes known stays within its bounds', () => {
    const states = fc.array(fc.constantFrom(...targetStates), { maxLength: 30 });
    fc.assert(
      fc.property(states, fc.infiniteStream(fc.boolean()), fc.nat(), (all, answers, turn) => {
        const judged = all.map(judgement);
        const before = shareOf(counted('applying'), judged);
        const turned = [...judged.slice(turn % 31), ...judged.slice(0, turn % 31)];
        expect(shareOf(counted('applying'), turned)).toEqual(before);
        const known = all.map((state) =>
          judgement(state === 'unknown' ? (answers.next().value ? 'yes' : 'no') : state),
        );
        const after = shareOf(counted('applying'), known);
        const bounds = [before.share ?? 0, before.shareMax ?? 0];
        expect(after.share === null).toBe(before.share === null);
        expect([after.share ?? 0, ...bounds].toSorted((x, y) => x - y)[1]).toBe(after.share ?? 0);
        expect([null, after.isReached]).toContain(before.isReached);
      }),
    );
  });
});

it('every reason is told in both languages, with the same places', () => {
  const places = (text: string) => [...text.matchAll(/\{\w+\}/g)].map(([place]) => place).toSorted();
  for (const { en, vi } of Object.values(programmeReasons)) {
    expect(places(vi)).toEqual(places(en));
    expect(vi).not.toBe(en);
  }
});
