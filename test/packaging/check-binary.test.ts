import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { packageRoot } from "../../lib/package-root.js";
import { temporaryFolder } from "../helpers/temporary-folder.js";

/** Strings that make a file look like an addon with OpenBLAS and the kernels of many processors inside. */
const openblas = 'extern "C" const char* openblas() { return "OpenBLAS 0.3.29 DYNAMIC_ARCH"; } extern "C" const char* cores() { return "Nehalem Haswell armv8 neoversen1"; }';
const hidden = '__attribute__((visibility("hidden"))) ';
const entry = 'extern "C" void napi_register_module_v1() {}';
const plain = `${entry} ${openblas.replaceAll('extern "C"', `extern "C" ${hidden}`)}`;

/** A shared library from C++ text. */
function build(source: string, options: string[] = [], name = "llmap.node"): string {
  const folder = temporaryFolder();
  writeFileSync(join(folder, "source.cpp"), source);
  execFileSync("c++", ["-shared", "-fPIC", "-nostdlib", "-o", join(folder, name), join(folder, "source.cpp"), ...options]);
  return join(folder, name);
}

/** Exit code and what it says. */
function check(file: string, ...options: string[]): { code: number | null; errors: string } {
  const { status, stderr } = spawnSync(process.execPath, [join(packageRoot, "scripts", "check-binary.mjs"), file, ...options], { encoding: "utf8" });
  return { code: status, errors: stderr };
}

function expectFault(file: string, fault: string | RegExp, ...options: string[]): void {
  const { code, errors } = check(file, ...options);
  expect(errors).toMatch(fault);
  expect(errors).not.toMatch(/^\s+at /m);
  expect(code).toBe(1);
}

describe.skipIf(process.platform !== "linux")("check-binary", () => {
  test("finds a shared library that not every machine has", () => {
    const stray = build('extern "C" void stray() {}', ["-Wl,-soname,libstray.so.1"], "libstray.so");
    expectFault(build(`extern "C" void stray(); ${plain} ${hidden}void call() { stray(); }`, [stray]), "it needs libstray.so.1, which not every machine has");
  });

  test("finds exported BLAS", () => {
    expectFault(build(`${plain} extern "C" void cblas_dgemm() {} extern "C" void dsyrk_() {}`), /it exports (cblas_dgemm, dsyrk_|dsyrk_, cblas_dgemm), which/);
  });

  test("finds a function that nothing provides", () => {
    expectFault(build(`extern "C" void dgemm_(); ${plain} ${hidden}void call() { dgemm_(); }`), "nothing provides dgemm_");
  });

  test("holds the newest glibc that may be needed", () => {
    const file = build(`extern "C" int pthread_setname_np(unsigned long, const char*); ${plain} ${hidden}int call() { return pthread_setname_np(0, ""); }`, ["-lc"]);
    expectFault(file, /it needs glibc 2\.\d+, and 2\.2 is the newest that it may need/, "--glibc", "2.2");
    expect(check(file, "--glibc", "9.9").errors).not.toContain("it needs glibc");
  });

  test("finds an OpenBLAS of one processor, or none", () => {
    expectFault(build(entry), "it has no OpenBLAS inside");
    expectFault(build(`${entry} ${hidden}const char* config() { return "OpenBLAS 0.3.29 Haswell"; }`), "has the kernels of one processor only");
    expectFault(build(`${entry} ${hidden}const char* config() { return "OpenBLAS DYNAMIC_ARCH"; }`), "its OpenBLAS has no kernels for ");
  });

  test("asks the addon itself, so that strings are not enough", () => {
    expectFault(build(plain), "it cannot be loaded: ");
  });

  test("finds an executable stack, a file that is too large, and one that is no addon", () => {
    expectFault(build(plain, ["-z", "execstack"]), "it asks for an executable stack");
    expectFault(build(plain), /it has 0\.0 MiB, and 0\.0 is the limit/, "--max-mib", "0.001");
    expectFault(build(plain.replace("napi_register", "other")), "it does not export napi_register_module_v1");
  });

  test("refuses the addon that was built for this machine alone", () => {
    expectFault(join(packageRoot, "build", "Release", "llmap.node"), "libopenblas.so.0");
  });

  const release = join(packageRoot, "build", "prebuilt", `${process.platform}-${process.arch}`, "llmap.node");
  test.skipIf(!existsSync(release))("passes the one that was built for release", () => {
    expect(check(release)).toEqual({ code: 0, errors: "" });
  });
});

test("check-binary says in one line what is wrong with its arguments", () => {
  expectFault(join(packageRoot, "package.json"), /^check-binary: .*package\.json is no binary of a known platform[^\n]*\n$/);
  expectFault("missing.node", /^check-binary: There is no file missing\.node\.\n$/);
  expectFault("missing.node", /Unknown option '--glib'/, "--glib", "2.28");
  expectFault(join(packageRoot, "package.json"), "Expected a version such as 2.28", "--glibc", "new");
});
