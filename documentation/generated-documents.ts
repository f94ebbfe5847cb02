import { environmentJsonSchema } from "../settings/json-schema";
import { alarmList } from "./alarm-list";
import { settingsReference } from "./settings-reference";

/** Every generated document, by its path in the project. A test checks that the committed files are current. */
export function generatedDocuments(): Readonly<Record<string, string>> {
  return {
    "docs/settings.md": settingsReference(),
    "docs/alarms.md": alarmList(),
    "environment.schema.json": `${JSON.stringify(environmentJsonSchema(), null, 2)}\n`,
  };
}
