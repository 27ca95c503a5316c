/** Commands that serve a page: their link, and a folder that several tests share. */
import type { ChildProcess } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { CliResult } from "./cli.js";

/** The link that a command prints. */
export function linkOf({ child, result }: { child: ChildProcess; result: Promise<CliResult> }): Promise<string> {
  return new Promise((resolve, reject) => {
    let printed = "";
    child.stdout?.on("data", (text: string) => {
      printed += text;
      const [link] = /http:\/\/[^\s"]+\//.exec(printed) ?? [];
      if (link !== undefined) resolve(link);
    });
    void result.then(({ stderr }) => reject(new Error(`The command ended before it printed a link: ${stderr}`)));
  });
}

/** A folder for all tests of a file. */
export function sharedFolder(): { path: string; remove: () => void } {
  const path = mkdtempSync(join(tmpdir(), "llmap-native-test-"));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}
