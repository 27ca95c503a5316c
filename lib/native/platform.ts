/** Which platform this is, in the words of package managers: system, processor and C library. */

/** The C library of a Linux system; "none" elsewhere. */
export interface Platform {
  /** As Node names it, for example "linux-x64". */
  name: string;
  libc: "glibc" | "musl" | null;
  /** Version of glibc; null where the C library is another. */
  glibc: string | null;
}

/** The platforms that have a package with a prebuilt addon. */
export const prebuiltPlatforms = ["linux-x64", "linux-arm64", "darwin-arm64", "darwin-x64", "win32-x64"] as const;

/** The oldest glibc that llama.cpp runs on as node-llama-cpp ships it. */
export const glibcFloor = "2.34";

/** The platform of this process. */
export function thisPlatform(): Platform {
  const name = `${process.platform}-${process.arch}`;
  if (process.platform !== "linux") return { name, libc: null, glibc: null };
  // Without this the report looks up the names of open sockets, which can take seconds.
  Object.assign(process.report, { excludeNetwork: true });
  const { header } = process.report.getReport() as { header: { glibcVersionRuntime?: string } };
  const glibc = header.glibcVersionRuntime ?? null;
  return { name, libc: glibc === null ? "musl" : "glibc", glibc };
}

/** For example "linux-x64 (glibc 2.36)" or "linux-arm64 (musl)". */
export function describePlatform({ name, libc, glibc }: Platform): string {
  return libc === null ? name : `${name} (${glibc === null ? libc : `${libc} ${glibc}`})`;
}

/** Whether a glibc is older than {@link glibcFloor}. */
export function isBelowFloor(glibc: string): boolean {
  const [major = 0, minor = 0] = glibc.split(".").map(Number);
  const [floorMajor = 0, floorMinor = 0] = glibcFloor.split(".").map(Number);
  return major < floorMajor || (major === floorMajor && minor < floorMinor);
}
