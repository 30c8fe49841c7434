import { graphql, HttpResponse } from "msw";

export const handlers = [
  graphql.query("GetOrder", () =>
    HttpResponse.json({ data: { order: { id: "o-1", total: "19.50", note: "by hand" } } }),
  ),
];
