/** What an addon's binary says of itself, whatever platform it is for: read with readelf (Linux), otool and nm (macOS) or objdump (Windows). */
import { execFileSync } from "node:child_process";
import { closeSync, openSync, readSync, statSync } from "node:fs";

/** A file that is no binary of a known kind, or a tool that is missing; one line. */
export class BinaryError extends Error {}

/**
 * @typedef {object} BinaryFacts
 * @property {string} platform as Node names it, for example "linux-x64"
 * @property {number} bytes
 * @property {string[]} libraries shared libraries that it needs, as it names them
 * @property {string[]} exported names that other code can link to
 * @property {string[]} unresolved names that must be there when it is loaded and that no version of the C library is named for (Linux only)
 * @property {string | null} floor the oldest glibc or macOS that has all it needs; null where the binary does not say
 * @property {boolean} executableStack
 */

/** @returns {BinaryFacts} */
export function binaryFacts(file) {
  const platform = platformOf(file);
  const read = { linux: elfFacts, darwin: machOFacts, win32: peFacts }[platform.split("-", 1)[0]];
  return { platform, bytes: statSync(file).size, unresolved: [], floor: null, executableStack: false, ...read(file) };
}

/** By the first bytes of the file. */
export function platformOf(file) {
  const head = Buffer.alloc(1024);
  const handle = openSync(file, "r");
  const length = readSync(handle, head, 0, head.length, 0);
  closeSync(handle);
  const found = length < 64 ? undefined : elfPlatform(head) ?? machOPlatform(head) ?? pePlatform(head);
  if (found === undefined) throw new BinaryError(`${file} is no binary of a known platform: expected 64-bit ELF, Mach-O or PE for x64 or arm64.`);
  return found;
}

function elfPlatform(head) {
  if (head.readUInt32BE(0) !== 0x7f454c46 || head[4] !== 2) return undefined;
  return { 0x3e: "linux-x64", 0xb7: "linux-arm64" }[head.readUInt16LE(18)];
}

function machOPlatform(head) {
  if (head.readUInt32LE(0) !== 0xfeedfacf) return undefined;
  return { 0x01000007: "darwin-x64", 0x0100000c: "darwin-arm64" }[head.readUInt32LE(4)];
}

function pePlatform(head) {
  if (head.toString("latin1", 0, 2) !== "MZ") return undefined;
  const header = head.readUInt32LE(60);
  if (header > head.length - 6 || head.toString("latin1", header, header + 4) !== "PE\0\0") return undefined;
  return { 0x8664: "win32-x64", 0xaa64: "win32-arm64" }[head.readUInt16LE(header + 4)];
}

function tool(name, args) {
  try {
    return execFileSync(name, args, { encoding: "utf8", maxBuffer: 1 << 28, stdio: ["ignore", "pipe", "pipe"], env: { ...process.env, LC_ALL: "C" } });
  } catch (error) {
    const suite = /^(otool|nm)$/.test(name) ? "Apple's command line tools" : "GNU binutils";
    if (error.code === "ENOENT") throw new BinaryError(`${name} is missing, which reads binaries of this kind; it is a part of ${suite}.`);
    throw new BinaryError(`${name} cannot read ${args.at(-1)}: ${error.stderr?.trim() || error.message}`);
  }
}

function elfFacts(file) {
  const libraries = [...tool("readelf", ["-W", "-d", file]).matchAll(/\(NEEDED\).*\[(.*)\]/g)].map(([, name]) => name);
  const symbols = tool("readelf", ["-W", "--dyn-syms", file])
    .split("\n")
    .map((line) => line.trim().split(/\s+/))
    .filter((fields) => fields.length >= 8 && /^\d+:$/.test(fields[0]))
    .map(([, , , , binding, , section, name]) => ({ binding, section, name }));
  const exported = symbols.filter(({ binding, section }) => section !== "UND" && binding !== "LOCAL").map(({ name }) => name.split("@", 1)[0]);
  const wanted = symbols.filter(({ section }) => section === "UND");
  const versions = wanted.flatMap(({ name }) => /@GLIBC_([\d.]+)/.exec(name)?.[1] ?? []).sort(compareVersions);
  const unresolved = wanted.filter(({ binding, name }) => binding === "GLOBAL" && !name.includes("@")).map(({ name }) => name);
  const executableStack = /GNU_STACK.*\bRWE\b/.test(tool("readelf", ["-W", "-l", file]));
  return { libraries, exported, unresolved, floor: versions.at(-1) ?? null, executableStack };
}

function machOFacts(file) {
  const libraries = [...tool("otool", ["-L", file]).matchAll(/^\t(.*) \(compatibility/gm)].map(([, name]) => name).filter((name) => !name.endsWith("/llmap.node"));
  const exported = [...tool("nm", ["-gU", file]).matchAll(/ [A-Z] _(\S+)$/gm)].map(([, name]) => name);
  const floor = /\bminos ([\d.]+)/.exec(tool("otool", ["-l", file]))?.[1] ?? null;
  return { libraries, exported, floor };
}

function peFacts(file) {
  const text = tool("objdump", ["-p", file]);
  const libraries = [...text.matchAll(/DLL Name: (\S+)/g)].map(([, name]) => name);
  const table = text.split("[Ordinal/Name Pointer] Table")[1] ?? "";
  const exported = [...table.matchAll(/^\s*\[\s*\d+\](?: \+base\[\s*\d+\]\s+[0-9a-f]+)? (\S+)$/gm)].map(([, name]) => name);
  return { libraries, exported };
}

/** Order of version numbers such as 2.4 and 2.28. */
export function compareVersions(one, other) {
  const [a, b] = [one, other].map((version) => version.split(".").map(Number));
  for (let i = 0; i < Math.max(a.length, b.length); i++) {
    const difference = (a[i] ?? 0) - (b[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
