import { describe, expect, it } from 'vitest';
import { caseCode, noticePurposes, noticeSchema, writeNotice } from '../../src/index.ts';
import { mailNotice } from '../notices.ts';
import { contents, facts, ten } from './contents.ts';

describe('The words of notices', () => {
  it('are there for every purpose', () => {
    expect(contents.map(({ purpose }) => purpose).toSorted()).toEqual([...noticePurposes].toSorted());
  });

  it.each(contents)(
    'of $purpose are in two languages, as text and as HTML, and fit into a notice',
    (content) => {
      const [vi, en] = [writeNotice(content, 'vi'), writeNotice(content, 'en')];
      for (const written of [vi, en]) {
        expect(noticeSchema.safeParse(mailNotice(written)).error).toBeUndefined();
        expect(written.html).toContain(`<html lang="${written.language}">`);
        expect(written.html).not.toMatch(/<img|<script|src=|url\(/);
        expect(`${written.subject}${written.text}`).not.toMatch(/undefined|NaN|null|\[object/);
      }
      expect(vi.text).not.toBe(en.text);
      expect(vi.text.split('\n')[0]).not.toBe(en.text.split('\n')[0]);
    },
  );

  it('write numbers and times as the language does, in the zone of the site', () => {
    const vi = writeNotice({ purpose: 'raised', facts }, 'vi');
    const en = writeNotice({ purpose: 'raised', facts }, 'en');
    expect(vi.text).toContain(
      '1.231\u00a0mg/m³, giới hạn 1.000\u00a0mg/m³ (trung bình giờ); 1,23 lần giới hạn',
    );
    expect(vi.text).toContain('10:00–13:00 01/01/2026 (3 giờ, có thể còn tiếp diễn)');
    expect(en.text).toContain('1,231\u00a0mg/m³, limit 1,000\u00a0mg/m³ (hourly mean); 1.23 times the limit');
    expect(vi.text).toContain('99,9 %');
  });

  it('never write a value beyond its limit as the limit', () => {
    const { text } = writeNotice({ purpose: 'worse', facts }, 'vi');
    expect(text).toContain('Hiện nay: 1.000,02\u00a0mg/m³, giới hạn 1.000\u00a0mg/m³');
  });

  it('keep the subject of a case whatever becomes of it', () => {
    const subjects = contents.flatMap((content) =>
      'facts' in content ? [writeNotice(content, 'vi').subject] : [],
    );
    expect(new Set(subjects).size).toBe(1);
    const later = { ...facts, since: ten - 86_400_000 };
    expect(writeNotice({ purpose: 'worse', facts: later }, 'vi').subject).toBe(subjects[0]);
    expect(subjects[0]).toBe(
      `[Songma ${caseCode(facts.id)}] SO₂ vượt giới hạn tham chiếu: Ống khói 1, Nhiệt điện Nghi Sơn, 01/01/2026`,
    );
  });

  it('say that the authority concludes, and what was not compared with its text', () => {
    const { text } = writeNotice({ purpose: 'raised', facts }, 'en');
    expect(text).toContain('the authority concludes');
    expect(text).toContain('has not been compared with the text of its document');
    const verified = writeNotice({ purpose: 'raised', facts: { ...facts, verified: true } }, 'en');
    expect(verified.text).not.toContain('has not been compared');
  });

  it('of a withdrawal tell the correction: what it was, when, by whom, before and now', () => {
    const correction = { cause: 'correction', at: ten, by: 'An', meanNow: 812.3 } as const;
    const { text } = writeNotice({ purpose: 'withdrawn', facts, correction }, 'vi');
    expect(text).toContain(
      'số liệu được sửa (10:00 01/01/2026, do An). Trước: 1.231\u00a0mg/m³; nay: 812,3\u00a0mg/m³.',
    );
  });

  it('show markup in names as text', () => {
    const site = '<b onclick="x">&</b>';
    const { html } = writeNotice({ purpose: 'raised', facts: { ...facts, site } }, 'vi');
    expect(html).toContain('&lt;b onclick=&quot;x&quot;&gt;&amp;&lt;/b&gt;');
    expect(html).not.toContain('<b ');
  });

  it('fill a template that a messenger approves: flat, short, with the code of the case', () => {
    expect(writeNotice({ purpose: 'raised', facts }, 'vi').template).toEqual({
      site: 'Ống khói 1, Nhiệt điện Nghi Sơn',
      parameter: 'SO₂',
      value: '1.231\u00a0mg/m³',
      limit: '1.000\u00a0mg/m³',
      time: '11:00–12:00 01/01/2026',
      code: caseCode(facts.id),
    });
  });

  it('of an empty digest say that there is nothing to tell', () => {
    const content = contents.find(({ purpose }) => purpose === 'digest-weekly')!;
    expect(writeNotice(content, 'en').text).toContain('There is nothing to tell');
  });
});
