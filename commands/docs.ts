import { writeFileSync } from "node:fs";
import { Command } from "commander";
import { run } from "../cli/run";
import { generatedDocuments } from "../documentation/generated-documents";

const program = new Command("npm run docs")
  .description("Writes the documents that are generated from the schema and the stacks.")
  .addHelpText("after", "\nExit code: 0.")
  .action(() =>
    run(() => {
      for (const [file, text] of Object.entries(generatedDocuments())) {
        writeFileSync(file, text);
        console.log(`Wrote ${file}.`);
      }
      return 0;
    }),
  );

program.parseAsync();
