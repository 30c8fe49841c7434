// Pages in a browser that runs no script: every table is there, and the filter works.
// Refuses to look at what is in the tables.
import { driven, expect, opened } from "./browser.mjs";
import { addresses, visit } from "./walk.mjs";

const [base] = process.argv.slice(2);

// Rows by table; those that a chart adds by itself do not count.
function tables(page) {
  return page.locator("main table:not(.u-legend)").evaluateAll((tables) =>
    tables.map((table) => `${table.caption?.textContent} ${table.rows.length}`));
}

await driven(async (browser) => {
  const page = await opened(browser, base);
  const plain = await opened(browser, base, { javaScriptEnabled: false });
  for (const address of await addresses(page, base)) {
    await visit(page, base + address);
    await plain.goto(base + address);
    const [all, there] = [await tables(page), await tables(plain)];
    expect(String(all) === String(there), address, `${there} instead of ${all}`);
    const isTold = there.length || (await plain.locator("main ol, main pre").count());
    expect(isTold, address, "holds nothing");
  }
  await plain.goto(`${base}/findings`);
  await plain.locator("#q").fill("verdict:broken");
  await plain.keyboard.press("Enter");
  await plain.waitForURL(`${base}/findings?q=verdict%3Abroken`);
  const words = await plain.locator("main tbody .verdict").allTextContents();
  const isRight = words.length && words.every((word) => word.includes("broken"));
  expect(isRight, plain.url(), `the filter shows ${words}`);
  const fix = await plain.locator("main tbody a").first().getAttribute("href");
  await plain.goto(base + fix);
  await plain.getByRole("link", { name: "Work out the fix" }).click();
  await plain.waitForURL((url) => url.pathname === "/mending");
});
