/** Lets so many in at once, in the order in which they came. */
export interface Gate {
  /** Resolves when there is room. @returns leaves; may be called again */
  enter(): Promise<() => void>;
}

export function createGate(insideMax: number): Gate {
  const waiting: (() => void)[] = [];
  let inside = 0;

  const leaving = () => {
    let isInside = true;
    return () => {
      if (!isInside) return;
      isInside = false;
      // The place is handed on: nobody else can take it in between.
      const next = waiting.shift();
      if (next === undefined) inside--;
      else next();
    };
  };
  return {
    async enter() {
      if (inside < insideMax) inside++;
      else await new Promise<void>((resolve) => waiting.push(resolve));
      return leaving();
    },
  };
}
