/**
 * pass@k, the chance that at least one of k trials is correct, estimated from `correct` of `trials`:
 * 1 − C(n − c, k)/C(n, k), unbiased (Chen et al. 2021, arXiv 2107.03374). Null when k exceeds the trials, for
 * then no unbiased estimate exists.
 */
export function passAtK(correct: number, trials: number, k: number): number | null {
  requireWhole('passAtK', correct, trials, k);
  if (k > trials) return null;
  if (k > trials - correct) return 1;
  // C(n − c, k)/C(n, k) = Π (1 − c/(n − i)), and the same with c and k exchanged: the shorter product is
  // taken. In logarithms, because 1 − Π loses its digits when the result is near zero.
  const factors = Math.min(correct, k);
  const taken = Math.max(correct, k);
  let logNone = 0;
  for (let i = 0; i < factors; i++) logNone += Math.log1p(-taken / (trials - i));
  return logNone === 0 ? 0 : -Math.expm1(logNone);
}

/**
 * pass^k, the chance that all of k trials are correct, estimated from `correct` of `trials`:
 * C(c, k)/C(n, k) = Π (c − i)/(n − i), unbiased (Yao et al. 2024, arXiv 2406.12045). Null when k exceeds the
 * trials.
 */
export function passHatK(correct: number, trials: number, k: number): number | null {
  requireWhole('passHatK', correct, trials, k);
  if (k > trials) return null;
  if (k > correct) return 0;
  // C(c, k)/C(n, k) = C(n − k, w)/C(n, w) with w = n − c wrong trials: again the shorter product.
  const wrong = trials - correct;
  const factors = Math.min(wrong, k);
  const taken = Math.max(wrong, k);
  let share = 1;
  for (let i = 0; i < factors; i++) share *= (trials - i - taken) / (trials - i);
  return share;
}

function requireWhole(name: string, correct: number, trials: number, k: number): void {
  const whole = [correct, trials, k].every((count) => Number.isSafeInteger(count));
  if (!whole || correct < 0 || correct > trials || k < 1) {
    throw new RangeError(
      `${name}: needs whole numbers with 0 ≤ correct ≤ trials and k ≥ 1, got ${correct} of ${trials}, k = ${k}`,
    );
  }
}
