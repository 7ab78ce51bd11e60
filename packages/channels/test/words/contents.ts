import { deliveryCodes, exceedanceWhat, type CaseFacts, type NoticeContent } from '../../src/index.ts';

const hour = 3_600_000;
/** 10:00 in Việt Nam. */
export const ten = Date.UTC(2026, 0, 1, 3);
const zone = 'Asia/Ho_Chi_Minh';

export const facts: CaseFacts = {
  id: 'so2-limit/1767236400000',
  what: exceedanceWhat,
  enterprise: 'Tổng công ty Điện lực',
  site: 'Nhiệt điện Nghi Sơn',
  source: 'Ống khói 1',
  parameter: 'SO2',
  unit: 'mg/m3',
  averaging: 'PT1H',
  zone,
  origin: ten,
  since: ten,
  knownUntil: ten + 3 * hour,
  isOpen: true,
  windows: 3,
  peak: {
    start: ten + hour,
    end: ten + 2 * hour,
    mean: 1231.4567,
    limitValue: 1000,
    bound: 'max',
    ratio: 1.2314567,
    coverage: 0.999,
  },
  latest: {
    start: ten + 2 * hour,
    end: ten + 3 * hour,
    mean: 1000.02,
    limitValue: 1000,
    bound: 'max',
    ratio: 1.00002,
    coverage: 1,
  },
  document: 'QCVN 22:2009/BTNMT',
  verified: false,
};

const place = { site: 'Nhiệt điện Nghi Sơn', enterprise: 'Tổng công ty Điện lực', zone, since: ten };
const lines = [{ facts, became: 'new', caseUrl: 'https://songma.example.vn/cases/1' }] as const;
const digest = { from: ten, to: ten + 24 * hour, zone, lines, notes: [] } as const;

/** One of each purpose. */
export const contents: readonly NoticeContent[] = [
  { purpose: 'raised', facts, acknowledgeUrl: 'https://songma.example.vn/a#t=abc' },
  { purpose: 'worse', facts },
  { purpose: 'ended', facts: { ...facts, isOpen: false } },
  { purpose: 'found', facts },
  { purpose: 'continues', facts },
  { purpose: 'withdrawn', facts, correction: { cause: 'correction', at: ten, by: 'An', meanNow: 812.3 } },
  { purpose: 'escalated', facts, toldAt: ten, step: 2 },
  { purpose: 'lapsed', facts, by: 'An', acknowledgedAt: ten },
  {
    purpose: 'asked',
    facts,
    dueAt: ten + 24 * hour,
    by: 'An',
    text: 'Lọc bụi?',
    caseUrl: 'https://songma.example.vn',
  },
  { purpose: 'answer-overdue', facts, dueAt: ten },
  { purpose: 'answered', facts, by: 'Bình', cause: 'CEMS', text: 'Đã thay lọc.' },
  { purpose: 'gathered', lines, inboxUrl: 'https://songma.example.vn' },
  { purpose: 'digest-daily', ...digest, logRoot: 'c0ffee' },
  { purpose: 'digest-weekly', ...digest, lines: [] },
  { purpose: 'site-silent', ...place, knownUntil: ten + hour },
  {
    purpose: 'outage',
    ...place,
    knownUntil: ten + 13 * hour,
    duty: { withinHours: 24, to: 'Sở NN&MT', document: '55/2024/QĐ-UBND', verified: false },
  },
  { purpose: 'sites-silent', area: 'KKT Nghi Sơn', sites: ['A', 'B'], zone, since: ten },
  { purpose: 'heard-again', ...place, until: ten + 2 * hour },
  { purpose: 'shelf-ends', scope: 'SO₂, Ống khói 1', reason: 'hiệu chuẩn', until: ten, zone },
  { purpose: 'roster-gap', roster: 'Trung tâm', from: ten, to: ten + 8 * hour, zone },
  {
    purpose: 'undelivered',
    recipient: 'An',
    address: 'an@example.vn',
    reason: deliveryCodes.mail_address_refused,
    subject: 'SO₂',
  },
  { purpose: 'deaf', since: ten, zone },
  { purpose: 'trial', at: ten, zone },
];
