import { writeFileSync } from "node:fs";
import { Command } from "commander";
import { environmentJsonSchema } from "../settings/json-schema";
import { run } from "./run";

const FILE = "environment.schema.json";

const program = new Command("npm run schema")
  .description(`Writes ${FILE}, with which editors complete and check settings in JSON.`)
  .addHelpText("after", "\nExit code: 0.")
  .action(() =>
    run(() => {
      writeFileSync(FILE, `${JSON.stringify(environmentJsonSchema(), null, 2)}\n`);
      console.log(`Wrote ${FILE}.`);
      return 0;
    }),
  );

program.parseAsync();
