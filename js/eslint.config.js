import js from "@eslint/js";
import globals from "globals";

export default [
  { ignores: ["node_modules"] },
  js.configs.recommended,
  {
    rules: {
      eqeqeq: "error",
      "no-var": "error",
      "prefer-const": "error",
      "no-implied-eval": "error",
      "no-eval": "error",
      "no-new-func": "error",
      "no-restricted-properties": [
        "error",
        ...["innerHTML", "outerHTML", "insertAdjacentHTML"].map((property) => ({
          property,
          message: "Texts enter the page by textContent only.",
        })),
      ],
    },
  },
  {
    files: ["core/**"],
    languageOptions: { globals: { atob: "readonly", URLSearchParams: "readonly" } },
  },
  { files: ["view/**"], languageOptions: { globals: { ...globals.browser, L: "readonly" } } },
  { files: ["test/**", "*.mjs"], languageOptions: { globals: globals.node } },
];
