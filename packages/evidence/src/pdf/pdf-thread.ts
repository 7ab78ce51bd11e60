import { parentPort, workerData } from 'node:worker_threads';
import type { SealedEvidence } from '../seal.ts';
import { evidencePdf } from './evidence-pdf.ts';
import type { PdfLanguage } from './report.ts';

// The whole life of the thread: one file.
const { sealed, language } = workerData as { sealed: SealedEvidence; language: PdfLanguage };
// oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread's port, no window
parentPort!.postMessage(await evidencePdf(sealed, language));
