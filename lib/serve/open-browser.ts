/** The user's own browser. */
import { spawn } from "node:child_process";

/** Asks the desktop to show a link. Where there is none, or it says no, nothing happens: the link is printed as well. */
export function openBrowser(url: string): void {
  const command = commandFor(url);
  if (command === null) return;
  const [program, ...args] = command;
  const child = spawn(program, args, { stdio: "ignore", detached: true });
  child.on("error", () => undefined);
  child.unref();
}

function commandFor(url: string): [string, ...string[]] | null {
  if (process.platform === "darwin") return ["open", url];
  // Not `start`, which is cmd.exe's, and would read & and ^ in the link.
  if (process.platform === "win32") return ["rundll32", "url.dll,FileProtocolHandler", url];
  const hasDesktop = [process.env["DISPLAY"], process.env["WAYLAND_DISPLAY"], process.env["WSL_DISTRO_NAME"]].some((value) => value !== undefined && value !== "");
  return hasDesktop ? ["xdg-open", url] : null;
}
