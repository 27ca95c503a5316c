/** The result of a command that answers a question. */

/**
 * With `--json` one object on a line, `event` being the name of the command, after the lines of its events; otherwise lines for people.
 * @param result what the API function resolved with
 */
export function printResult(json: boolean, command: string, result: object, lines: () => readonly string[]): void {
  if (json) console.log(JSON.stringify({ event: command, ...result }));
  else for (const line of lines()) console.log(line);
}
