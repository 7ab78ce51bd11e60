import type { Person } from '@songma/domain';

/** One person of each role, whom a newcomer at this machine may be. */
export const samplePersons: readonly Person[] = [
  {
    id: 'ky-su-mau',
    name: 'Lê Thị Hà, kỹ sư nhà máy (mẫu)',
    role: 'plant',
    enterprise: 'cua-bien',
    language: 'vi',
    territory: [],
  },
  {
    id: 'phan-tich-mau',
    name: 'Nguyễn Văn Minh, chuyên viên phân tích (mẫu)',
    role: 'analyst',
    language: 'vi',
    territory: [],
  },
  {
    id: 'can-bo-mau',
    name: 'Trịnh Thu Lan, cán bộ môi trường (mẫu)',
    role: 'officer',
    language: 'vi',
    territory: [],
  },
  {
    id: 'quan-tri-mau',
    name: 'Phạm Quốc Anh, quản trị (mẫu)',
    role: 'admin',
    language: 'vi',
    territory: [],
  },
];
