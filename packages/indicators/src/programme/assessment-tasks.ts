import type { Assurance, Bilingual } from '@songma/domain';

/**
 * What Songma knows that a task needs:
 *
 * - `norms`: consumption per unit of product over twelve months;
 * - `balance`: what came in and was made over twelve months;
 * - `waste-streams`: what left as waste water and pollutants; their cost needs prices, which are not known here;
 * - `savings`: what was saved against each baseline;
 * - `cusum`: the running sum of savings, which bends when a solution is no longer kept up.
 */
export const taskFeeds = ['norms', 'balance', 'waste-streams', 'savings', 'cusum'] as const;
export type TaskFeed = (typeof taskFeeds)[number];

export interface AssessmentTask {
  /** From 1 to 18. */
  readonly task: number;
  readonly title: Bilingual;
  readonly feed?: TaskFeed;
  /** How sure it is, and whether it was compared with the text itself. */
  readonly assurance: Assurance;
  readonly verified: boolean;
}

export interface AssessmentStep {
  /** From 1 to 6. */
  readonly step: number;
  readonly title: Bilingual;
  readonly tasks: readonly AssessmentTask[];
}

const task = (number: number, en: string, vi: string, feed?: TaskFeed): AssessmentTask => ({
  task: number,
  title: { en, vi },
  // The last two are known, and were found nowhere.
  assurance: number < 17 ? 'press' : 'memory',
  verified: false,
  ...(feed === undefined ? {} : { feed }),
});

/** The assessment of cleaner production in its order. */
export const assessmentSteps: readonly AssessmentStep[] = [
  {
    step: 1,
    title: { en: 'Getting started', vi: 'Khởi động' },
    tasks: [
      task(1, 'Form the cleaner production team', 'Thành lập đội sản xuất sạch hơn'),
      task(
        2,
        'List the process steps and establish consumption norms',
        'Liệt kê các công đoạn và xác định định mức tiêu thụ',
        'norms',
      ),
      task(3, 'Select the most wasteful step', 'Chọn công đoạn gây lãng phí nhất làm trọng tâm'),
    ],
  },
  {
    step: 2,
    title: { en: 'Analyse the process steps', vi: 'Phân tích các công đoạn' },
    tasks: [
      task(4, 'Draw the flow chart of the focus', 'Lập sơ đồ dòng của trọng tâm'),
      task(5, 'Balance materials and energy', 'Cân bằng vật liệu và năng lượng', 'balance'),
      task(6, 'Cost the waste streams', 'Xác định chi phí của các dòng thải', 'waste-streams'),
      task(7, 'Analyse the causes', 'Phân tích nguyên nhân'),
    ],
  },
  {
    step: 3,
    title: { en: 'Develop opportunities', vi: 'Đề xuất các cơ hội' },
    tasks: [
      task(8, 'Generate opportunities', 'Xây dựng các cơ hội sản xuất sạch hơn'),
      task(9, 'Screen those that can be done', 'Sàng lọc các cơ hội có thể thực hiện'),
    ],
  },
  {
    step: 4,
    title: { en: 'Select solutions', vi: 'Lựa chọn giải pháp' },
    tasks: [
      task(10, 'Assess technical feasibility', 'Đánh giá tính khả thi về kỹ thuật'),
      task(11, 'Assess economic feasibility', 'Đánh giá tính khả thi về kinh tế'),
      task(12, 'Assess environmental feasibility', 'Đánh giá tính khả thi về môi trường'),
      task(13, 'Select solutions to implement', 'Lựa chọn các giải pháp để thực hiện'),
    ],
  },
  {
    step: 5,
    title: { en: 'Implement solutions', vi: 'Thực hiện giải pháp' },
    tasks: [
      task(14, 'Prepare implementation', 'Chuẩn bị thực hiện'),
      task(15, 'Implement', 'Thực hiện các giải pháp'),
      task(16, 'Monitor and evaluate the results', 'Quan trắc và đánh giá kết quả', 'savings'),
    ],
  },
  {
    step: 6,
    title: { en: 'Sustain', vi: 'Duy trì' },
    tasks: [
      task(17, 'Maintain the solutions', 'Duy trì các giải pháp', 'cusum'),
      task(18, 'Choose the next wasteful step', 'Chọn công đoạn gây lãng phí tiếp theo'),
    ],
  },
];
