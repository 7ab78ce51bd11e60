/**
 * A running sum that keeps what floating-point addition drops, so that its rounded total does not depend on the
 * number of terms (35,040 quarter hours of a year sum to what a calculator gives).
 * @see A. Neumaier, "Rundungsfehleranalyse einiger Verfahren zur Summation endlicher Summen", ZAMM 54 (1974)
 */
export class CompensatedSum {
  #sum = 0;
  #lost = 0;

  add(value: number): void {
    const sum = this.#sum + value;
    this.#lost += Math.abs(this.#sum) >= Math.abs(value) ? this.#sum - sum + value : value - sum + this.#sum;
    this.#sum = sum;
  }

  /** The total, rounded to 15 significant digits: 959636.71 prints as such. */
  total(): number {
    return roundTo15Digits(this.#sum + this.#lost);
  }

  /** The total as it is, to be added up further: a third of an amount rounded thrice is not the amount. */
  exact(): number {
    return this.#sum + this.#lost;
  }

  reset(): void {
    this.#sum = 0;
    this.#lost = 0;
  }
}

/** The nearest number of 15 significant decimal digits, the most that a double always keeps. */
export function roundTo15Digits(value: number): number {
  return Number.isInteger(value) && Math.abs(value) < 1e15 ? value : Number(value.toPrecision(15));
}
