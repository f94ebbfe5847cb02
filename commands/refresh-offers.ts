import { readFileSync, renameSync, writeFileSync } from "node:fs";
import { relative, resolve } from "node:path";
import { DescribeRegionsCommand, EC2Client } from "@aws-sdk/client-ec2";
import { Command, Option } from "commander";
import { calledAction } from "../cli/called-action";
import { CommandError } from "../cli/command-error";
import { run } from "../cli/run";
import { todayInUtc } from "../cli/warnings";
import { mergeOffers } from "../operations/offers/merge-offers";
import { offersText } from "../operations/offers/offers-text";
import { type RegionOffers, regionOffers } from "../operations/offers/region-offers";
import { knownRegions, partitionOf } from "../settings/account";

const FILE = resolve(__dirname, "..", "settings", "aws", "offers.json");
/** Each region takes some dozen calls. */
const AT_ONCE = 4;

/** The regions of the credentials' partition that are enabled in the account and that the project knows. */
async function enabledRegions(): Promise<string[]> {
  try {
    const { Regions = [] } = await new EC2Client({}).send(new DescribeRegionsCommand({}));
    return Regions.map(({ RegionName = "" }) => RegionName)
      .filter((region) => partitionOf(region) !== undefined)
      .sort();
  } catch (error) {
    throw new CommandError(
      `The regions cannot be listed: ${(error as Error).message}. Log in and set AWS_REGION. The command needs ec2:DescribeRegions.`,
    );
  }
}

/** Asks a few regions at a time, and prints the result of each. */
async function askAll(regions: readonly string[]): Promise<RegionOffers[]> {
  const waiting = [...regions];
  const found: RegionOffers[] = [];
  const ask = async () => {
    for (let region = waiting.shift(); region; region = waiting.shift()) {
      try {
        const offers = await regionOffers(region);
        found.push(offers);
        console.log(`${region}: ${offers.dbClasses.length} DB instance classes`);
      } catch (error) {
        if (calledAction(error) === undefined) {
          throw error;
        }
        console.error(`${region}: unchanged, because a call failed: ${(error as Error).message}`);
      }
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, ask));
  return found;
}

interface RefreshOptions {
  /** @default - every enabled region */
  readonly region?: readonly string[];
}

async function refreshOffers({ region }: RefreshOptions): Promise<number> {
  const regions = region ?? (await enabledRegions());
  const found = await askAll(regions);
  if (found.length === 0) {
    throw new CommandError(
      "No region answered, so nothing was written. The command needs rds:DescribeDBEngineVersions, rds:DescribeOrderableDBInstanceOptions, elasticache:DescribeCacheEngineVersions and elasticache:DescribeReservedCacheNodesOfferings.",
    );
  }
  const old = readFileSync(FILE, "utf8");
  const text = offersText(mergeOffers(JSON.parse(old), found, todayInUtc().slice(0, 7)));
  const temporary = `${FILE}.${process.pid}`;
  writeFileSync(temporary, text);
  renameSync(temporary, FILE);
  const file = relative(".", FILE);
  console.log(
    `Wrote ${file} from ${found.length} of ${regions.length} regions. To see what AWS changed: git diff ${file}`,
  );
  return found.length === regions.length ? 0 : 1;
}

const program = new Command("npm run refresh-offers --")
  .description(
    "Asks AWS in every enabled region which classes and versions it offers, and rewrites settings/aws/offers.json.",
  )
  .addOption(
    new Option("--region <region...>", "ask in these regions only; others keep their rows").choices(
      knownRegions(),
    ),
  )
  .addHelpText("after", "\nExit codes: 0; 1 when a region did not answer, and keeps its old row.")
  .action((options: RefreshOptions) => run(() => refreshOffers(options)));

program.parseAsync();
