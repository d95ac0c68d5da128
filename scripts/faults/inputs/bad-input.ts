/** One command line that cannot be carried out, with the files that it finds in its folder. */
export type BadInput = {
  /** Unique among all, and plain enough for a shell. */
  name: string;
  args: readonly string[];
  /** Files by path relative to the folder in which the command is run. */
  files?: Record<string, string | Uint8Array>;
  /** What takes more than files, such as a link. */
  prepare?: (folder: string) => void;
  /** Exit codes that are right, where the input is rightly accepted or a check fails: usually 2 or 3. */
  exits?: readonly number[];
};

/** For an input that only looks bad: the command carries it out. */
export const accepted = { exits: [0] } as const;
/** For an input that one version may refuse and another carry out, both rightly. */
export const acceptedOrRefused = { exits: [0, 2, 3] } as const;
