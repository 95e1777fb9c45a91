/* Builds the page's one script. `node build.mjs [FILE]`; the file of the package by default. */
import { build } from "esbuild";
import { fileURLToPath } from "node:url";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));

await build({
  entryPoints: [here("view/main.js")],
  outfile: process.argv[2] ?? here("../src/linemap/maps/assets/page.js"),
  bundle: true,
  minify: true,
  format: "iife",
  target: "es2021",
  charset: "ascii",
  legalComments: "none",
  logLevel: "warning",
});
