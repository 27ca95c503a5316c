#!/usr/bin/env bash
# Everything that a GPU is needed for, in one command: builds llama.cpp for the machine's GPU where the prebuilt binary does not work or --build
# is given, compares the scorer's values with the CPU's and with the float64 reference, and times raw decoding, overlap and the on-device gather.
# Usage: scripts/gpu-check.sh cuda|metal|vulkan [--build] [--quick] > gpu.jsonl
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

gpu=${1:?Name the backend: scripts/gpu-check.sh cuda|metal|vulkan [--build] [--quick]}
shift
build=false
options=(--json)
for option in "$@"; do
  case $option in
    --build) build=true ;;
    --quick) options+=(--quick) ;;
    *) echo "gpu-check: unknown option $option" >&2; exit 1 ;;
  esac
done

[ -f dist/cli/main.js ] || bash scripts/setup.sh >&2
if $build || ! node dist/cli/main.js doctor --gpu "$gpu" >/dev/null 2>&1; then
  # From the sources in node-llama-cpp's own bundle, for the chip of this machine.
  npx --no-install node-llama-cpp source build --gpu "$gpu" --noUsageExample >&2
fi
node dist/cli/main.js doctor --gpu "$gpu" --json
npm run --silent bench:gpu -- --gpu "$gpu" "${options[@]}"
npm run --silent bench:score -- --gpu "$gpu" "${options[@]}"
npm run --silent bench:on-device-gather -- --backend "$gpu" "${options[@]}"
