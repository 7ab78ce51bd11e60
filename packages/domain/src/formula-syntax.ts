/** A formula as a tree. `at` is where the part stands in the text, from 1. */
export type FormulaNode =
  | { readonly is: 'number'; readonly at: number; readonly value: number }
  | { readonly is: 'name'; readonly at: number; readonly name: string }
  | { readonly is: 'negative'; readonly at: number; readonly of: FormulaNode }
  | {
      readonly is: 'operation';
      readonly at: number;
      readonly operator: Operator;
      readonly left: FormulaNode;
      readonly right: FormulaNode;
    }
  | {
      readonly is: 'call';
      readonly at: number;
      readonly name: string;
      readonly given: readonly FormulaNode[];
    };
export type Operator = '+' | '-' | '*' | '/';

/** What is wrong with a formula, and where: a position from 1. */
export interface FormulaProblem {
  readonly at: number;
  readonly problem: string;
}

/** A problem on its way out of nested calls; never leaves the formula's files. */
export class FormulaError extends Error {
  readonly at: number;

  constructor(at: number, problem: string) {
    super(problem);
    this.at = at;
  }
}

/** Parentheses within one another at most. */
const depthMax = 32;

interface Token {
  readonly at: number;
  readonly text: string;
  readonly kind: 'number' | 'name' | 'sign' | 'end';
}

/**
 * Reads numbers, names, `+ - * /`, parentheses and calls such as `max(a, b)`, with the usual precedence.
 * @throws FormulaError for everything else
 */
export function parseFormula(text: string): FormulaNode {
  const tokens = tokensOf(text);
  let next = 0;
  let depth = 0;
  const peek = (): Token => tokens[next]!;
  const isNext = (...texts: string[]): boolean => peek().kind === 'sign' && texts.includes(peek().text);
  const expect = (sign: string): void => {
    if (!isNext(sign)) throw new FormulaError(peek().at, `expected "${sign}" instead of ${shown(peek())}`);
    next++;
  };
  const operations = (operators: readonly Operator[], operand: () => FormulaNode): FormulaNode => {
    let left = operand();
    while (isNext(...operators)) {
      const { at, text: operator } = tokens[next++]!;
      left = { is: 'operation', at, operator: operator as Operator, left, right: operand() };
    }
    return left;
  };
  const sum = (): FormulaNode => {
    if (++depth > depthMax) throw new FormulaError(peek().at, `nested more than ${depthMax} deep`);
    const node = operations(['+', '-'], () => operations(['*', '/'], factor));
    depth--;
    return node;
  };
  const factor = (): FormulaNode => {
    let { at } = peek();
    if (isNext('-')) {
      let isNegative = false;
      for (; isNext('-'); next++) isNegative = !isNegative;
      const of = factor();
      return isNegative ? { is: 'negative', at, of } : of;
    }
    const token = tokens[next++]!;
    ({ at } = token);
    if (token.kind === 'number') return { is: 'number', at, value: Number(token.text) };
    if (token.kind === 'sign' && token.text === '(') {
      const inner = sum();
      expect(')');
      return inner;
    }
    if (token.kind !== 'name') {
      throw new FormulaError(at, `expected a number, a name or "(" instead of ${shown(token)}`);
    }
    if (!isNext('(')) return { is: 'name', at, name: token.text };
    next++;
    const given = [sum()];
    for (; isNext(','); given.push(sum())) next++;
    expect(')');
    return { is: 'call', at, name: token.text, given };
  };
  const node = sum();
  if (peek().kind !== 'end') throw new FormulaError(peek().at, `${shown(peek())} is not expected here`);
  return node;
}

function tokensOf(text: string): Token[] {
  const pattern =
    /(?<number>\d+(?:\.\d+)?(?:e[+-]?\d+)?)|(?<name>[A-Za-z_][A-Za-z0-9_]*)|(?<sign>[-+*/(),])|(?<blank>\s+)/y;
  const tokens: Token[] = [];
  while (pattern.lastIndex < text.length) {
    const index = pattern.lastIndex;
    const { number, name, sign } = pattern.exec(text)?.groups ?? {};
    if (pattern.lastIndex === 0) {
      throw new FormulaError(
        index + 1,
        `"${String.fromCodePoint(text.codePointAt(index)!)}" is not understood`,
      );
    }
    const at = index + 1;
    if (number !== undefined) tokens.push({ at, text: number, kind: 'number' });
    if (name !== undefined) tokens.push({ at, text: name, kind: 'name' });
    if (sign !== undefined) tokens.push({ at, text: sign, kind: 'sign' });
  }
  return [...tokens, { at: text.length + 1, text: '', kind: 'end' }];
}

function shown({ kind, text }: Token): string {
  return kind === 'end' ? 'the end' : `"${text}"`;
}
