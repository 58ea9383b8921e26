import type { CodegenConfig } from "@graphql-codegen/cli";

const config: CodegenConfig = {
  schema: "../../../schema.graphql",
  documents: "src/*.ts",
  importExtension: ".js",
  generates: {
    "src/gql/": {
      preset: "client",
      presetConfig: { fragmentMasking: false },
      config: {
        documentMode: "string",
        strictScalars: true,
        useTypeImports: true,
        scalars: {
          ULID: "string",
          DateTime: "string",
          Long: "number",
          Mixed: "string | number | boolean | { [name: string]: string | number | boolean | null }",
          JSON: "{ [name: string]: unknown }",
        },
      },
    },
  },
};

export default config;
