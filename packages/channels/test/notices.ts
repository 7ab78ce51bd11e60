import type { Notice } from '../src/index.ts';

/** A notice to a mail box, with what a test changes of it. */
export function mailNotice(changed: Partial<Notice> = {}): Notice {
  return {
    id: 'so2-limit/1767200400000/raised/1/an/an-mail',
    case: 'so2-limit/1767200400000',
    recipient: 'an',
    language: 'vi',
    address: { kind: 'mail', mail: 'an@example.vn', name: 'Nguyễn Thị An' },
    purpose: 'raised',
    subject: 'SO₂ vượt giới hạn: Nhiệt điện Nghi Sơn',
    text: 'SO₂ 231,5 mg/Nm³, giới hạn 200 mg/Nm³.\nDòng thứ hai.\n',
    html: '<p>SO₂ <b>231,5</b> mg/Nm³</p>',
    template: {
      site: 'Nhiệt điện Nghi Sơn',
      parameter: 'SO₂',
      value: '231,5 mg/Nm³',
      limit: '200 mg/Nm³',
      time: '10:00 01/01/2026',
      code: 'K7QX-2M4P',
    },
    ...changed,
  };
}
