import { evidenceFinding, evidenceVerification, type EvidenceDocument } from '../src/index.ts';

const hourMs = 3_600_000;
const ten = Date.UTC(2026, 0, 1, 3);

/** An instant as the clock of Thanh Hóa shows it. */
function iso(at: number): string {
  return `${new Date(at + 7 * hourMs).toISOString().slice(0, 19)}+07:00`;
}

/** Three hours of sulphur dioxide beyond its limit, of which one was corrected. */
export const sample: EvidenceDocument = {
  schema: 'vn.songma.evidence.v1',
  case: 'so2-limit/1767236400000',
  asOf: '2026-01-02T08:00:00.000000+07:00',
  software: { name: 'Songma', version: '0.1.0', rules: 1 },
  finding: evidenceFinding,
  place: {
    enterprise: { id: 'nghi-son', name: 'Nhiệt điện Nghi Sơn' },
    site: { id: 'ns1', name: 'Nhà máy Nghi Sơn 1', province: 'Thanh Hóa', timeZone: 'Asia/Ho_Chi_Minh' },
    source: { id: 'stack-1', name: 'Ống khói số 1' },
  },
  parameter: 'SO2',
  unit: 'mg/Nm3',
  averaging: 'PT1H',
  bounds: { min: null, max: 200 },
  document: { name: 'QCVN 22:2009/BTNMT, bảng 1, cột B', verified: false, assurance: 'memory' },
  limit: { id: 'so2-limit', version: 2, registeredAt: iso(ten), body: { value: 200, averaging: 'PT1H' } },
  meter: { id: 'so2', version: 1, registeredAt: iso(ten), body: { unit: 'mg/Nm3', kind: 'level' } },
  inputs: [],
  source: { id: 'stack-1', version: 1, registeredAt: iso(ten), body: { name: 'Ống khói số 1' } },
  voids: [],
  alerts: [{ id: 'so2-limit/1767236400000', state: 'resolved' }],
  verdicts: [0, 1, 2, 3].map((hour) => ({
    start: iso(ten + hour * hourMs),
    end: iso(ten + (hour + 1) * hourMs),
    state: hour === 3 ? 'kept' : 'broken',
    reason: null,
    mean: hour === 3 ? 180.25 : 231.456 + hour,
    bound: hour === 3 ? null : 'max',
    coverage: 0.9166,
    validHours: null,
    operatingHours: null,
  })),
  hours: Array.from({ length: 24 }, (_, hour) => ({
    start: iso(ten + (hour - 12) * hourMs),
    end: iso(ten + (hour - 11) * hourMs),
    mean: hour === 5 ? null : 150 + 90 * Math.exp(-((hour - 13) ** 2) / 4),
    coverage: hour === 5 ? 0 : 1,
    validShare: hour === 5 ? 0 : 1,
  })),
  readings: Array.from({ length: 36 }, (_, at) => ({
    meter: 'so2',
    time: iso(ten + at * 300_000),
    value: 231.5 + at / 10,
    unit: 'mg/Nm3',
    status: at === 7 ? 'calibrating' : 'measured',
    flags: [],
    knownAt: '2026-01-01T13:00:00.123456+07:00',
    revision: at === 3 ? 1 : 0,
    supersededAt: null,
  })),
  windowsWithoutReadings: [],
  superseded: [
    {
      meter: 'so2',
      time: iso(ten + 3 * 300_000),
      value: 199,
      unit: 'mg/Nm3',
      status: 'measured',
      flags: [],
      knownAt: '2026-01-01T12:00:00.123456+07:00',
      revision: 0,
      supersededAt: '2026-01-01T13:00:00.123456+07:00',
    },
  ],
  supersededCut: false,
  timeline: [
    {
      at: iso(ten + 4 * hourMs),
      what: 'raised',
      alert: 'so2-limit/1767236400000',
      by: null,
      detail: { cause: 'readings' },
    },
    {
      at: iso(ten + 5 * hourMs),
      what: 'acknowledged',
      alert: 'so2-limit/1767236400000',
      by: 'le-binh',
      detail: { note: 'Đã gọi trực ban' },
    },
  ],
  restatements: [],
  verification: evidenceVerification,
};
