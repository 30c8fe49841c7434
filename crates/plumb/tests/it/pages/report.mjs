// The file of `plumb report`, from a disk: it asks nobody for anything, and its links lead somewhere.
// Refuses to look at what is in it.
import { driven, everywhere, expect, opened } from "./browser.mjs";

const [file] = process.argv.slice(2);

await driven(async (browser) => {
  const page = await opened(browser, file);
  const asked = [];
  page.on("request", (request) => asked.push(request.url()));
  await page.goto(file);
  expect(asked.length === 1, file, `asks for ${asked}`);
  const links = await page.evaluate(() => {
    const ids = [...document.querySelectorAll("[id]")].map((one) => one.id);
    const hrefs = [...document.links].map((link) => link.getAttribute("href"));
    const inner = hrefs.filter((href) => href.startsWith("#"));
    return {
      twice: ids.filter((id, at) => ids.indexOf(id) !== at),
      outside: hrefs.filter((href) => !href.startsWith("#")),
      lost: inner.filter((href) => !document.getElementById(decodeURIComponent(href.slice(1)))),
      inner: inner.length,
      scripts: document.scripts.length,
    };
  });
  expect(links.inner > 20, file, `only ${links.inner} links`);
  expect(!links.scripts, file, "holds scripts");
  for (const kind of ["twice", "outside", "lost"]) {
    expect(!links[kind].length, file, `${kind}: ${[...new Set(links[kind])]}`);
  }
  await everywhere(page, "the report");
});
