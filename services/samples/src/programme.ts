import type { Assessment, Participation, TaskProgress } from '@songma/domain';

const found = (since: string, evidence: string) => ({ holds: true, since, evidence });
const notFound = (since: string, evidence: string) => ({ ...found(since, evidence), holds: false });

const workshop = 'Danh sách dự hội thảo sản xuất sạch hơn (mẫu)';

/** What the sample plants do in the programme: some apply it, one does not, and of one nothing is known. */
export const sampleParticipations: readonly Participation[] = [
  {
    id: 'da-bac',
    aware: found('2018-05-10', workshop),
    applying: found('2019-03-01', 'Quyết định thành lập đội sản xuất sạch hơn (mẫu)'),
    dedicatedUnit: found('2019-03-01', 'Quyết định thành lập đội sản xuất sạch hơn (mẫu)'),
    training: {
      trained: 4,
      of: 4,
      on: '2024-06-14',
      who: 'Đội sản xuất sạch hơn (mẫu)',
      evidence: 'Chứng nhận tập huấn (mẫu)',
    },
    iso14001: found('2021-11-02', 'Chứng chỉ ISO 14001 (mẫu)'),
    baselines: [],
  },
  {
    id: 'song-vang',
    aware: found('2018-05-10', workshop),
    applying: found('2023-08-15', 'Báo cáo đánh giá sản xuất sạch hơn (mẫu)'),
    dedicatedUnit: notFound('2025-02-20', 'Biên bản làm việc (mẫu)'),
    training: {
      trained: 1,
      of: 3,
      on: '2025-02-20',
      who: 'Phòng kỹ thuật (mẫu)',
      evidence: 'Biên bản làm việc (mẫu)',
    },
    baselines: [],
  },
  {
    id: 'suoi-mat',
    aware: found('2022-09-01', workshop),
    applying: found('2024-01-10', 'Báo cáo đánh giá sản xuất sạch hơn (mẫu)'),
    dedicatedUnit: found('2024-01-10', 'Phân công nhiệm vụ (mẫu)'),
    baselines: [],
  },
  {
    id: 'cua-bien',
    aware: found('2024-04-18', workshop),
    applying: notFound('2025-03-05', 'Phiếu khảo sát (mẫu)'),
    baselines: [],
  },
  { id: 'mia-ngot', aware: found('2024-04-18', workshop), baselines: [] },
];

const done = (on: string, ...tasks: readonly number[]): TaskProgress[] =>
  tasks.map((task) => ({ task, state: 'done', on }));
const underWay = (on: string, task: number): TaskProgress => ({ task, state: 'under-way', on });

export const sampleAssessments: readonly Assessment[] = [
  {
    id: 'da-bac',
    tasks: [
      ...done('2019-03-01', 1, 2, 3),
      ...done('2019-06-20', 4, 5, 6, 7, 8, 9),
      ...done('2019-10-05', 10, 11, 12, 13, 14, 15),
      underWay('2020-01-01', 16),
    ],
  },
  { id: 'song-vang', tasks: [...done('2023-08-15', 1, 2, 3), underWay('2023-11-01', 5)] },
  { id: 'suoi-mat', tasks: [...done('2024-01-10', 1), underWay('2024-02-01', 2)] },
];
