/* Builds the page's one script, and the widget's. `node build.mjs [FOLDER]`; the package by default. */
import { build } from "esbuild";
import { fileURLToPath } from "node:url";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const folder = process.argv[2] ?? here("../src/linemap/maps/assets");

for (const [source, name, format] of [
  ["view/main.js", "page.js", "iife"],
  ["view/explorer.js", "explorer.js", "esm"],
]) {
  await build({
    entryPoints: [here(source)],
    outfile: `${folder}/${name}`,
    bundle: true,
    minify: true,
    format,
    target: "es2021",
    charset: "ascii",
    legalComments: "none",
    logLevel: "warning",
  });
}
