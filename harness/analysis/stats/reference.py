"""Prints reference.json: what R, SciPy and statsmodels say about the figures that harness/analysis/stats computes.

Needs the Debian packages r-base-core, python3-scipy and python3-statsmodels; the tests read only the JSON.
"""

import functools
import json
import math
import platform
import subprocess
import sys
from fractions import Fraction

import numpy as np
import scipy
import statsmodels
from scipy.stats import binom, bootstrap, norm
from statsmodels.stats.proportion import proportion_confint

M32 = (1 << 32) - 1


def fnv1a(text):
    value = 0x811C9DC5
    for character in text:
        value = ((value ^ ord(character)) * 0x01000193) & M32
    return value


def seeded(seed, label="bootstrap"):
    """sfc32 of PractRand, its state and warming up as in mock-servers/random.ts."""
    a, b, c = (fnv1a(f"{label}/{word}/{seed}") for word in "abc")
    draw = 0
    while True:
        draw += 1
        drawn = (a + b + draw) & M32
        a = b ^ (b >> 9)
        b = (c + (c << 3)) & M32
        c = (((c << 21) | (c >> 11)) + drawn) & M32
        if draw > 12:
            yield drawn


class SameDraws(np.random.Generator):
    """Hands SciPy's bootstrap the resamples that harness/analysis/stats draws from the same seed."""

    def __init__(self, seed):
        super().__init__(np.random.PCG64(0))
        self.stream = seeded(seed)

    def integers(self, low, high, size=None, **_):
        count = int(np.prod(size))
        drawn = [int(next(self.stream) / 2**32 * high) for _ in range(count)]
        return np.array(drawn).reshape(size)


def ask_r(expression):
    return subprocess.run(["Rscript", "-e", f"cat({expression})"], capture_output=True, check=True, text=True).stdout


@functools.cache
def student(p, df):
    """Student's t from R, for SciPy 1.10 computes it to nine digits only."""
    return float(ask_r(f"sprintf('%.17g', qt({p!r}, {df}))"))


def widened(n):
    return norm.cdf(-math.sqrt(n / (n - 1)) * student(0.975, n - 1))


def percentile(statistic, data, seed, resamples):
    n = len(data[0])
    interval = bootstrap(
        data, statistic, paired=True, vectorized=True, method="percentile", n_resamples=resamples,
        confidence_level=1 - 2 * widened(n), random_state=SameDraws(seed),
    ).confidence_interval
    return [float(interval.low), float(interval.high)]


def log_ratio(y, x, axis=-1):
    return np.log(np.sum(y, axis=axis)) - np.log(np.sum(x, axis=axis))


def mean_difference(y, x, axis=-1):
    return np.mean(y - x, axis=axis)


def fewest_trials(share, half_width):
    n = 1
    while np.ptp(proportion_confint(share * n, n, 0.05, method="wilson")) / 2 > half_width:
        n += 1
    return n


def coverage(draw, truth, n, samples=10_000, resamples=1000):
    """Share of 95 % intervals for the log ratio of means that hold the truth, by SciPy's own resampling."""
    rng = np.random.default_rng(1)
    hits = {"percentile": 0, "bca": 0, "widened": 0}
    for _ in range(samples):
        x, y = draw(rng, n)
        for name, method, level in [
            ("percentile", "percentile", 0.95), ("bca", "BCa", 0.95),
            ("widened", "percentile", 1 - 2 * widened(n)),
        ]:
            # BCa's jackknife is defined on whole pairs, so the pair's position is what is resampled.
            found = bootstrap(
                (np.arange(n),), lambda i, axis=-1: log_ratio(y[i], x[i], axis), method=method,
                n_resamples=resamples, confidence_level=level, random_state=rng,
            ).confidence_interval
            hits[name] += bool(found.low <= math.log(truth) <= found.high)
    return {name: count / samples for name, count in hits.items()}


def log_normal(rng, n):
    shared = rng.normal(0, 0.4, n)
    return np.exp(shared + rng.normal(0, 0.5, n)), 2 * np.exp(shared + rng.normal(0, 0.5, n))


def rare_retries(rng, n):
    retries = 1 + 4 * (rng.random(n) < 0.1)
    return np.exp(rng.normal(0, 0.1, n)), np.exp(rng.normal(0, 0.1, n)) * retries


values = [3.1, 0.2, 7.7, 5.0, 5.0, -2.4, 11.3]
variant = [820, 905, 1310, 780, 990, 1105, 860, 1490]
reference = [1010, 1180, 1200, 1025, 1340, 1150, 990, 1610]

as_arrays = (np.array(variant, float), np.array(reference, float))
ratio_interval = percentile(log_ratio, as_arrays, 7, 2000)

print(json.dumps({
    "command": "/usr/bin/python3 harness/analysis/stats/reference.py > harness/analysis/stats/reference.json && "
               "biome check --write harness/analysis/stats/reference.json",
    "versions": {
        "r": ask_r("R.version.string"), "python": platform.python_version(), "numpy": np.__version__, "scipy": scipy.__version__,
        "statsmodels": statsmodels.__version__,
        "debian": "r-base-core 4.2.2.20221110-2, python3-scipy 1.10.1-2, python3-statsmodels 0.13.5+dfsg-7, python3-numpy 1:1.24.2-1+deb12u1",
    },
    "seededStream": [{"seed": s, "outputs": [next(g) for _ in range(4)]}
                     for s in [0, 7, 2**53 - 1] for g in [seeded(s)]],
    "quantile": {
        "values": values,
        "quantiles": [[p, float(np.quantile(values, p))] for p in [0, 0.025, 0.1, 0.5, 0.9, 1]],
    },
    "normalTail": [[x, float(norm.cdf(-x))] for x in [7, 5, 3, 1, 0]],
    "studentQuantile": [[p, df, student(p, df)] for p in [0.975]
                        for df in [1, 2, 3, 4, 7, 30, 199, 200, 201, 500, 100000]],
    "wilson": [[c, n, *map(float, proportion_confint(c, n, 0.05, method="wilson"))]
               for c, n in [(0, 3), (3, 3), (7, 10), (81, 263)]],
    "trialsForShare": [[p, d, fewest_trials(p, d)]
                       for p, d in [(0.5, 0.1), (1, 0.1), (0, 0.05), (0.8, 0.05), (0.97, 0.02)]],
    "passAtK": [[c, n, k, float(1 - Fraction(math.comb(n - c, k), math.comb(n, k)))]
                for c, n, k in [(1, 5, 1), (2, 5, 3), (3, 10, 5), (1, 1000000, 3), (900, 100000, 400)]],
    "passHatK": [[c, n, k, float(Fraction(math.comb(c, k), math.comb(n, k)))]
                 for c, n, k in [(4, 5, 1), (4, 5, 3), (8, 10, 5), (999999, 1000000, 3), (99000, 100000, 400)]],
    "ratio": {"variant": variant, "reference": reference, "seed": 7, "resamples": 2000,
              "low": math.exp(ratio_interval[0]), "high": math.exp(ratio_interval[1])},
    "difference": dict(zip(["low", "high"], percentile(mean_difference, as_arrays, 7, 2000))),
    "coverageAtTenPairs": {
        "logNormal": coverage(log_normal, 2, 10),
        "rareRetries": coverage(rare_retries, 1.4, 10),
    },
}, indent=2), file=sys.stdout)
