// Every view, in both schemes and both widths. With `empty` none may hold anything, else all must.
import { accessible, driven, everywhere, expect, opened } from "./browser.mjs";
import { addresses, visit } from "./walk.mjs";

const [base, kind] = process.argv.slice(2);
const isEmpty = kind === "empty";
// What is there without any evidence: the wiring, and that the server was started.
const NEVER_EMPTY = ["/audit", "/doctor"];
const FULL = 18;
const MENU = 14;

await driven(async (browser) => {
  const page = await opened(browser, base, { taken: [404] });
  const all = await addresses(page, base);
  expect(all.length === (isEmpty ? MENU : FULL), base, `${all.length} views: ${all.join(" ")}`);
  for (const address of all) {
    await visit(page, base + address);
    const holds = await page.locator("main .empty").count();
    if (!NEVER_EMPTY.includes(address)) {
      expect(!!holds === isEmpty, address, isEmpty ? "is not empty" : "is empty");
    }
    await everywhere(page, address);
  }
  const odd = ["/seams?q=colour:red", "/seams?q=reader:nobody", "/finding?key=none", "/seam?writer=x",
    "/seams?order=age&page=9", "/map?focus=nobody&hops=3", "/nowhere"];
  for (const address of odd) {
    await visit(page, base + address);
    await accessible(page, address);
  }
});
