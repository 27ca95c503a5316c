#!/usr/bin/env bash
# Makes a clone ready: installs the system packages that are missing (apt on Debian and Ubuntu, brew on macOS), the npm packages, and
# builds the addon, the TypeScript and the page. Run again, it does only what is left to do.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

say() { printf '\033[1m%s\033[0m\n' "$*"; }
fail() { printf 'setup: %s\n' "$*" >&2; exit 1; }

install_apt() {
  local missing=() package
  for package in "$@"; do
    dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'install ok installed' || missing+=("$package")
  done
  [ ${#missing[@]} -eq 0 ] && return
  local sudo=()
  if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null || fail "missing packages: ${missing[*]}. Install them as root: apt-get install ${missing[*]}"
    sudo=(sudo)
  fi
  say "Installing ${missing[*]}"
  "${sudo[@]}" apt-get update -qq
  DEBIAN_FRONTEND=noninteractive "${sudo[@]}" apt-get install -y -qq --no-install-recommends "${missing[@]}"
}

install_brew() {
  local package
  for package in "$@"; do
    brew list --formula "$package" >/dev/null 2>&1 || brew install "$package"
  done
}

# The C++ compiler, CMake and BLAS build the addon; git unpacks llama.cpp's headers; the tests open the page in Chromium and put jobs into Redis.
if command -v apt-get >/dev/null; then
  install_apt g++ make cmake libopenblas-dev git ca-certificates redis-server
  # Ubuntu has it as a snap only: there, name any Chromium in CHROMIUM_PATH.
  if grep -q '^ID=debian' /etc/os-release && [ -z "${CHROMIUM_PATH:-}" ]; then install_apt chromium; fi
elif [ "$(uname)" = Darwin ]; then
  xcode-select -p >/dev/null 2>&1 || fail "Apple's command line tools are missing. Run: xcode-select --install"
  command -v brew >/dev/null && install_brew cmake
  command -v cmake >/dev/null || fail "CMake is missing. Install it, for example with Homebrew: brew install cmake"
else
  for tool in c++ make cmake git; do
    command -v "$tool" >/dev/null || fail "$tool is missing; install a C++ compiler, make, CMake, git and OpenBLAS (with headers)"
  done
fi

command -v node >/dev/null || fail "Node.js is missing; 20.17 or later is needed (https://nodejs.org)"
node -e 'const [major, minor] = process.versions.node.split(".").map(Number); process.exit(major > 20 || (major === 20 && minor >= 17) ? 0 : 1)' ||
  fail "Node.js $(node --version) is too old; 20.17 or later is needed"

# No install scripts: node-llama-cpp's would look for other binaries than the ones its packages bring.
if [ ! -d node_modules ] || [ package-lock.json -nt node_modules/.package-lock.json ]; then
  say "Installing npm packages"
  npm ci --ignore-scripts --no-audit --no-fund
fi

say "Building the native addon"
npm run --silent build:native
say "Building the TypeScript and the page"
npm run --silent build:ts

# npx runs a command from node_modules/.bin, where npm does not put the package's own.
chmod +x dist/cli/main.js
ln -sf ../../dist/cli/main.js node_modules/.bin/llmap-native
say "Ready: npx llmap-native run"
