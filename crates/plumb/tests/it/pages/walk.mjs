// The way through all views, by the links that they have. Refuses to know what is on them.

// The addresses in the menu.
export function menu(page) {
  return page.locator("nav.menu a").evaluateAll((links) =>
    links.map((link) => link.getAttribute("href")));
}

// The first link in the main part that leads to this path, if there is one.
export async function first(page, path) {
  const links = page.locator(`main a[href^="${path}"]`);
  return (await links.count()) ? links.first().getAttribute("href") : null;
}

// Opens a view and waits until what it fetches by itself is there.
export async function visit(page, address) {
  const answer = await page.goto(address);
  await page.waitForFunction(() => {
    const fix = document.getElementById("fix");
    const chart = document.querySelector(".chart[data-source]");
    return (!fix || fix.querySelector("#mending")) && (!chart || chart.querySelector("canvas"));
  });
  return answer;
}

// Every address that there is of its own kind, from the menu on.
export async function addresses(page, base) {
  await visit(page, base);
  const all = await menu(page);
  const near = [["/seams", "/seam?"], ["/findings", "/finding?"], ["/map", "/map?focus="]];
  for (const [list, path] of near) {
    await visit(page, base + list);
    const found = await first(page, path);
    if (found) all.push(found);
    if (found?.startsWith("/finding?")) all.push(found.replace("/finding?", "/mending?"));
  }
  return all;
}
