import { graphql, HttpResponse } from "msw";

export const handlers = [
  graphql.query("GetOrder", () =>
    HttpResponse.json({
      data: {
        order: {
          id: "o-1",
          status: "PAID",
          total: 19.5,
          note: null,
          lines: [{ sku: "desk", count: 1 }, { sku: "lamp", count: 2 }],
        },
      },
    }),
  ),
];
