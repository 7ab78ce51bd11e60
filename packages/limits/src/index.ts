export { alertIdOf, reconcileAlerts, type LimitScope } from './alert-steps.ts';
export { AlertBook, type AlertState } from './alert-book.ts';
export { conditionsOf, surroundingsOf, type Condition, type Surroundings } from './conditions.ts';
export { judge, limitValueOf, type Verdict } from './verdict.ts';
