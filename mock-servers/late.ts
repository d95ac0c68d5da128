/** A value that is made when it is first asked for. */
export class Late<T> {
  readonly #make: () => T;
  #made: { value: T } | undefined;

  constructor(make: () => T) {
    this.#make = make;
  }

  get value(): T {
    this.#made ??= { value: this.#make() };
    return this.#made.value;
  }

  /** The value if it was asked for before. */
  get made(): T | undefined {
    return this.#made?.value;
  }
}

/**
 * A function that makes its result only where its last argument was another one: a scenario asks for the same data many times
 * over, for its task, its truth and its graders. Arguments are compared by their JSON.
 */
export function remembered<Argument extends object, Result>(
  make: (argument: Argument) => Result,
): (argument: Argument) => Result {
  let last: { key: string; result: Result } | undefined;
  return (argument) => {
    const key = JSON.stringify(argument);
    if (last?.key !== key) last = { key, result: make(argument) };
    return last.result;
  };
}
