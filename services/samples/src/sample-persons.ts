import type { Person, Policy, Roster } from '@songma/domain';

/** One person of each role, whom a newcomer at this machine may be. */
export const samplePersons: readonly Person[] = [
  {
    id: 'ky-su-mau',
    mail: 'ky-su-mau@songma.example',
    name: 'Lê Thị Hà, kỹ sư nhà máy (mẫu)',
    role: 'plant',
    enterprise: 'cua-bien',
    language: 'vi',
    territory: [],
  },
  {
    id: 'phan-tich-mau',
    mail: 'phan-tich-mau@songma.example',
    name: 'Nguyễn Văn Minh, chuyên viên phân tích (mẫu)',
    role: 'analyst',
    language: 'vi',
    territory: [],
  },
  {
    id: 'can-bo-mau',
    mail: 'can-bo-mau@songma.example',
    name: 'Trịnh Thu Lan, cán bộ môi trường (mẫu)',
    role: 'officer',
    language: 'vi',
    territory: [],
  },
  {
    id: 'quan-tri-mau',
    mail: 'quan-tri-mau@songma.example',
    name: 'Phạm Quốc Anh, quản trị (mẫu)',
    role: 'admin',
    language: 'vi',
    territory: [],
  },
];

/** Who is on duty in the samples: the officer week by week, and the administrator where nobody else is. */
export const sampleRoster: Roster = {
  id: 'truc-mau',
  name: 'Trực môi trường (mẫu)',
  timeZone: 'Asia/Ho_Chi_Minh',
  layers: [{ from: '2026-01-05', persons: ['can-bo-mau'], days: 7 }],
  overrides: [],
  last: 'quan-tri-mau',
};

/** Whom they tell: the plant and whoever is on duty, then the administrator. */
export const samplePolicy: Policy = {
  id: 'vuot-gioi-han-mau',
  name: 'Vượt giới hạn (mẫu)',
  select: { kinds: ['exceedance'] },
  steps: [
    { afterMin: 0, to: [{ kind: 'plant' }, { kind: 'roster', id: 'truc-mau' }] },
    { afterMin: 120, to: [{ kind: 'person', id: 'quan-tri-mau' }] },
  ],
  repeat: 1,
  ackLapseMin: 1440,
  askPlantMin: 1440,
  verified: false,
};
