import { graphql } from "msw";

export const handlers = [
  graphql.mutation("CancelOrder", (req, res, ctx) =>
    // As it was when an order was cancelled at once.
    res(ctx.data({ cancelOrder: { id: "o-1", done: "yes" } })),
  ),
];
