export default {
  personalize: {
    input: "./moengage-personalize.yaml",
    output: {
      target: "personalize.ts",
      client: "fetch",
      baseUrl: { runtime: "process.env.MOENGAGE_BASE_URL" },
    },
  },
};
