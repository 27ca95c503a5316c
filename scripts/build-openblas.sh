#!/usr/bin/env bash
# Builds the static OpenBLAS that goes into releases: build/openblas, where build-native.mjs --release looks for it. It has the kernels of
# all processors, and LAPACK in C, so that no Fortran library is needed. For the release workflow: a clone needs none of this.
# Usage: bash scripts/build-openblas.sh    with OPENBLAS_TARBALL=FILE nothing is downloaded
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

version=0.3.29
sha256=38240eee1b29e2bde47ebb5d61160207dc68668a54cac62c076bb5032013b1eb
url="https://github.com/OpenMathLib/OpenBLAS/releases/download/v$version/OpenBLAS-$version.tar.gz"
prefix="$PWD/build/openblas"
threads=64 # as Debian's; our own threads call it, so it bounds how many computations have buffers set aside

fail() { printf 'build-openblas: %s\n' "$*" >&2; exit 1; }

[ "$(uname)" != Darwin ] || fail "macOS has Accelerate, which the addon uses there"
if [ -f "$prefix/version" ] && [ "$(cat "$prefix/version")" = "$version" ]; then
  echo "OpenBLAS $version is in $prefix"
  exit
fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
tarball=${OPENBLAS_TARBALL:-"$work/OpenBLAS.tar.gz"}
[ -f "$tarball" ] || curl --fail --silent --show-error --location --retry 3 --output "$tarball" "$url"
actual=$( (sha256sum "$tarball" 2>/dev/null || shasum -a 256 "$tarball") | cut -d' ' -f1)
[ "$actual" = "$sha256" ] || fail "$tarball has the sha256 $actual where $sha256 is expected"
tar -xzf "$tarball" -C "$work"
source="$work/OpenBLAS-$version"

rm -rf "$prefix"
case "$(uname -s)" in
  Linux)
    # TARGET is what the code outside of the kernels may use: the oldest processor of each kind.
    case "$(uname -m)" in
      x86_64) target=PRESCOTT ;;
      aarch64) target=ARMV8 ;;
      *) fail "no release is built for $(uname -m)" ;;
    esac
    options=(DYNAMIC_ARCH=1 "TARGET=$target" "NUM_THREADS=$threads" NOFORTRAN=1 NO_LAPACKE=1 NO_SHARED=1 NO_AFFINITY=1 USE_OPENMP=0)
    make -C "$source" -j"$(nproc)" "${options[@]}" libs netlib
    make -C "$source" "${options[@]}" "PREFIX=$prefix" install
    ;;
  MINGW* | MSYS* | CYGWIN*)
    # In a shell with Visual Studio's settings; clang-cl, as for the addon.
    cmake -S "$source" -B "$work/build" -G Ninja -DCMAKE_C_COMPILER=clang-cl -DCMAKE_BUILD_TYPE=Release -DCMAKE_INSTALL_PREFIX="$prefix" \
      -DDYNAMIC_ARCH=ON -DTARGET=PRESCOTT -DNUM_THREADS="$threads" -DNOFORTRAN=ON -DBUILD_WITHOUT_LAPACKE=ON -DBUILD_SHARED_LIBS=OFF \
      -DBUILD_TESTING=OFF -DUSE_OPENMP=OFF -DMSVC_STATIC_CRT=ON
    cmake --build "$work/build" --parallel
    cmake --install "$work/build"
    ;;
  *) fail "no release is built on $(uname -s)" ;;
esac
echo "$version" > "$prefix/version"
echo "Built OpenBLAS $version in $prefix"
