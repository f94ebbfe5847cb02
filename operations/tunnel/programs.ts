import execa from "execa";
import { CommandError } from "../../cli/command-error";

/** The programs for a session of AWS Systems Manager: the AWS CLI starts it, and its plugin forwards. */
const PROGRAMS = [
  {
    name: "aws",
    what: "the AWS CLI",
    link: "https://docs.aws.amazon.com/cli/latest/userguide/getting-started-install.html",
  },
  {
    name: "session-manager-plugin",
    what: "the Session Manager plugin of the AWS CLI",
    link: "https://docs.aws.amazon.com/systems-manager/latest/userguide/session-manager-working-with-install-plugin.html",
  },
] as const;

/** @throws CommandError that names every program that is missing, and where to get it. */
export async function checkPrograms(): Promise<void> {
  const missing = await Promise.all(
    PROGRAMS.map(async ({ name, what, link }) => {
      const { failed } = await execa(name, ["--version"], { reject: false, stdin: "ignore" });
      return failed ? [`\`${name}\` (${what}) was not found. Install it: ${link}`] : [];
    }),
  );
  if (missing.flat().length > 0) {
    throw new CommandError(missing.flat().join("\n"));
  }
}
