/** Failures of a build that are worth one line: what is missing and the command that installs it. Used by the scripts beside it. */

/** Shown as one line on stderr, without a stack. */
export class BuildFailure extends Error {}

const installHint = {
  "a C++ compiler": ["sudo apt-get install -y g++", "xcode-select --install"],
  CMake: ["sudo apt-get install -y cmake", "brew install cmake"],
  git: ["sudo apt-get install -y git", "xcode-select --install"],
  make: ["sudo apt-get install -y make", "xcode-select --install"],
  OpenBLAS: ["sudo apt-get install -y libopenblas-dev", "brew install openblas"],
};

/** What CMake and cmake-js print where a tool is missing. */
const signsOfMissing = [
  [/C\+\+ Compiler toolset is not available|No CMAKE_CX?X?_COMPILER could be found/i, "a C++ compiler"],
  [/CMake executable is not found|CMake is not installed/i, "CMake"],
  [/CMAKE_MAKE_PROGRAM is not set|unable to find a build program/i, "make"],
  [/Missing: OpenBLAS/, "OpenBLAS"],
];

/** @param tool one of the tools above */
export function missing(tool) {
  const [apt, brew] = installHint[tool];
  return new BuildFailure(`${tool} is missing. Install it with: ${process.platform === "darwin" ? brew : apt}`);
}

/** The missing tool that the output of a failed command tells of, as a failure; null where it tells of none. */
export function missingIn(output) {
  const found = signsOfMissing.find(([sign]) => sign.test(output));
  return found === undefined ? null : missing(found[1]);
}
