// Lets Node read the pages' modules where they stand: `$/public/…` is assets/, `$/…` and packages are the build's.
import { registerHooks } from "node:module";
import { pathToFileURL } from "node:url";
import path from "node:path";

const project = path.resolve(import.meta.dirname, "../..");
const file = (...parts) => pathToFileURL(path.join(project, ...parts)).href;

registerHooks({
  resolve(specifier, context, next) {
    if (specifier.startsWith("$/public/")) {
      const [name, asked] = specifier.slice(9).split("?");
      // a tab that is called so has its own who-is-here as well
      const query = asked ?? (name === "presence" ? /\?(tab\d+)$/.exec(context.parentURL)?.[1] : undefined);
      return next(file("assets", `${name}.js`) + (query ? `?${query}` : ""), context);
    }
    if (specifier.startsWith("$/")) return next(file(".web", `${specifier.slice(2)}.js`), context);
    if (!/^[./]|^node:|^file:/.test(specifier)) return next(specifier, { ...context, parentURL: file(".web", "package.json") });
    return next(specifier, context);
  },
  load(url, context, next) {
    const ours = url.startsWith(file("assets")) || url.startsWith(file(".web", "utils"));
    return next(url, ours ? { ...context, format: "module" } : context);
  },
});
