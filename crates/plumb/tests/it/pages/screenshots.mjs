// Pictures of every view for the book: one window of each, and some in the dark as well.
// Refuses to judge how they look.
import { driven, opened } from "./browser.mjs";
import { addresses, visit } from "./walk.mjs";

const [base, folder] = process.argv.slice(2);
const DARK = ["home", "map", "finding"];

await driven(async (browser) => {
  const page = await opened(browser, base);
  const all = await addresses(page, base);
  const taken = new Set();
  for (const address of all) {
    const name = address.slice(1).split("?")[0] || "home";
    if (taken.has(name)) continue;
    taken.add(name);
    for (const scheme of DARK.includes(name) ? ["light", "dark"] : ["light"]) {
      await page.emulateMedia({ colorScheme: scheme });
      await visit(page, base + address);
      await page.screenshot({ path: `${folder}/${name}-${scheme}.png`, animations: "disabled" });
    }
  }
});
