export { CaseFacts } from './case-facts.ts';
export { openCaseBook, type CaseBook } from './open-case-book.ts';
