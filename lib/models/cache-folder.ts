/** Where llmap-native keeps what it can make or fetch again. */
import { homedir } from "node:os";
import { join } from "node:path";

/** LLMAP_CACHE_DIR, or the folder for caches of this user and platform. It need not exist. */
export function cacheFolder(): string {
  const { LLMAP_CACHE_DIR, LOCALAPPDATA, XDG_CACHE_HOME } = process.env;
  if (LLMAP_CACHE_DIR) return LLMAP_CACHE_DIR;
  const caches = {
    win32: LOCALAPPDATA || join(homedir(), "AppData", "Local"),
    darwin: join(homedir(), "Library", "Caches"),
    other: XDG_CACHE_HOME || join(homedir(), ".cache"),
  };
  const platform = process.platform === "win32" || process.platform === "darwin" ? process.platform : "other";
  return join(caches[platform], "llmap-native");
}
