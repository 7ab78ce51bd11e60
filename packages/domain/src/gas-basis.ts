import { isDerived, type DerivedMeter, type Meter } from './entities.ts';
import { FormulaError, parseFormula, type FormulaNode } from './formula-syntax.ts';
import { gasStateText, isSameState, type GasState } from './gas-state.ts';
import type { Bilingual } from './refusals.ts';

/** What a number that tells of a gas is told at; what is not stated is absent. */
export interface GasBasis {
  readonly gasState?: GasState;
  /** Volume percent. */
  readonly referenceOxygen?: number;
}

/** Why a formula's value is at no one basis. */
export interface GasConflict {
  readonly path: 'formula' | 'referenceOxygen';
  readonly problem: Bilingual;
}

type MeterOf = (id: string) => Meter | undefined;

/** Of a part of a formula. */
interface Part extends GasBasis {
  readonly isConstant?: boolean;
  /** The reference oxygen is that of a correction in the formula itself. */
  readonly isCorrected?: boolean;
}

/**
 * The basis of what a meter tells: as it states it, and where it states nothing as its formula makes it of its inputs.
 * A product of two meters is at the basis that both have; a number changes none.
 */
export function gasBasisOf(meter: Meter, meterOf: MeterOf): GasBasis | GasConflict {
  return basisUnder(meter, meterOf, new Set());
}

/** @param around those that this one is within: what is made of itself, which is refused elsewhere, has no end */
function basisUnder(meter: Meter, meterOf: MeterOf, around: ReadonlySet<string>): GasBasis | GasConflict {
  const { gasState, referenceOxygen } = meter;
  const stated = basis(gasState, referenceOxygen);
  const node = isDerived(meter) ? nodeOf(meter) : undefined;
  if (node === undefined || around.has(meter.id)) return stated;
  const within = new Set([...around, meter.id]);
  try {
    const made = partOf(node, {
      inputOf: (name) => {
        const input = meterOf(meter.inputs?.[name] ?? '');
        const found = input === undefined ? {} : basisUnder(input, meterOf, within);
        // Told at the input itself.
        return 'problem' in found ? {} : found;
      },
      isStated: gasState !== undefined,
    });
    if (
      made.isCorrected === true &&
      referenceOxygen !== undefined &&
      referenceOxygen !== made.referenceOxygen
    ) {
      return {
        path: 'referenceOxygen',
        problem: {
          en: `is ${referenceOxygen} %, and the formula corrects to ${made.referenceOxygen} %: make them equal, or leave it out`,
          vi: `là ${referenceOxygen} %, còn công thức quy về ${made.referenceOxygen} %: hãy ghi bằng nhau hoặc bỏ trống`,
        },
      };
    }
    return basis(gasState ?? made.gasState, referenceOxygen ?? made.referenceOxygen);
  } catch (error) {
    if (error instanceof ConflictError) return { path: 'formula', problem: error.problem };
    throw error;
  }
}

class ConflictError extends Error {
  readonly problem: Bilingual;

  constructor(problem: Bilingual) {
    super(problem.en);
    this.problem = problem;
  }
}

interface Walk {
  readonly inputOf: (name: string) => GasBasis;
  /** The meter states the gas state of what the formula gives, so that the formula may convert by itself. */
  readonly isStated: boolean;
}

function partOf(node: FormulaNode, walk: Walk): Part {
  switch (node.is) {
    case 'number':
      return { isConstant: true };
    case 'name':
      return walk.inputOf(node.name);
    case 'negative':
      return partOf(node.of, walk);
    case 'operation': {
      const [left, right] = [partOf(node.left, walk), partOf(node.right, walk)];
      if (node.operator === '+' || node.operator === '-') return together([left, right], walk);
      return product(left, right);
    }
    case 'call': {
      const given = node.given.map((part) => partOf(part, walk));
      return node.name === 'atReferenceOxygen' ? corrected(node, given, walk) : together(given, walk);
    }
  }
}

/** Of terms that are added up or compared: what all state; two that state different things are no number at all. */
function together(given: readonly Part[], { isStated }: Walk): Part {
  const parts = given.filter(({ isConstant }) => isConstant !== true);
  const [first] = parts;
  if (first === undefined) return { isConstant: true };
  const states = parts.flatMap(({ gasState }) => gasState ?? []);
  const other = states.find((state) => !isSameState(state, states[0]!));
  if (other !== undefined && !isStated) {
    const texts = `${gasStateText(states[0]!)} / ${gasStateText(other)}`;
    throw new ConflictError({
      en: `puts gas of two states together (${texts}): convert one of them, and state the "gasState" of the result`,
      vi: `gộp khí ở hai trạng thái (${texts}): hãy quy đổi một bên và ghi "gasState" của kết quả`,
    });
  }
  const oxygens = parts.flatMap(({ referenceOxygen }) => referenceOxygen ?? []);
  const otherOxygen = oxygens.find((oxygen) => oxygen !== oxygens[0]);
  if (otherOxygen !== undefined) {
    throw new ConflictError({
      en: `puts values at ${oxygens[0]} % and at ${otherOxygen} % of reference oxygen together: correct all to one`,
      vi: `gộp giá trị ở ${oxygens[0]} % và ${otherOxygen} % oxy tham chiếu: hãy quy tất cả về một mức`,
    });
  }
  const isAll = (of: readonly unknown[]): boolean => of.length === parts.length;
  return {
    ...basis(
      isAll(states) && other === undefined ? states[0] : undefined,
      isAll(oxygens) ? oxygens[0] : undefined,
    ),
    isCorrected: isAll(oxygens) && parts.some(({ isCorrected }) => isCorrected === true),
  };
}

function product(left: Part, right: Part): Part {
  if (left.isConstant === true) return right;
  if (right.isConstant === true) return left;
  const [a, b] = [left.gasState, right.gasState];
  const oxygens = [left.referenceOxygen, right.referenceOxygen].filter((oxygen) => oxygen !== undefined);
  const isOneOxygen = oxygens.every((oxygen) => oxygen === oxygens[0]);
  return {
    ...basis(
      a !== undefined && b !== undefined && isSameState(a, b) ? a : undefined,
      isOneOxygen ? oxygens[0] : undefined,
    ),
    isCorrected: isOneOxygen && (left.isCorrected === true || right.isCorrected === true),
  };
}

function corrected(
  node: Extract<FormulaNode, { readonly is: 'call' }>,
  [concentration = {}, oxygen = {}]: readonly Part[],
  { isStated }: Walk,
): Part {
  const reference = node.given[2];
  if (concentration.referenceOxygen !== undefined) {
    throw new ConflictError({
      en: `corrects what is at ${concentration.referenceOxygen} % of reference oxygen already: leave one correction out`,
      vi: `quy đổi giá trị đã ở ${concentration.referenceOxygen} % oxy tham chiếu: hãy bỏ một lần quy đổi`,
    });
  }
  const [moisture, other] = [concentration.gasState?.moisture, oxygen.gasState?.moisture];
  if (moisture !== undefined && other !== undefined && moisture !== other && !isStated) {
    throw new ConflictError({
      en: `corrects a ${moisture} concentration by ${other} oxygen: convert one of them, and state the "gasState" of the result`,
      vi: `quy đổi nồng độ khí ${moistureVi[moisture]} bằng oxy của khí ${moistureVi[other]}: hãy quy đổi một bên và ghi "gasState" của kết quả`,
    });
  }
  return {
    ...basis(concentration.gasState, reference?.is === 'number' ? reference.value : undefined),
    isCorrected: true,
  };
}

export const moistureVi = { dry: 'khô', wet: 'ẩm' } as const;

function basis(gasState: GasState | undefined, referenceOxygen: number | undefined): GasBasis {
  return {
    ...(gasState === undefined ? {} : { gasState }),
    ...(referenceOxygen === undefined ? {} : { referenceOxygen }),
  };
}

/** Read once for each version of a meter. Undefined for what is no formula: its problem is told elsewhere. */
const nodes = new WeakMap<DerivedMeter, FormulaNode | undefined>();

function nodeOf(meter: DerivedMeter): FormulaNode | undefined {
  if (!nodes.has(meter)) nodes.set(meter, parsed(meter.formula));
  return nodes.get(meter);
}

function parsed(formula: string): FormulaNode | undefined {
  try {
    return parseFormula(formula);
  } catch (error) {
    if (error instanceof FormulaError) return undefined;
    throw error;
  }
}
