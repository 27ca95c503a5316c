/** The template of the packages that hold one platform's addon. Used by pack-all.mjs and install-test.mjs. */
import { packageName } from "./platforms.mjs";

/** What is linked in, by system: its licence (SPDX) and the file that holds the text. Accelerate belongs to macOS itself. */
const openblas = [
  { name: "OpenBLAS", licence: "BSD-3-Clause AND BSD-2-Clause-Views", file: "native/licenses/OpenBLAS.txt" },
  { name: "LAPACK", licence: "BSD-3-Clause-Open-MPI", file: "native/licenses/LAPACK.txt" },
];
const gccRuntime = { name: "GCC run-time libraries", licence: "GPL-3.0-or-later WITH GCC-exception-3.1", file: "native/licenses/GCC-runtime.txt" };
const nodeAddonApi = { name: "node-addon-api", licence: "MIT", file: "node_modules/node-addon-api/LICENSE.md" };
const cmakeJs = { name: "cmake-js", licence: "MIT", file: "node_modules/cmake-js/LICENSE" };
const linkedIn = { linux: [nodeAddonApi, ...openblas, gccRuntime], darwin: [nodeAddonApi], win32: [nodeAddonApi, cmakeJs, ...openblas] };

/** @returns {{name: string, licence: string, file: string}[]} what is in the addon of a platform besides our own code; files relative to the clone */
export const componentsOf = (platform) => linkedIn[platform.os];

/**
 * The package.json of a platform's package.
 * @param main the main package's
 * @param platform one of platforms.mjs
 * @param floor the oldest glibc or macOS that its addon works with; null: none is known
 */
export function platformManifest(main, platform, floor) {
  const licences = new Set(["MIT", ...componentsOf(platform).map(({ licence }) => licence)]);
  return {
    name: packageName(platform.name),
    version: main.version,
    description: `The native addon of ${main.name} for ${platform.name}`,
    license: [...licences].join(" AND "),
    ...(main.homepage === undefined ? {} : { homepage: main.homepage }),
    ...(main.repository === undefined ? {} : { repository: main.repository }),
    engines: main.engines,
    os: [platform.os],
    cpu: [platform.cpu],
    ...(platform.libc === undefined ? {} : { libc: [platform.libc] }),
    type: "commonjs",
    main: "llmap.node",
    files: ["llmap.node", "LICENSES"],
    // Yarn's Plug'n'Play leaves packages zipped, where no library can be loaded from.
    preferUnplugged: true,
    ...(floor === null ? {} : { floor: { [platform.libc ?? "macos"]: floor } }),
  };
}

/** The README of a platform's package. */
export function platformReadme(main, platform, floor) {
  const system = platform.libc ?? "macOS";
  const components = componentsOf(platform).map(({ name, licence }) => `- ${name} (${licence})\n`);
  return `# ${packageName(platform.name)}

The native addon of ${main.name} for ${platform.name}. Do not install it by itself: that package brings it along
as an optional dependency where it fits.
${floor === null ? "" : `\nIt needs ${system} ${floor} or later.\n`}
MIT licence. Inside are, with their texts in LICENSES:

${components.join("")}`;
}
