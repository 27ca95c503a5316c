/** The platforms that have prebuilt packages, named as Node names them, and where their addons lie. Used by the scripts beside it. */
import { join } from "node:path";

/** `os`, `cpu` and `libc` as in package.json, by which package managers choose. */
export const platforms = [
  { name: "linux-x64", os: "linux", cpu: "x64", libc: "glibc" },
  { name: "linux-arm64", os: "linux", cpu: "arm64", libc: "glibc" },
  { name: "darwin-arm64", os: "darwin", cpu: "arm64" },
  { name: "darwin-x64", os: "darwin", cpu: "x64" },
  { name: "win32-x64", os: "win32", cpu: "x64" },
];

export const thisPlatform = `${process.platform}-${process.arch}`;

/** The oldest macOS that Accelerate's present LAPACK interface works on. */
export const macosFloor = "13.3";

export const packageName = (platform) => `@llmap-native/${platform}`;

/** Where `build-native.mjs --release` puts an addon, and where packing takes it from; relative to the clone. */
export const prebuiltAddon = (platform) => join("build", "prebuilt", platform, "llmap.node");
