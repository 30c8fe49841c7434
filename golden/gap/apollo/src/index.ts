export * from "./generated";
export * from "./queries";
