import eslint from "@eslint/js";
import tseslint from "typescript-eslint";

/** The rooms of lib in the way of the data (docs/architecture.md): each imports from those before it only. */
const rooms = ["native", "files", "texts", "models", "scoring", "store", "matrix", "map", "report", "formats", "run", "cluster", "queue", "serve", "cli"];
/** Beside the way: formats goes from the store to files of other programs. */
const aside = { formats: ["matrix", "map", "report"] };

const oneWay = rooms.map((room, place) => {
  const forbidden = [...rooms.slice(place + 1), ...(aside[room] ?? [])];
  const message = `lib/${room} imports from rooms to its left only: docs/architecture.md.`;
  return {
    files: [`lib/${room}/**/*.ts`],
    rules: forbidden.length === 0 ? {} : { "no-restricted-imports": ["error", { patterns: [{ regex: `^(\\.\\./)+(${forbidden.join("|")})/`, message }] }] },
  };
});

export default tseslint.config(
  { ignores: ["dist/", "build/", "node_modules/", "bench/node_modules/", "llmap-out/", "coverage/", "scripts/install-test/"] },
  eslint.configs.recommended,
  {
    files: ["**/*.ts"],
    extends: [...tseslint.configs.strictTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true, allowBoolean: true }],
      "@typescript-eslint/no-confusing-void-expression": ["error", { ignoreArrowShorthand: true }],
      "@typescript-eslint/switch-exhaustiveness-check": "error",
      eqeqeq: ["error", "always"],
    },
  },
  ...oneWay,
  {
    files: ["**/*.mjs"],
    languageOptions: { globals: { process: "readonly", AbortController: "readonly", console: "readonly", URL: "readonly", Buffer: "readonly", performance: "readonly" } },
  },
);
