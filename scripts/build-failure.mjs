/** Failures of a build that are worth one line: what is missing and the command that installs it. Used by the scripts beside it. */

/** Shown as one line on stderr, without a stack. */
export class BuildFailure extends Error {}

const installHint = {
  "a C++ compiler": { linux: "sudo apt-get install -y g++", darwin: "xcode-select --install", win32: "winget install Microsoft.VisualStudio.2022.BuildTools" },
  CMake: { linux: "sudo apt-get install -y cmake", darwin: "brew install cmake", win32: "winget install Kitware.CMake" },
  git: { linux: "sudo apt-get install -y git", darwin: "xcode-select --install", win32: "winget install Git.Git" },
  make: { linux: "sudo apt-get install -y make", darwin: "xcode-select --install", win32: "winget install Microsoft.VisualStudio.2022.BuildTools" },
  "clang-cl": { win32: "the Visual Studio Installer: C++ Clang tools for Windows" },
  OpenBLAS: { linux: "sudo apt-get install -y libopenblas-dev", darwin: "brew install openblas", win32: "bash scripts/build-openblas.sh" },
};

/** What CMake and cmake-js print where a tool is missing. */
const signsOfMissing = [
  [/C\+\+ Compiler toolset is not available|No CMAKE_CX?X?_COMPILER could be found/i, "a C++ compiler"],
  [/CMake executable is not found|CMake is not installed/i, "CMake"],
  [/CMAKE_MAKE_PROGRAM is not set|unable to find a build program/i, "make"],
  [/Missing: OpenBLAS/, "OpenBLAS"],
  [/Missing: clang-cl/, "clang-cl"],
];

/** @param tool one of the tools above */
export function missing(tool) {
  const hints = installHint[tool];
  return new BuildFailure(`${tool} is missing. Install it with: ${hints[process.platform] ?? hints.linux}`);
}

/** The missing tool that the output of a failed command tells of, as a failure; null where it tells of none. */
export function missingIn(output) {
  const found = signsOfMissing.find(([sign]) => sign.test(output));
  return found === undefined ? null : missing(found[1]);
}
