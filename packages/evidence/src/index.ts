export {
  evidenceFinding,
  evidenceVerification,
  type EvidenceDocument,
  type EvidenceEvent,
  type EvidenceHour,
  type EvidenceReading,
  type EvidenceRestatement,
  type EvidenceVerdict,
  type Json,
  type RegisteredFact,
  type RestatedNumbers,
} from './document.ts';
export {
  canonicalBytes,
  openSealer,
  verifyEvidence,
  type Seal,
  type SealedEvidence,
  type Sealer,
  type Verified,
} from './seal.ts';
export { PdfMaker } from './pdf-maker.ts';
export type { PdfLanguage } from './pdf/report.ts';
